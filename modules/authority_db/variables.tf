variable "name" {
  description = "Prefix of every name, {organisation}-{environment}-platform."
  type        = string
}

variable "instance_class" {
  description = "Instance class."
  type        = string

  validation {
    condition     = can(regex("^db\\.[a-z0-9]+\\.[a-z0-9]+$", var.instance_class))
    error_message = "An instance class looks like db.m6g.large."
  }
}

variable "multi_az" {
  description = "Whether a standby runs in a second zone."
  type        = bool
}

variable "backup_days" {
  description = "Days back to which the database can be restored."
  type        = number

  validation {
    condition     = var.backup_days >= 14 && var.backup_days <= 35
    error_message = "The authority is restorable for 14 to 35 days."
  }
}

variable "vpc_id" {
  description = "VPC of the database."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets in at least two zones."
  type        = list(string)
}

variable "client_security_groups" {
  description = "Security groups that may connect: {label: id}."
  type        = map(string)
}

variable "kms_key_arn" {
  description = "Key that encrypts data, logs and the administrator's password."
  type        = string
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
}

variable "deletion_protection" {
  description = "Whether the database refuses deletion and leaves a final snapshot."
  type        = bool
  default     = true
}
