variable "database" {
  description = "Name of the database."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]*$", var.database))
    error_message = "A database name has lower-case letters, digits and underscores."
  }
}

variable "description" {
  description = "What the database holds."
  type        = string
}

variable "classification" {
  description = "How sensitive the data is, where a column does not say otherwise: a value of the LF-tag data-class."
  type        = string
}

variable "airflow_role_arn" {
  description = "Role of Airflow, which adds and changes partitions."
  type        = string
}

variable "curated_bucket" {
  description = "Bucket with the tenant's curated data."
  type        = string
}

variable "tables" {
  description = "Datasets: {name: {description, contract_version, columns: [{name, type as in Hive, comment, classification where it is said}]}}."
  type = map(object({
    description      = string
    contract_version = string
    columns          = list(object({ name = string, type = string, comment = string, classification = optional(string) }))
  }))

  validation {
    condition     = alltrue([for table in values(var.tables) : length(table.columns) > 0])
    error_message = "A table has at least one column."
  }

  validation {
    condition     = alltrue(flatten([for table in values(var.tables) : [for column in table.columns : column.name != "as_of"]]))
    error_message = "as_of is the partition key and no column."
  }
}
