variable "name" {
  description = "Prefix of the buckets and name of the key's alias, {organisation}-{environment}-{tenant}."
  type        = string
}

variable "account_id" {
  description = "Account that holds the data."
  type        = string
}

variable "region" {
  description = "Region that holds the data."
  type        = string
}

variable "retention_days" {
  description = "Days that landed and curated data is kept; then S3 deletes it."
  type        = number

  validation {
    condition     = var.retention_days >= 30
    error_message = "Data is kept for at least 30 days."
  }
}

variable "raw_retention_days" {
  description = "Most days that raw data is kept: it can be made again from landing."
  type        = number
  default     = 90
}

variable "landing_lock_days" {
  description = "Days for which Object Lock keeps landed files from deletion. Null means no lock."
  type        = number
  default     = null
}

variable "producers" {
  description = "Role with which each source's files are put below its own prefix of the landing bucket: {source: role ARN}."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for arn in values(var.producers) : can(regex("^arn:aws:iam::[0-9]{12}:role/[^*]+$", arn))])
    error_message = "A producer is the exact ARN of a role."
  }
}

variable "tenant_role_path" {
  description = "IAM path of the tenant's roles, which alone may use the key for its jobs."
  type        = string

  validation {
    condition     = can(regex("^/tenant/[a-z0-9-]+/$", var.tenant_role_path))
    error_message = "The path is /tenant/<tenant>/."
  }
}

variable "airflow_role_arn" {
  description = "Role of Airflow, which reads control documents."
  type        = string
}

variable "streamsets_role_arn" {
  description = "Role of StreamSets, which reads landing and writes raw."
  type        = string
}

variable "deploy_role_arn" {
  description = "Role with which Terraform works: it administers the key and may manage objects from outside the VPC."
  type        = string
}

variable "s3_endpoint_id" {
  description = "VPC endpoint through which data must be reached."
  type        = string
}

variable "access_log_bucket" {
  description = "Bucket that gets the server access logs."
  type        = string
}

variable "organisation_id" {
  description = "AWS Organizations id, outside which nobody reaches the buckets."
  type        = string
}

variable "backup" {
  description = "Backup plan that takes the curated bucket, and the role with which AWS Backup reads it. Null means no backup."
  type        = object({ plan_id = string, role_arn = string })
  default     = null
}

variable "emr" {
  description = "Roles by which EMR encrypts the disks of the tenant's own clusters with the tenant's key. Null where clusters are shared."
  type        = object({ service_role_arn = string, node_role_arn = string })
  default     = null
}

variable "force_destroy" {
  description = "Whether destroying a bucket deletes its data. Never in production."
  type        = bool
  default     = false
}
