variable "name" {
  description = "Prefix of every name, {organisation}-{environment}-platform."
  type        = string
}

variable "account_id" {
  description = "Account that is the environment."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id has twelve digits."
  }
}

variable "logs_bucket" {
  description = "Bucket that lets the trail deliver below cloudtrail/."
  type        = string
}

variable "kms_key_arn" {
  description = "Key that encrypts the trail and, where nothing else is said, disks; CloudTrail may use it."
  type        = string
}
