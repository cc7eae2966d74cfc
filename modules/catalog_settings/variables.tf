variable "kms_key_arn" {
  description = "Key that encrypts metadata and connection passwords."
  type        = string
}
