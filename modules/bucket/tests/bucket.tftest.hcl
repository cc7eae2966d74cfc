mock_provider "aws" {}

variables {
  name       = "meridian-dev-annuity-landing"
  encryption = { key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-0000-0000-000000000001", alias_arn = "arn:aws:kms:us-east-1:111111111111:alias/meridian-dev-platform" }
  access_log = { bucket = "meridian-dev-platform-logs" }

  organisation_id        = "o-meridian0001"
  outside_principal_arns = ["arn:aws:iam::333333333333:role/polaris-export"]

  perimeter = { vpc_endpoint_ids = ["vpce-1"], exempt_principal_arns = ["arn:aws:iam::111111111111:role/sluice-deploy"] }
  allow = [{
    sid            = "ProducerPolicies"
    principal_type = "AWS"
    principals     = ["arn:aws:iam::333333333333:role/polaris-export"]
    actions        = ["s3:PutObject"]
    paths          = ["policies/*"]
  }]
}

run "private_and_encrypted" {
  command = plan

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls,
      aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls,
      aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "All four public access blocks must be on."
  }

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default[0].kms_master_key_id == var.encryption.key_arn
    error_message = "The bucket's default key must be the given one."
  }

  assert {
    condition     = one(aws_s3_bucket_ownership_controls.this.rule).object_ownership == "BucketOwnerEnforced" && one(aws_s3_bucket_versioning.this.versioning_configuration).status == "Enabled"
    error_message = "ACLs must be off and versions kept."
  }
}

run "policy_denies_what_is_unsafe" {
  command = plan

  assert {
    condition     = [for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s if s.Sid == "DenyInsecureTransport"][0].Condition.Bool["aws:SecureTransport"] == "false"
    error_message = "Requests without TLS must be denied."
  }

  assert {
    condition     = contains([for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s if s.Sid == "DenyOtherKey"][0].Condition.StringNotEquals["s3:x-amz-server-side-encryption-aws-kms-key-id"], var.encryption.key_arn)
    error_message = "Another key must be denied."
  }

  # A request without the header gets the default key; without this condition it would be denied as "not equal".
  assert {
    condition     = [for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s if s.Sid == "DenyOtherKey"][0].Condition.Null["s3:x-amz-server-side-encryption-aws-kms-key-id"] == "false"
    error_message = "A request that names no key must be let through to the default."
  }

  assert {
    condition     = alltrue([for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : !anytrue([for a in flatten([s.Action]) : a == "s3:*" || startswith(a, "s3:PutBucket")]) if startswith(s.Sid, "DenyOutside")])
    error_message = "The perimeter must leave the bucket's own settings to Terraform."
  }

  assert {
    condition = [for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s if s.Sid == "DenyOutsideOrganisation"][0].Condition == {
      ArnNotLike      = { "aws:PrincipalArn" = ["arn:aws:iam::333333333333:role/polaris-export"] }
      BoolIfExists    = { "aws:PrincipalIsAWSService" = "false" }
      StringNotEquals = { "aws:PrincipalOrgID" = "o-meridian0001" }
    }
    error_message = "Nobody outside the organisation may reach data, but the producers and AWS services."
  }

  assert {
    condition     = [for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s if s.Sid == "ProducerPolicies"][0].Resource == ["arn:aws:s3:::meridian-dev-annuity-landing/policies/*"]
    error_message = "A producer must reach its own prefix alone."
  }
}

run "log_destination_uses_sse_s3" {
  command = plan

  variables {
    name          = "meridian-dev-platform-logs"
    is_log_target = true
    access_log    = null
    perimeter     = null
    allow         = []
  }

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default[0].sse_algorithm == "AES256" && length(aws_s3_bucket_logging.this) == 0
    error_message = "S3 delivers access logs only to SSE-S3, and the log bucket does not log to itself."
  }

  assert {
    condition     = [for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s.Sid if startswith(s.Sid, "DenyOther")] == ["DenyOtherKey"]
    error_message = "The log bucket takes SSE-S3, but no key other than its own."
  }
}

run "locked_objects_cannot_be_force_destroyed" {
  command = plan

  variables {
    lock_days     = 30
    force_destroy = true
  }

  expect_failures = [var.lock_days]
}

run "nobody_is_everybody" {
  command = plan

  variables {
    allow = [{ sid = "All", principal_type = "AWS", principals = ["*"], actions = ["s3:GetObject"], paths = ["*"] }]
  }

  expect_failures = [var.allow]
}
