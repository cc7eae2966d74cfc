variable "name" {
  description = "Prefix of every name, {organisation}-{environment}-platform."
  type        = string
}

variable "account_id" {
  description = "Account that is watched."
  type        = string
}

variable "region" {
  description = "Region that is watched."
  type        = string
}

variable "email" {
  description = "Address that gets alerts; it must confirm the subscription."
  type        = string

  validation {
    condition     = can(regex("^[^@[:space:]]+@[^@[:space:]]+$", var.email))
    error_message = "email is an address."
  }
}

variable "monthly_budget_usd" {
  description = "Spending in a month, USD, that is forecast or exceeded before people hear of it."
  type        = number

  validation {
    condition     = var.monthly_budget_usd >= 1
    error_message = "The budget is at least one dollar."
  }
}

variable "alarms" {
  description = "Alarms: {label: what is measured, when it is too much, or too little when is_low, and whether silence is as bad}."
  type = map(object({
    description    = string
    namespace      = string
    metric         = string
    dimensions     = map(string)
    statistic      = string
    period_seconds = number
    periods        = number
    threshold      = number
    is_low         = optional(bool, false)

    is_alarming_when_missing = optional(bool, false)
  }))
  default = {}
}

variable "log_groups" {
  description = "Log groups for the platform's own programs."
  type        = set(string)
  default     = []
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
}

variable "kms_key_arn" {
  description = "Key that encrypts alerts and logs; its policy lets cloudwatch, events, budgets and logs use it."
  type        = string
}
