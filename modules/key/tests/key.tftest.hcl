mock_provider "aws" {}

variables {
  name               = "meridian-dev-annuity"
  description        = "Data of annuity"
  account_id         = "111111111111"
  region             = "us-east-1"
  administrator_arns = ["arn:aws:iam::111111111111:role/sluice-deploy"]
  users = {
    tenant_roles = { principal_patterns = ["arn:aws:iam::111111111111:role/tenant/annuity/*"], can_encrypt = true, can_decrypt = true, services = ["s3"] }
    producers    = { principal_arns = ["arn:aws:iam::333333333333:role/polaris-export"], can_encrypt = true, services = ["s3"] }
  }
  emr = {
    service_role_arn = "arn:aws:iam::111111111111:role/meridian-dev-platform-emr-service"
    node_role_arn    = "arn:aws:iam::111111111111:role/meridian-dev-platform-emr-node"
  }
  integrated_services = ["rds"]
  service_principals  = ["logs", "cloudwatch"]
}

run "rotates_and_separates_duties" {
  command = plan

  assert {
    condition     = aws_kms_key.this.enable_key_rotation && aws_kms_key.this.deletion_window_in_days == 30
    error_message = "The key must rotate and wait 30 days before it goes."
  }

  assert {
    condition     = !anytrue([for s in jsondecode(aws_kms_key.this.policy).Statement : contains(flatten(values(s.Principal)), "*")])
    error_message = "No statement may name everyone."
  }

  assert {
    condition     = !anytrue([for a in flatten([for s in jsondecode(aws_kms_key.this.policy).Statement : s.Action if s.Sid == "Administration"]) : contains(["kms:*", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:CreateGrant"], a)])
    error_message = "Administrators must not use the key."
  }

  assert {
    condition     = !contains([for s in jsondecode(aws_kms_key.this.policy).Statement : s.Action if s.Sid == "UseProducers"][0], "kms:Decrypt")
    error_message = "Producers may encrypt only."
  }

  assert {
    condition = alltrue([
      for s in jsondecode(aws_kms_key.this.policy).Statement : length(try(s.Condition, {})) > 0
    ])
    error_message = "Every statement must be narrowed by a condition."
  }

  assert {
    condition     = { for s in jsondecode(aws_kms_key.this.policy).Statement : s.Sid => s.Condition if s.Principal == { AWS = var.emr.node_role_arn } } == { EmrLocalDisks = { Null = { "kms:EncryptionContextKeys" = "true" } } }
    error_message = "The machines may open what was encrypted without a context, which is local disks alone."
  }

  assert {
    condition = alltrue([
      for s in jsondecode(aws_kms_key.this.policy).Statement : s.Condition.StringEquals["kms:ViaService"] == "ec2.us-east-1.amazonaws.com" if s.Principal == { AWS = var.emr.service_role_arn }
    ])
    error_message = "EMR's service role may make volumes alone."
  }

  assert {
    condition     = output.alias_arn == "arn:aws:kms:us-east-1:111111111111:alias/meridian-dev-annuity"
    error_message = "The alias' ARN is known before the key exists."
  }
}

run "only_break_glass_ends_the_key" {
  command = plan

  variables {
    emr = null
  }

  assert {
    condition     = !strcontains(aws_kms_key.this.policy, "emr-")
    error_message = "EMR may not use a key that no cluster uses."
  }

  assert {
    condition = [
      for s in jsondecode(aws_kms_key.this.policy).Statement : s.Condition.ArnEquals["aws:PrincipalArn"]
      if length(setintersection(flatten([s.Action]), ["kms:DisableKey", "kms:ScheduleKeyDeletion"])) > 0
    ] == [["arn:aws:iam::111111111111:root"]]
    error_message = "Nobody but the root user may disable the key or order its deletion."
  }
}

run "a_user_is_exact_or_a_pattern" {
  command = plan

  variables {
    users = { both = { principal_arns = ["arn:aws:iam::111111111111:role/a"], principal_patterns = ["arn:aws:iam::111111111111:role/b-*"] } }
  }

  expect_failures = [var.users]
}
