variable "name" {
  description = "Prefix of every name, {organisation}-{environment}-platform."
  type        = string
}

variable "environment_prefix" {
  description = "Prefix of every tenant's names, {organisation}-{environment}."
  type        = string
}

variable "account_id" {
  description = "Account of the warehouse."
  type        = string
}

variable "database" {
  description = "Name of the database that holds a schema for each tenant."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]*$", var.database)) && var.database != "dev"
    error_message = "The database has a name of its own, not Redshift's default dev."
  }
}

variable "node_type" {
  description = "Node type, of the RA3 family."
  type        = string

  validation {
    condition     = startswith(var.node_type, "ra3.")
    error_message = "Only RA3 nodes keep data on managed storage."
  }
}

variable "nodes" {
  description = "Number of nodes."
  type        = number
}

variable "snapshot_days" {
  description = "Days that automatic snapshots are kept."
  type        = number

  validation {
    condition     = var.snapshot_days >= 7 && var.snapshot_days <= 35
    error_message = "Snapshots are kept 7 to 35 days."
  }
}

variable "vpc_id" {
  description = "VPC of the warehouse."
  type        = string
}

variable "vpc_cidr" {
  description = "Address range of the VPC."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets of the warehouse."
  type        = list(string)
}

variable "s3_prefix_list_id" {
  description = "Prefix list of S3's addresses."
  type        = string
}

variable "client_security_groups" {
  description = "Security groups that may connect, for example of a reporting tool: {label: id}."
  type        = map(string)
  default     = {}
}

variable "permissions_boundary_arn" {
  description = "Boundary of every role that is made here."
  type        = string
}

variable "kms_key_arn" {
  description = "Key that encrypts data, logs and the administrator's password."
  type        = string
}

variable "log_retention_days" {
  description = "Days that audit logs are kept."
  type        = number
}

variable "deletion_protection" {
  description = "Whether a final snapshot is taken when the warehouse is destroyed."
  type        = bool
  default     = true
}
