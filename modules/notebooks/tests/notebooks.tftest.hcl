mock_provider "aws" {}

variables {
  name             = "meridian-dev-platform"
  environment      = "dev"
  account_id       = "111111111111"
  region           = "us-east-1"
  vpc_id           = "vpc-1"
  subnet_ids       = ["subnet-1", "subnet-2"]
  artifacts_bucket = "meridian-dev-platform-artifacts"
  kms_key_arn      = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-0000-0000-000000000001"

  permissions_boundary_arn = "arn:aws:iam::111111111111:policy/meridian-dev-platform-boundary"
}

run "sessions_need_a_tenants_role" {
  command = plan

  assert {
    condition     = [for s in jsondecode(aws_iam_policy.user.policy).Statement : s.Condition.ArnLike["elasticmapreduce:ExecutionRoleArn"] if s.Sid == "OpenTenantSessions"] == ["arn:aws:iam::111111111111:role/tenant/$${aws:PrincipalTag/tenant}/*"]
    error_message = "A session must run with a role of the user's own tenant."
  }

  assert {
    condition     = aws_emr_studio.this.encryption_key_arn == var.kms_key_arn && aws_vpc_security_group_ingress_rule.engine.from_port == 18888
    error_message = "Notebooks are encrypted and reach the gateway alone."
  }
}

run "a_studio_needs_an_account_and_a_subnet" {
  command = plan

  variables {
    account_id = "1111"
    subnet_ids = []
  }

  expect_failures = [var.account_id, var.subnet_ids]
}
