variable "name" {
  description = "Prefix of every name, {organisation}-{environment}-platform."
  type        = string
}

variable "environment_prefix" {
  description = "Prefix of every bucket of the environment, {organisation}-{environment}: whose access logs are accepted."
  type        = string
}

variable "account_id" {
  description = "Account in which clusters run."
  type        = string
}

variable "region" {
  description = "Region in which clusters run."
  type        = string
}

variable "vpc_id" {
  description = "VPC in which clusters run."
  type        = string
}

variable "vpc_cidr" {
  description = "Address range of the VPC."
  type        = string
}

variable "s3_prefix_list_id" {
  description = "Prefix list of S3's addresses."
  type        = string
}

variable "permissions_boundary_arn" {
  description = "Boundary of every role that is made here."
  type        = string
}

variable "kms_key_arn" {
  description = "Key that encrypts disks, cluster logs and code."
  type        = string
}

variable "kms_alias_arn" {
  description = "ARN of an alias of the key."
  type        = string
}

variable "log_retention_days" {
  description = "Days that cluster logs and access logs are kept."
  type        = number

  validation {
    condition     = var.log_retention_days >= 30
    error_message = "Logs are kept for at least 30 days."
  }
}

variable "audit_trail_arn" {
  description = "CloudTrail that delivers to the logs bucket, below cloudtrail/."
  type        = string
}

variable "organisation_id" {
  description = "AWS Organizations id, outside which nobody reaches the buckets."
  type        = string
}

variable "force_destroy" {
  description = "Whether destroying the buckets deletes what is in them. Never in production."
  type        = bool
  default     = false
}
