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

run "security_configuration" {
  command = plan

  assert {
    condition = alltrue([
      jsondecode(aws_emr_security_configuration.this.configuration).EncryptionConfiguration.EnableAtRestEncryption,
      jsondecode(aws_emr_security_configuration.this.configuration).EncryptionConfiguration.EnableInTransitEncryption,
      jsondecode(aws_emr_security_configuration.this.configuration).EncryptionConfiguration.AtRestEncryptionConfiguration.LocalDiskEncryptionConfiguration.EnableEbsEncryption,
    ])
    error_message = "Data must be encrypted at rest, in transit and on EBS."
  }

  assert {
    condition     = jsondecode(aws_emr_security_configuration.this.configuration).EncryptionConfiguration.AtRestEncryptionConfiguration.S3EncryptionConfiguration == { AwsKmsKey = var.kms_key_arn, EncryptionMode = "SSE-KMS" }
    error_message = "S3 must be encrypted with the key."
  }

  assert {
    condition     = jsondecode(aws_emr_security_configuration.this.configuration).InstanceMetadataServiceConfiguration.MinimumInstanceMetadataServiceVersion == 2
    error_message = "IMDSv2 must be required."
  }

  assert {
    condition     = jsondecode(aws_emr_security_configuration.this.configuration).AuthorizationConfiguration.IAMConfiguration.ApplicationScopedIAMRoleConfiguration.PropagateSourceIdentity
    error_message = "Steps must run with roles of their own, and say for whom."
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
