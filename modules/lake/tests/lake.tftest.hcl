mock_provider "aws" {}

override_module {
  target  = module.key
  outputs = { arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-0000-0000-000000000001", alias_arn = "arn:aws:kms:us-east-1:111111111111:alias/meridian-dev-platform" }
}

variables {
  name                = "meridian-prod-annuity"
  account_id          = "222222222222"
  region              = "us-east-1"
  retention_days      = 2555
  landing_lock_days   = 2555
  producers           = { policies = "arn:aws:iam::333333333333:role/polaris-export", gl_totals = "arn:aws:iam::333333333333:role/ledger-export" }
  tenant_role_path    = "/tenant/annuity/"
  airflow_role_arn    = "arn:aws:iam::222222222222:role/meridian-prod-platform-airflow"
  streamsets_role_arn = "arn:aws:iam::222222222222:role/meridian-prod-platform-streamsets"
  deploy_role_arn     = "arn:aws:iam::222222222222:role/sluice-deploy"
  s3_endpoint_id      = "vpce-1"
  access_log_bucket   = "meridian-prod-platform-logs"
  organisation_id     = "o-meridian0001"
}

run "a_bucket_for_each_zone" {
  command = apply

  assert {
    condition     = keys(output.buckets) == ["curated", "landing", "raw"]
    error_message = "There must be a bucket for each zone."
  }

  assert {
    condition     = local.zones.landing.expire_after_days == 2555 && local.zones.curated.expire_after_days == 2555 && local.zones.raw.expire_after_days == 90
    error_message = "Landed and curated data is kept for the tenant's retention, raw data no longer than 90 days."
  }

  assert {
    condition     = local.zones.landing.lock_days == 2555
    error_message = "Landed files must be locked."
  }

  assert {
    condition     = alltrue([for s in local.producer_statements : s.actions == ["s3:PutObject"]]) && toset(flatten(local.producer_statements[*].paths)) == toset(["gl_totals/*", "policies/*"])
    error_message = "A producer may put below its source's prefix and nothing else."
  }

  assert {
    condition     = !try(local.key_users.producers.can_decrypt, false) && !try(local.key_users.airflow.can_encrypt, false)
    error_message = "Producers encrypt only, Airflow decrypts only."
  }
}

run "curated_data_is_backed_up_where_asked" {
  command = apply

  variables {
    backup = { plan_id = "00000000-0000-0000-0000-000000000001", role_arn = "arn:aws:iam::222222222222:role/meridian-prod-platform-backup" }
  }

  assert {
    condition     = one(aws_backup_selection.curated).resources == toset(["arn:aws:s3:::meridian-prod-annuity-curated"])
    error_message = "The curated bucket must be in the plan."
  }

  assert {
    condition     = local.from_elsewhere.curated == ["arn:aws:iam::222222222222:role/meridian-prod-platform-backup"] && !try(local.key_users.backup.can_encrypt, false)
    error_message = "AWS Backup reads curated data and writes none."
  }
}

run "a_producer_is_one_role" {
  command = plan

  variables {
    producers = { policies = "arn:aws:iam::333333333333:role/*" }
  }

  expect_failures = [var.producers]
}
