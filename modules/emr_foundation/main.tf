# What every EMR cluster of an environment stands on, whoever starts it: roles, security groups, the platform's
# security configuration, and the buckets for logs and for code.

locals {
  logs_bucket      = "${var.name}-logs"
  artifacts_bucket = "${var.name}-artifacts"
  service_role_arn = "arn:aws:iam::${var.account_id}:role/${var.name}-emr-service"
  node_role_arn    = "arn:aws:iam::${var.account_id}:role/${var.name}-emr-node"
  from_trail       = [{ test = "StringEquals", variable = "aws:SourceArn", values = [var.audit_trail_arn] }]
}

resource "aws_emr_block_public_access_configuration" "this" {
  block_public_security_group_rules = true # and no port is excepted
}

module "security" {
  source = "../emr_security"

  name             = var.name
  kms_key_arn      = var.kms_key_arn
  artifacts_bucket = local.artifacts_bucket
}

moved {
  from = aws_emr_security_configuration.this
  to   = module.security.aws_emr_security_configuration.this
}

moved {
  from = terraform_data.security
  to   = module.security.terraform_data.configuration
}

module "logs_bucket" {
  source = "../bucket"

  name              = local.logs_bucket
  encryption        = { key_arn = var.kms_key_arn, alias_arn = var.kms_alias_arn } # EMR and CloudTrail name it
  is_log_target     = true
  access_log        = null
  organisation_id   = var.organisation_id
  force_destroy     = var.force_destroy
  expire_after_days = var.log_retention_days
  allow = [
    {
      sid            = "ServerAccessLogs"
      principal_type = "Service"
      principals     = ["logging.s3.amazonaws.com"]
      actions        = ["s3:PutObject"]
      paths          = ["s3/*"]
      conditions = [
        { test = "StringEquals", variable = "aws:SourceAccount", values = [var.account_id] },
        { test = "ArnLike", variable = "aws:SourceArn", values = ["arn:aws:s3:::${var.environment_prefix}-*"] },
      ]
    },
    {
      sid            = "AuditTrail"
      principal_type = "Service"
      principals     = ["cloudtrail.amazonaws.com"]
      actions        = ["s3:PutObject"]
      paths          = ["cloudtrail/AWSLogs/${var.account_id}/*"]
      conditions     = local.from_trail
    },
    {
      sid            = "AuditTrailLooksFirst"
      principal_type = "Service"
      principals     = ["cloudtrail.amazonaws.com"]
      actions        = ["s3:GetBucketAcl"]
      paths          = [""]
      conditions     = local.from_trail
    },
  ]
}

module "artifacts_bucket" {
  source = "../bucket"

  name          = local.artifacts_bucket
  encryption    = { key_arn = var.kms_key_arn, alias_arn = var.kms_alias_arn }
  force_destroy = var.force_destroy
  access_log    = { bucket = module.logs_bucket.name }

  organisation_id = var.organisation_id
}
