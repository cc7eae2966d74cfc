mock_provider "aws" {}

variables {
  name                   = "meridian-prod-platform"
  instance_class         = "db.m6g.large"
  multi_az               = true
  backup_days            = 35
  vpc_id                 = "vpc-1"
  subnet_ids             = ["subnet-1", "subnet-2"]
  client_security_groups = { airflow = "sg-1" }
  kms_key_arn            = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-0000-0000-000000000001"
  log_retention_days     = 1827
  deletion_protection    = true
}

run "safe" {
  command = plan

  assert {
    condition     = aws_db_instance.this.storage_encrypted && aws_db_instance.this.kms_key_id == var.kms_key_arn && !aws_db_instance.this.publicly_accessible
    error_message = "The database must be encrypted with the key and private."
  }

  assert {
    condition     = contains([for p in aws_db_parameter_group.this.parameter : "${p.name}=${p.value}"], "rds.force_ssl=1") && aws_db_instance.this.iam_database_authentication_enabled
    error_message = "TLS must be forced and IAM login on."
  }

  assert {
    condition     = aws_db_instance.this.manage_master_user_password && aws_db_instance.this.password == null
    error_message = "AWS holds the administrator's password."
  }

  assert {
    condition     = aws_db_instance.this.multi_az && aws_db_instance.this.deletion_protection && aws_db_instance.this.backup_retention_period == 35 && !aws_db_instance.this.skip_final_snapshot && aws_db_instance.this.copy_tags_to_snapshot
    error_message = "Production has a standby, protection, backups and a last snapshot."
  }

  assert {
    condition     = aws_db_instance.this.enabled_cloudwatch_logs_exports == toset(["postgresql", "upgrade"])
    error_message = "Both logs must be exported."
  }
}

run "two_weeks_back_at_least" {
  command = plan

  variables {
    backup_days = 7
  }

  expect_failures = [var.backup_days]
}
