variable "kms_key_arn" {
  description = "Key that encrypts metadata and connection passwords."
  type        = string
}

variable "administrator_arns" {
  description = "Roles that administer Lake Formation: who make databases and grant others what they see."
  type        = list(string)

  validation {
    condition     = length(var.administrator_arns) > 0
    error_message = "Without an administrator nobody can grant anything."
  }
}

variable "data_classes" {
  description = "Classifications that data can have, values of the LF-tag data-class."
  type        = list(string)
  default     = ["public", "internal", "confidential", "restricted"]
}
