mock_provider "aws" {}

variables {
  name               = "meridian-prod-platform"
  environment_prefix = "meridian-prod"
  account_id         = "222222222222"
  region             = "us-east-1"
  database_arn       = "arn:aws:rds:us-east-1:222222222222:db:meridian-prod-platform-authority"
  kms_key_arn        = "arn:aws:kms:us-east-1:222222222222:key/00000000-0000-0000-0000-000000000001"

  permissions_boundary_arn = "arn:aws:iam::222222222222:policy/meridian-prod-platform-boundary"
}

run "backed_up_and_tested" {
  command = plan

  assert {
    condition     = one(one(aws_backup_plan.this.rule).lifecycle).delete_after == 35 && aws_backup_vault_lock_configuration.this.min_retention_days == 35
    error_message = "A backup is kept 35 days, whoever wants it gone."
  }

  assert {
    condition     = aws_backup_restore_testing_selection.authority.protected_resource_arns == toset([var.database_arn]) && aws_backup_restore_testing_plan.this.schedule_expression == "cron(0 4 ? * SUN *)"
    error_message = "Restoring the database is tested every week."
  }
}

run "reaches_one_database_and_curated_data" {
  command = plan

  assert {
    condition = alltrue([
      for r in flatten([for s in jsondecode(aws_iam_role_policy.this.policy).Statement : s.Resource]) :
      !startswith(r, "arn:aws:s3") || startswith(r, "arn:aws:s3:::meridian-prod-*-curated")
    ])
    error_message = "Of data it reads what is curated."
  }

  assert {
    condition = alltrue([
      for s in jsondecode(aws_iam_role_policy.this.policy).Statement : !contains(flatten([s.Resource]), var.database_arn)
      if contains(flatten([s.Action]), "rds:DeleteDBInstance")
    ])
    error_message = "It must not delete the real database."
  }
}
