variable "name" {
  description = "Prefix of every name, {organisation}-{environment}-platform."
  type        = string
}

variable "environment" {
  description = "Environment, the value of the tag env of clusters that notebooks may use."
  type        = string
}

variable "account_id" {
  description = "Account of the studio."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id has twelve digits."
  }
}

variable "region" {
  description = "Region of the studio."
  type        = string
}

variable "vpc_id" {
  description = "VPC of the clusters."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets of workspaces."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) > 0
    error_message = "A studio needs a subnet."
  }
}

variable "artifacts_bucket" {
  description = "Bucket that keeps notebooks, below notebooks/."
  type        = string
}

variable "permissions_boundary_arn" {
  description = "Boundary of every role that is made here."
  type        = string
}

variable "kms_key_arn" {
  description = "Key that encrypts notebooks."
  type        = string
}
