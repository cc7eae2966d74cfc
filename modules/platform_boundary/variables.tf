variable "name" {
  description = "Prefix of the platform's names, {organisation}-{environment}-platform."
  type        = string
}

variable "environment" {
  description = "Environment, the value of the tag env of clusters."
  type        = string
}

variable "environment_prefix" {
  description = "Prefix of every name in the environment, {organisation}-{environment}."
  type        = string
}

variable "account_id" {
  description = "Account of the environment."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id has twelve digits."
  }
}

variable "region" {
  description = "Region of the environment."
  type        = string
}

variable "parameter_prefix" {
  description = "Prefix of the SSM parameters that the platform publishes."
  type        = string
}
