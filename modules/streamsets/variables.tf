variable "name" {
  description = "Prefix of every name, {organisation}-{environment}-platform."
  type        = string
}

variable "environment" {
  description = "Environment, the value of the tag env of clusters that it may see."
  type        = string
}

variable "environment_prefix" {
  description = "Prefix of every bucket of the environment, {organisation}-{environment}."
  type        = string
}

variable "account_id" {
  description = "Account in which it runs."
  type        = string
}

variable "region" {
  description = "Region in which it runs."
  type        = string
}

variable "ami_id" {
  description = "Image with the Data Collector installed."
  type        = string

  validation {
    condition     = can(regex("^ami-[0-9a-f]+$", var.ami_id))
    error_message = "An image id starts with ami-."
  }
}

variable "instance_type" {
  description = "Instance type."
  type        = string
}

variable "volume_gib" {
  description = "Size of the root volume, GiB."
  type        = number
  default     = 50

  validation {
    condition     = var.volume_gib >= 20
    error_message = "The Data Collector needs at least 20 GiB."
  }
}

variable "vpc_id" {
  description = "VPC in which it runs."
  type        = string
}

variable "vpc_cidr" {
  description = "Address range of the VPC."
  type        = string
}

variable "subnet_id" {
  description = "Private subnet in which it runs."
  type        = string
}

variable "s3_prefix_list_id" {
  description = "Prefix list of S3's addresses."
  type        = string
}

variable "airflow_security_group_id" {
  description = "Security group of Airflow, which alone may call it."
  type        = string
}

variable "permissions_boundary_arn" {
  description = "Boundary of every role that is made here."
  type        = string
}

variable "kms_key_arn" {
  description = "Key that encrypts its disk."
  type        = string
}

variable "deletion_protection" {
  description = "Whether the machine refuses to be terminated."
  type        = bool
  default     = true
}
