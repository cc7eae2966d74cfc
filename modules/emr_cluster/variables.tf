variable "name" {
  description = "Name of the cluster, by which Airflow finds it."
  type        = string
}

variable "release" {
  description = "EMR release, for example emr-7.14.0."
  type        = string

  validation {
    condition     = can(regex("^emr-7\\.[0-9]+\\.[0-9]+$", var.release))
    error_message = "The release is one of line 7."
  }
}

variable "primary_types" {
  description = "Instance types of the primary node, any of which will do."
  type        = list(string)

  validation {
    condition     = length(var.primary_types) > 0
    error_message = "At least one type is needed."
  }
}

variable "worker_types" {
  description = "Instance types of core and task nodes, all of one size: each counts one unit."
  type        = list(string)

  validation {
    condition     = length(var.worker_types) >= 5 && length(distinct([for type in var.worker_types : split(".", type)[0]])) >= 2
    error_message = "Spot needs at least five types of two families."
  }
}

variable "core_units" {
  description = "Core nodes, always On-Demand."
  type        = number

  validation {
    condition     = var.core_units >= 2
    error_message = "HDFS keeps two copies, so two core nodes are the least."
  }
}

variable "max_units" {
  description = "Most nodes to which the cluster grows, core and task together."
  type        = number

  validation {
    condition     = var.max_units >= var.core_units
    error_message = "max_units is at least core_units."
  }
}

variable "idle_timeout_minutes" {
  description = "Idle minutes after which the cluster ends; the next apply starts a new one. Null means never."
  type        = number
  default     = null
}

variable "termination_protection" {
  description = "Whether the cluster refuses to be terminated."
  type        = bool
  default     = false
}

variable "service_role_arn" {
  description = "Role with which EMR makes machines."
  type        = string
}

variable "instance_profile_arn" {
  description = "Instance profile of the machines."
  type        = string
}

variable "security_configuration" {
  description = "Name of the security configuration."
  type        = string
}

variable "security_group_ids" {
  description = "Security groups of the nodes and of the service's access."
  type        = object({ primary = string, worker = string, service = string })
}

variable "subnet_ids" {
  description = "Private subnets; EMR takes the one with the best capacity."
  type        = list(string)
}

variable "logs_bucket" {
  description = "Bucket for cluster logs."
  type        = string
}

variable "kms_key_arn" {
  description = "Key that encrypts the logs."
  type        = string
}
