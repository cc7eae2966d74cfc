variable "name" {
  description = "Prefix of every name, {organisation}-{environment}-platform."
  type        = string
}

variable "environment_prefix" {
  description = "Prefix of every tenant's names, {organisation}-{environment}."
  type        = string
}

variable "account_id" {
  description = "Account of the environment."
  type        = string
}

variable "region" {
  description = "Region of the environment."
  type        = string
}

variable "database_arn" {
  description = "ARN of the authority's database."
  type        = string
}

variable "retention_days" {
  description = "Days that a backup is kept; the vault lets nobody delete it sooner."
  type        = number
  default     = 35

  validation {
    condition     = var.retention_days >= 35
    error_message = "Backups are kept for 35 days at least."
  }
}

variable "permissions_boundary_arn" {
  description = "Boundary of every role that is made here."
  type        = string
}

variable "kms_key_arn" {
  description = "Key that encrypts the vault."
  type        = string
}
