variable "name" {
  description = "Name of the alias, without the prefix alias/."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,62}$", var.name))
    error_message = "The name has lower-case letters, digits and hyphens, without alias/."
  }
}

variable "description" {
  description = "What the key protects."
  type        = string
}

variable "account_id" {
  description = "Account that holds the key."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "An account id has 12 digits."
  }
}

variable "region" {
  description = "Region that holds the key."
  type        = string
}

variable "administrator_arns" {
  description = "Roles that may change the key but not use it. The account's root user always may, as break-glass."
  type        = list(string)

  validation {
    condition     = length(var.administrator_arns) > 0 && alltrue([for arn in var.administrator_arns : can(regex("^arn:aws:iam::[0-9]{12}:role/[^*]+$", arn))])
    error_message = "At least one administrator is needed, each an exact role ARN."
  }
}

variable "users" {
  description = "Who may use the key. Each has either principal_arns (roles that exist, of any account) or principal_patterns (ARN patterns of this account's roles), and the services through which alone they may use it, all when empty."
  type = map(object({
    principal_arns     = optional(list(string), [])
    principal_patterns = optional(list(string), [])
    can_encrypt        = optional(bool, false)
    can_decrypt        = optional(bool, false)
    services           = optional(list(string), [])
  }))

  validation {
    condition     = alltrue([for user in var.users : (length(user.principal_arns) > 0) != (length(user.principal_patterns) > 0)])
    error_message = "A user has either principal_arns or principal_patterns."
  }

  validation {
    condition     = alltrue(flatten([for user in var.users : [for arn in concat(user.principal_arns, user.principal_patterns) : can(regex("^arn:aws:iam::[0-9]{12}:role/.+$", arn))]]))
    error_message = "Users are roles of named accounts."
  }
}

variable "integrated_services" {
  description = "Services (rds, redshift, ec2 ...) that may use the key for this account's callers and hold grants for their resources."
  type        = list(string)
  default     = []
}

variable "emr" {
  description = "Roles by which EMR encrypts its clusters' disks with the key: the service's, which makes volumes, and the machines', which open local disks. Null when no cluster uses the key."
  type        = object({ service_role_arn = string, node_role_arn = string })
  default     = null
}

variable "service_principals" {
  description = "Services that use the key on their own: logs, cloudwatch, cloudtrail, events, budgets."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for service in var.service_principals : contains(["budgets", "cloudtrail", "cloudwatch", "events", "logs"], service)])
    error_message = "service_principals are among budgets, cloudtrail, cloudwatch, events and logs."
  }
}

variable "is_deletable" {
  description = "Whether administrators may disable the key and order its deletion. Never in production: what it encrypts is lost with it."
  type        = bool
  default     = false
}

variable "deletion_window_days" {
  description = "Days between the order to delete the key and its deletion."
  type        = number
  default     = 30

  validation {
    condition     = var.deletion_window_days >= 7 && var.deletion_window_days <= 30
    error_message = "KMS waits 7 to 30 days."
  }
}
