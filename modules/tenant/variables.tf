variable "tenant" {
  description = "Name of the tenant."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.tenant))
    error_message = "A tenant has lower-case words with hyphens between them."
  }
}

variable "name" {
  description = "Prefix of every name, {organisation}-{environment}-{tenant}."
  type        = string
}

variable "platform_name" {
  description = "Prefix of the platform's names, {organisation}-{environment}-platform."
  type        = string
}

variable "account_id" {
  description = "Account of the environment."
  type        = string
}

variable "region" {
  description = "Region of the environment."
  type        = string
}

variable "jobs" {
  description = "What each job may do: {job: statements on data, actions on the tenant's and on the platform's key}."
  type = map(object({
    statements = list(object({
      sid        = string
      actions    = list(string)
      resources  = list(string)
      conditions = list(object({ test = string, variable = string, values = list(string) }))
    }))
    tenant_key_actions   = list(string)
    platform_key_actions = list(string)
  }))

  validation {
    condition     = length(var.jobs) > 0 && !contains(keys(var.jobs), "warehouse_load")
    error_message = "A tenant has at least one job, and none is called warehouse_load."
  }

  validation {
    condition     = alltrue(flatten([for job in values(var.jobs) : [for statement in job.statements : !contains(concat(statement.actions, statement.resources), "*")]]))
    error_message = "No statement allows every action or every resource."
  }
}

variable "warehouse_load" {
  description = "What the role with which the warehouse copies the tenant's data may do. Null when it copies none."
  type = object({
    statements = list(object({
      sid        = string
      actions    = list(string)
      resources  = list(string)
      conditions = list(object({ test = string, variable = string, values = list(string) }))
    }))
    tenant_key_actions   = list(string)
    platform_key_actions = list(string)
  })
  default = null
}

variable "emr_node_role_arn" {
  description = "Role of EMR's machines, which alone may assume the roles of jobs."
  type        = string
}

variable "warehouse_role_arn" {
  description = "Role of the warehouse, which alone may assume the load role."
  type        = string
}

variable "tenant_key_arn" {
  description = "Key of the tenant's data."
  type        = string
}

variable "platform_key_arn" {
  description = "Key of the platform, which encrypts code."
  type        = string
}

variable "secrets" {
  description = "Secrets that their owners fill: {name: what to put there}."
  type        = map(string)
  default     = {}
}

variable "parameters" {
  description = "What other programs may ask of the tenant: {name: value}."
  type        = map(string)
  default     = {}
}

variable "parameter_prefix" {
  description = "Prefix of the tenant's SSM parameters."
  type        = string

  validation {
    condition     = can(regex("^/.+[^/]$", var.parameter_prefix))
    error_message = "The prefix starts with a slash and ends without one."
  }
}

variable "artifacts_bucket" {
  description = "Bucket for code."
  type        = string
}

variable "airflow_bucket" {
  description = "Bucket of Airflow's DAG folder."
  type        = string
}

variable "code_prefix" {
  description = "Key prefix of this version of the code, with a final slash."
  type        = string

  validation {
    condition     = startswith(var.code_prefix, "jobs/${var.tenant}/") && endswith(var.code_prefix, "/")
    error_message = "The prefix is jobs/<tenant>/<version>/."
  }
}

variable "jobs_archive" {
  description = "Path of the zip with the job packages."
  type        = string
}

variable "jobs_path" {
  description = "Folder that holds <entrypoint>/job.py."
  type        = string
}

variable "entrypoints" {
  description = "Folders of the jobs' main scripts below jobs_path."
  type        = set(string)
}

variable "contracts_path" {
  description = "Path of the contracts document."
  type        = string
}

variable "dag_path" {
  description = "Folder with the rendered DAG and what it reads."
  type        = string
}

variable "alarms" {
  description = "DAGs whose failed runs are told: {label: the DAG's id, and what its failure means}."
  type        = map(object({ dag_id = string, description = string }))
  default     = {}
}

variable "alerts_topic_arn" {
  description = "Topic of the environment's alerts."
  type        = string
}

variable "owner_email" {
  description = "Address that gets the tenant's alarms; it must confirm the subscription."
  type        = string

  validation {
    condition     = can(regex("^[^@[:space:]]+@[^@[:space:]]+$", var.owner_email))
    error_message = "owner_email is an address."
  }
}

variable "force_destroy" {
  description = "Whether secrets are deleted without a waiting time. Never in production."
  type        = bool
  default     = false
}
