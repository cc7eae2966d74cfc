# Backups of what the authority stands on: its database, and the curated data of tenants that ask for it. The database is
# restored from them every week, beside the real one, to see that it can be.

locals {
  own          = "${var.region}:${var.account_id}"
  database_arn = "arn:aws:rds:${local.own}:db:${var.name}-authority"
  curated      = "arn:aws:s3:::${var.environment_prefix}-*-curated"
  restored     = "arn:aws:rds:${local.own}:db:awsbackup-restore-test-*"
}

resource "aws_backup_vault" "this" {
  name        = "${var.name}-backup"
  kms_key_arn = var.kms_key_arn
}

resource "aws_backup_vault_lock_configuration" "this" {
  backup_vault_name  = aws_backup_vault.this.name
  min_retention_days = var.retention_days
}

resource "aws_backup_plan" "this" {
  name = "${var.name}-daily"

  rule {
    rule_name         = "daily"
    target_vault_name = aws_backup_vault.this.name
    schedule          = "cron(0 9 * * ? *)" # after the night's loads
    start_window      = 60
    completion_window = 480

    lifecycle {
      delete_after = var.retention_days
    }
  }
}

resource "aws_backup_selection" "authority" {
  name         = "authority"
  plan_id      = aws_backup_plan.this.id
  iam_role_arn = local.role_arn
  resources    = [var.database_arn]

  depends_on = [aws_iam_role_policy.this, aws_iam_role_policy.key]
}

resource "aws_backup_restore_testing_plan" "this" {
  name                         = replace("${var.name}-restore", "-", "_")
  schedule_expression          = "cron(0 4 ? * SUN *)"
  schedule_expression_timezone = "Etc/UTC"
  start_window_hours           = 24

  recovery_point_selection {
    algorithm             = "LATEST_WITHIN_WINDOW"
    include_vaults        = ["arn:aws:backup:${local.own}:backup-vault:${aws_backup_vault.this.name}"]
    recovery_point_types  = ["SNAPSHOT"]
    selection_window_days = 30
  }
}

resource "aws_backup_restore_testing_selection" "authority" {
  name                      = "authority"
  restore_testing_plan_name = aws_backup_restore_testing_plan.this.name
  protected_resource_type   = "RDS"
  protected_resource_arns   = [var.database_arn]
  iam_role_arn              = local.role_arn
  validation_window_hours   = 4
  restore_metadata_overrides = {
    dbSubnetGroupName = "${var.name}-authority"
  }
}
