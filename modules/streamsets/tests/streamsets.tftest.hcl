mock_provider "aws" {}

variables {
  name                      = "meridian-dev-platform"
  environment               = "dev"
  environment_prefix        = "meridian-dev"
  account_id                = "111111111111"
  region                    = "us-east-1"
  ami_id                    = "ami-0a1b2c3d4e5f60718"
  instance_type             = "m6i.large"
  vpc_id                    = "vpc-1"
  vpc_cidr                  = "10.20.0.0/16"
  subnet_id                 = "subnet-1"
  s3_prefix_list_id         = "pl-1"
  airflow_security_group_id = "sg-1"
  kms_key_arn               = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-0000-0000-000000000001"

  permissions_boundary_arn = "arn:aws:iam::111111111111:policy/meridian-dev-platform-boundary"
}

run "no_way_in_but_airflow" {
  command = plan

  assert {
    condition     = aws_vpc_security_group_ingress_rule.airflow.from_port == 18630 && aws_vpc_security_group_ingress_rule.airflow.referenced_security_group_id == "sg-1"
    error_message = "Airflow alone may call it."
  }

  assert {
    condition     = one(aws_instance.this.metadata_options).http_tokens == "required" && one(aws_instance.this.root_block_device).encrypted && !aws_instance.this.associate_public_ip_address
    error_message = "IMDSv2, an encrypted disk, no public address."
  }
}

run "reads_landing_writes_raw" {
  command = plan

  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.this.policy).Statement : s.Resource if s.Effect == "Allow" && contains(flatten([s.Action]), "s3:PutObject")] == ["arn:aws:s3:::meridian-dev-*-raw/*"]
    error_message = "It may write raw buckets of its environment alone."
  }

  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.this.policy).Statement : s.Resource if s.Effect == "Allow" && contains(flatten([s.Action]), "s3:GetObject")] == ["arn:aws:s3:::meridian-dev-*-landing/*"]
    error_message = "It may read landing buckets of its environment alone."
  }

  assert {
    condition     = !contains(flatten([for s in jsondecode(aws_iam_role_policy.this.policy).Statement : s.Action]), "elasticmapreduce:AddJobFlowSteps")
    error_message = "It runs no code as a tenant."
  }

  assert {
    condition     = contains(flatten([for s in jsondecode(aws_iam_role_policy.this.policy).Statement : s.Resource if s.Effect == "Deny"]), "arn:aws:s3:::meridian-dev-platform-*")
    error_message = "The platform's buckets, with Airflow's code in one of them, are out of its reach."
  }

  assert {
    condition     = alltrue([for s in jsondecode(aws_iam_role_policy.this.policy).Statement : s.Condition.StringEquals["elasticmapreduce:ResourceTag/env"] == "dev" if startswith(flatten([s.Action])[0], "elasticmapreduce:")])
    error_message = "EMR only where the tag says this environment."
  }
}
