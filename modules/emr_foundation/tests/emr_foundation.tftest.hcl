mock_provider "aws" {}

variables {
  name               = "meridian-dev-platform"
  environment_prefix = "meridian-dev"
  account_id         = "111111111111"
  region             = "us-east-1"
  vpc_id             = "vpc-1"
  vpc_cidr           = "10.20.0.0/16"
  s3_prefix_list_id  = "pl-1"
  kms_key_arn        = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-0000-0000-000000000001"
  kms_alias_arn      = "arn:aws:kms:us-east-1:111111111111:alias/meridian-dev-platform"
  log_retention_days = 90
  audit_trail_arn    = "arn:aws:cloudtrail:us-east-1:111111111111:trail/meridian-dev-platform-audit"
  organisation_id    = "o-meridian0001"

  permissions_boundary_arn = "arn:aws:iam::111111111111:policy/meridian-dev-platform-boundary"
}

run "clusters_are_held_to_the_platforms_configuration" {
  command = plan

  assert {
    condition     = output.security_configuration == "meridian-dev-platform-emr"
    error_message = "The platform has a security configuration of its own."
  }

  assert {
    condition     = aws_emr_block_public_access_configuration.this.block_public_security_group_rules && length(aws_emr_block_public_access_configuration.this.permitted_public_security_group_rule_range) == 0
    error_message = "No port may be public."
  }
}

run "nodes_reach_no_data" {
  command = plan

  assert {
    condition = alltrue([
      for s in jsondecode(aws_iam_role_policy.node.policy).Statement : alltrue([
        for resource in flatten([s.Resource]) : !can(regex("landing|raw|curated", resource)) && !startswith(resource, "arn:aws:s3:::*")
      ])
    ])
    error_message = "The node role must reach no data bucket."
  }

  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.node.policy).Statement : s.Resource if contains(flatten([s.Action]), "sts:AssumeRole")] == ["arn:aws:iam::111111111111:role/tenant/*"]
    error_message = "The node role may assume tenants' roles alone."
  }

  assert {
    condition     = alltrue([for s in jsondecode(aws_iam_role_policy.service.policy).Statement : s.Condition.StringEquals["iam:PassedToService"] == "ec2.amazonaws.com"])
    error_message = "The service role may pass the node role to EC2 alone."
  }
}
