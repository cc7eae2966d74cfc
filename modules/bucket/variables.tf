variable "name" {
  description = "Name of the bucket."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "A bucket name has 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "encryption" {
  description = "Key that encrypts objects, and its alias, by which writers may name it too. No other key may be named."
  type        = object({ key_arn = string, alias_arn = string })
}

variable "is_log_target" {
  description = "Whether S3 delivers server access logs here. It does so only where the default is SSE-S3; other writers still name the key."
  type        = bool
  default     = false
}

variable "organisation_id" {
  description = "AWS Organizations id. Principals outside the organisation reach no object."
  type        = string

  validation {
    condition     = can(regex("^o-[a-z0-9]{10,32}$", var.organisation_id))
    error_message = "An organisation's id is o- and 10 to 32 lower-case letters and digits."
  }
}

variable "outside_principal_arns" {
  description = "Principals outside the organisation that `allow` names, such as a source system of a vendor."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.outside_principal_arns : can(regex("^arn:aws:iam::[0-9]{12}:role/[^*]+$", arn))])
    error_message = "An outside principal is the exact ARN of a role."
  }
}

variable "force_destroy" {
  description = "Whether destroying the bucket deletes the objects in it."
  type        = bool
  default     = false
}

variable "expire_after_days" {
  description = "Days after which an object is deleted. Null keeps objects."
  type        = number
  default     = null

  validation {
    condition     = var.expire_after_days == null ? true : var.expire_after_days >= 1
    error_message = "expire_after_days is a positive number of days, or null."
  }
}

variable "noncurrent_days" {
  description = "Days that replaced and deleted versions are kept."
  type        = number
  default     = 30

  validation {
    condition     = var.noncurrent_days >= 1
    error_message = "noncurrent_days is a positive number of days."
  }
}

variable "lock_days" {
  description = "Days for which Object Lock (governance mode) keeps each version from deletion. Null means no lock; it cannot be changed to or from null later."
  type        = number
  default     = null

  validation {
    condition     = var.lock_days == null ? true : var.lock_days >= 1 && !var.force_destroy
    error_message = "lock_days is a positive number of days and excludes force_destroy: locked objects cannot be deleted."
  }
}

variable "access_log" {
  description = "Bucket that gets the server access logs. Null only for that bucket itself."
  type        = object({ bucket = string })
}

variable "allow" {
  description = "Statements that allow principals outside the account's own IAM: {sid, principal_type AWS or Service, principals, actions, paths below the bucket (the empty one is the bucket itself), conditions}."
  type = list(object({
    sid            = string
    principal_type = string
    principals     = list(string)
    actions        = list(string)
    paths          = list(string)
    conditions     = optional(list(object({ test = string, variable = string, values = list(string) })), [])
  }))
  default = []

  validation {
    condition     = alltrue([for statement in var.allow : contains(["AWS", "Service"], statement.principal_type) && !contains(statement.principals, "*")])
    error_message = "Principals are roles (AWS) or services (Service), and never everyone."
  }
}

variable "perimeter" {
  description = "Where objects may be reached from: VPC endpoints, and principals who may come from elsewhere. Null means no perimeter."
  type = object({
    vpc_endpoint_ids       = list(string)
    exempt_principal_arns  = list(string)
    listing_principal_arns = optional(list(string), [])
  })
  default = null
}
