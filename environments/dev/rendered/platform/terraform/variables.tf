# Rendered by sluice from environments/dev/environment.yaml for dev.
# Do not edit: change it there and run `sluice render`.
variable "name" {
  description = "Prefix of the platform's names, {organisation}-{environment}-platform."
  type        = string
}

variable "environment" {
  description = "Name of the environment."
  type        = string
}

variable "environment_prefix" {
  description = "Prefix of every name in the environment, {organisation}-{environment}."
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

variable "parameter_prefix" {
  description = "Prefix of the SSM parameters that the platform publishes."
  type        = string
}

variable "deletion_protection" {
  description = "Whether what holds data refuses to be deleted."
  type        = bool
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
}

variable "alerts_email" {
  description = "Address that gets alerts."
  type        = string
}

variable "monthly_budget_usd" {
  description = "Spending in a month, USD, before people are told."
  type        = number
}

variable "network" {
  description = "Address range and zones."
  type        = object({ cidr = string, zones = list(string) })
}

variable "cluster" {
  description = "The long-running cluster's release, machines and idle minutes."
  type = object({
    release              = string
    primary_types        = list(string)
    worker_types         = list(string)
    core_units           = number
    max_units            = number
    idle_timeout_minutes = number
  })
}

variable "airflow" {
  description = "Version and size of Airflow."
  type        = object({ version = string, environment_class = string, max_workers = number })
}

variable "warehouse" {
  description = "Size of Redshift, its database and the user that loads."
  type = object({
    database      = string
    db_user       = string
    node_type     = string
    nodes         = number
    snapshot_days = number
  })
}

variable "authority_db" {
  description = "Size and safety of the data authority's database."
  type        = object({ instance_class = string, multi_az = bool, backup_days = number })
}

variable "streamsets" {
  description = "Image and size of the StreamSets Data Collector."
  type        = object({ ami_id = string, instance_type = string })
}
