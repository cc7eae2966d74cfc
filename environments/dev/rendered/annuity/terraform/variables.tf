# Rendered by sluice from tenants/annuity/tenant.yaml for dev.
# Do not edit: change it there and run `sluice render`.
variable "tenant" {
  description = "Name of the tenant."
  type        = string
}

variable "name" {
  description = "Prefix of the tenant's names, {organisation}-{environment}-{tenant}."
  type        = string
}

variable "account_id" {
  description = "Account that is the environment."
  type        = string
}

variable "region" {
  description = "Region of the environment."
  type        = string
}

variable "organisation_id" {
  description = "AWS Organizations id of the organisation."
  type        = string
}

variable "deploy_role_arn" {
  description = "Role with which Terraform works."
  type        = string
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
}

variable "platform" {
  description = "The platform's names, by convention."
  type = object({
    name                 = string
    parameter_prefix     = string
    airflow_role_arn     = string
    streamsets_role_arn  = string
    emr_service_role_arn = string
    emr_node_role_arn    = string
    warehouse_role_arn   = string
    backup_role_arn      = string
    logs_bucket          = string
    artifacts_bucket     = string
    airflow_bucket       = string
    alerts_topic_arn     = string
  })
}

variable "parameter_prefix" {
  description = "Prefix of the SSM parameters that the tenant publishes."
  type        = string
}

variable "parameters" {
  description = "What the tenant publishes: {name: value}."
  type        = map(string)
}

variable "deletion_protection" {
  description = "Whether what holds data refuses to be deleted."
  type        = bool
}

variable "retention_days" {
  description = "Days that data is kept."
  type        = number
}

variable "recovery_class" {
  description = "What becomes of curated data that is lost: bronze is computed again from landing, silver comes from a backup."
  type        = string

  validation {
    condition     = contains(["bronze", "silver"], var.recovery_class)
    error_message = "recovery_class is bronze or silver."
  }
}

variable "landing_lock_days" {
  description = "Days for which landed files cannot be deleted. Null means no lock."
  type        = number
}

variable "producers" {
  description = "Role with which each source's files are put: {source: role ARN}."
  type        = map(string)
}

variable "catalog" {
  description = "Glue database, and its tables from the contracts."
  type = object({
    database    = string
    description = string
    tables = map(object({
      description      = string
      contract_version = string
      columns          = list(object({ name = string, type = string, comment = string, classification = string }))
    }))
  })
}

variable "jobs" {
  description = "What each job may do, from what it reads and writes."
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
}

variable "warehouse_load" {
  description = "What the role with which the warehouse loads may do. Null when it loads nothing."
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
}

variable "secrets" {
  description = "Secrets that their owners fill: {name: what to put there}."
  type        = map(string)
}

variable "code_prefix" {
  description = "Key prefix of this version of the code, with a final slash."
  type        = string
}

variable "entrypoints" {
  description = "Folders of the jobs' main scripts below spark_jobs/."
  type        = set(string)
}

variable "alarms" {
  description = "DAGs whose failed runs are told: {label: the DAG's id, and what its failure means}."
  type        = map(object({ dag_id = string, description = string }))
}

variable "owner_email" {
  description = "Address that gets the tenant's alarms."
  type        = string
}

variable "jobs_archive" {
  description = "Path of the zip with the job packages, made before a plan."
  type        = string
  default     = "jobs.zip"
}
