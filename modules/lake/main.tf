# A tenant's data: its key and one bucket for each zone. Source systems put files into landing, StreamSets copies them to
# raw, the tenant's jobs write curated. What each zone keeps, and for how long, follows from the tenant's retention.

locals {
  zones = {
    landing = { expire_after_days = var.retention_days, lock_days = var.landing_lock_days }
    raw     = { expire_after_days = min(var.retention_days, var.raw_retention_days), lock_days = null } # made again from landing
    curated = { expire_after_days = var.retention_days, lock_days = null }
  }

  producer_arns  = distinct(values(var.producers))
  from_elsewhere = { landing = local.producer_arns, curated = var.backup[*].role_arn } # source systems, and AWS Backup

  producer_statements = [for source, role_arn in var.producers : {
    sid            = "Producer${join("", [for word in split("_", source) : title(word)])}"
    principal_type = "AWS"
    principals     = [role_arn]
    actions        = ["s3:PutObject"]
    paths          = ["${source}/*"]
    conditions     = []
  }]

  key_users = merge(
    {
      tenant_roles = {
        principal_patterns = ["arn:aws:iam::${var.account_id}:role${var.tenant_role_path}*"]
        can_encrypt        = true
        can_decrypt        = true
        services           = ["s3", "secretsmanager"]
      }
      airflow    = { principal_arns = [var.airflow_role_arn], can_decrypt = true, services = ["s3"] }
      streamsets = { principal_arns = [var.streamsets_role_arn], can_decrypt = true, can_encrypt = true, services = ["s3"] }
    },
    var.backup == null ? {} : {
      backup = { principal_arns = var.backup[*].role_arn, can_decrypt = true, services = ["s3"] }
    },
    length(local.producer_arns) == 0 ? {} : {
      producers = { principal_arns = local.producer_arns, can_encrypt = true, services = ["s3"] }
    },
  )
}

module "key" {
  source = "../key"

  name                 = var.name
  description          = "Data of ${var.name}"
  account_id           = var.account_id
  region               = var.region
  administrator_arns   = [var.deploy_role_arn]
  users                = local.key_users
  emr                  = var.emr
  deletion_window_days = var.force_destroy ? 7 : 30
  is_deletable         = var.force_destroy
}

module "bucket" {
  source   = "../bucket"
  for_each = local.zones

  name              = "${var.name}-${each.key}"
  encryption        = { key_arn = module.key.arn, alias_arn = module.key.alias_arn }
  force_destroy     = var.force_destroy
  expire_after_days = each.value.expire_after_days
  lock_days         = each.value.lock_days
  access_log        = { bucket = var.access_log_bucket }
  organisation_id   = var.organisation_id
  allow             = each.key == "landing" ? local.producer_statements : []

  outside_principal_arns = each.key == "landing" ? local.producer_arns : []

  perimeter = {
    vpc_endpoint_ids      = [var.s3_endpoint_id]
    exempt_principal_arns = concat([var.deploy_role_arn], lookup(local.from_elsewhere, each.key, []))
    # Plans are made outside the network too, and Terraform asks whether each bucket is there.
    listing_principal_arns = ["arn:aws:iam::${var.account_id}:role/sluice-plan"]
  }
}

# What the authority refers to has a second home. Landing needs none: in production nobody can delete there.
resource "aws_backup_selection" "curated" {
  count = var.backup == null ? 0 : 1

  name         = "${var.name}-curated"
  plan_id      = var.backup.plan_id
  iam_role_arn = var.backup.role_arn
  resources    = [module.bucket["curated"].arn]
}
