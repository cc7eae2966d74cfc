variable "name" {
  description = "Prefix of every name, {organisation}-{environment}-platform."
  type        = string
}

variable "environment" {
  description = "Environment, the value of the tag env of clusters that it may touch."
  type        = string
}

variable "environment_prefix" {
  description = "Prefix of every tenant's names, {organisation}-{environment}."
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

variable "airflow_version" {
  description = "Version of Airflow, one that MWAA offers."
  type        = string

  validation {
    condition     = can(regex("^3\\.[0-9]+\\.[0-9]+$", var.airflow_version))
    error_message = "The DAGs are written for Airflow 3."
  }
}

variable "environment_class" {
  description = "Size of scheduler and workers, for example mw1.small."
  type        = string
}

variable "max_workers" {
  description = "Most workers; they wait in triggers most of the time."
  type        = number

  validation {
    condition     = var.max_workers >= 1
    error_message = "At least one worker is needed."
  }
}

variable "runtime_path" {
  description = "Folder of the operators that rendered DAGs import, relative to the root module."
  type        = string
}

variable "connections" {
  description = "Airflow connections, held as secrets that an operator fills: {name: what to put there}."
  type        = map(string)
  default = {
    authority  = "Postgres of the data authority: IAM login as sluice_publisher, sslmode verify-full."
    streamsets = "REST API of the StreamSets Data Collector: https, port 18630."
  }
}

variable "parameter_prefix" {
  description = "Prefix of the SSM parameters that it may read."
  type        = string

  validation {
    condition     = can(regex("^/.+[^/]$", var.parameter_prefix))
    error_message = "The prefix starts with a slash and ends without one."
  }
}

variable "warehouse" {
  description = "Warehouse in which it runs SQL, and as whom."
  type        = object({ identifier = string, database = string, db_user = string })
}

variable "emr_service_role_arn" {
  description = "Role that it passes to EMR."
  type        = string
}

variable "emr_node_role_arn" {
  description = "Role that it passes to EMR's machines."
  type        = string
}

variable "vpc_id" {
  description = "VPC of Airflow."
  type        = string
}

variable "vpc_cidr" {
  description = "Address range of the VPC."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets in at least two zones."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "MWAA needs two subnets."
  }
}

variable "s3_prefix_list_id" {
  description = "Prefix list of S3's addresses."
  type        = string
}

variable "permissions_boundary_arn" {
  description = "Boundary of every role that is made here."
  type        = string
}

variable "kms_key_arn" {
  description = "Key that encrypts DAGs, logs, queue and connections."
  type        = string
}

variable "kms_alias_arn" {
  description = "ARN of an alias of the key."
  type        = string
}

variable "access_log_bucket" {
  description = "Bucket that gets the server access logs."
  type        = string
}

variable "organisation_id" {
  description = "AWS Organizations id, outside which nobody reaches the buckets."
  type        = string
}

variable "force_destroy" {
  description = "Whether destroying the DAG bucket deletes what is in it. Never in production."
  type        = bool
  default     = false
}
