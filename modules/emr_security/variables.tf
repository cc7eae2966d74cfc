variable "name" {
  description = "Prefix of the stack's names, {organisation}-{environment}-{stack}."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of the stack, which encrypts volumes and local disks, and what steps write to S3 without naming a key."
  type        = string
}

variable "artifacts_bucket" {
  description = "Bucket for code, which holds the certificates."
  type        = string
}
