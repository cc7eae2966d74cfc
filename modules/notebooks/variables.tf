variable "name" {
  description = "Prefix of every name, {organisation}-{environment}-platform."
  type        = string
}

variable "environment" {
  description = "Environment, the value of the tag env of clusters that notebooks may use."
  type        = string
}

variable "account_id" {
  description = "Account of the studio."
  type        = string
}

variable "region" {
  description = "Region of the studio."
  type        = string
}

variable "vpc_id" {
  description = "VPC of the clusters."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets of workspaces."
  type        = list(string)
}

variable "artifacts_bucket" {
  description = "Bucket that keeps notebooks, below notebooks/."
  type        = string
}

variable "permissions_boundary_arn" {
  description = "Boundary of every role that is made here."
  type        = string
}

variable "kms_key_arn" {
  description = "Key that encrypts notebooks."
  type        = string
}
