variable "name" {
  description = "Prefix of every name in the network."
  type        = string
}

variable "account_id" {
  description = "Account whose buckets and principals the S3 endpoint lets through."
  type        = string
}

variable "region" {
  description = "Region of the network."
  type        = string
}

variable "cidr" {
  description = "Address range of the VPC, /16 to /20; each zone gets a sixteenth of it."
  type        = string

  validation {
    condition     = can(cidrsubnet(var.cidr, 4, 15)) && try(tonumber(split("/", var.cidr)[1]), 0) >= 16 && try(tonumber(split("/", var.cidr)[1]), 99) <= 20
    error_message = "cidr is an IPv4 range of /16 to /20."
  }
}

variable "zones" {
  description = "Availability zones, one private subnet each."
  type        = list(string)

  validation {
    condition     = length(var.zones) >= 2 && length(distinct(var.zones)) == length(var.zones)
    error_message = "At least two different zones are needed."
  }
}

variable "interface_endpoints" {
  description = "AWS services that are reached by an interface endpoint in each subnet."
  type        = list(string)
  default = [
    "ec2",
    "ec2messages",
    "elasticmapreduce",
    "glue",
    "kms",
    "logs",
    "monitoring",
    "redshift-data",
    "secretsmanager",
    "sqs",
    "ssm",
    "ssmmessages",
    "sts",
  ]
}

variable "permissions_boundary_arn" {
  description = "Boundary of every role that is made here."
  type        = string
}

variable "kms_key_arn" {
  description = "ARN of the key that encrypts the flow logs."
  type        = string
}

variable "log_retention_days" {
  description = "Days that flow logs are kept."
  type        = number
}
