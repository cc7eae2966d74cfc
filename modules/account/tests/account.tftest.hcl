mock_provider "aws" {}

variables {
  name        = "meridian-dev-platform"
  account_id  = "111111111111"
  logs_bucket = "meridian-dev-platform-logs"
  kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-0000-0000-000000000001"
}

run "nothing_public_everything_recorded" {
  command = plan

  assert {
    condition = alltrue([
      aws_s3_account_public_access_block.this.block_public_acls,
      aws_s3_account_public_access_block.this.block_public_policy,
      aws_s3_account_public_access_block.this.ignore_public_acls,
      aws_s3_account_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "The account must block public access."
  }

  assert {
    condition     = aws_cloudtrail.this.is_multi_region_trail && aws_cloudtrail.this.enable_log_file_validation && aws_cloudtrail.this.kms_key_id == var.kms_key_arn
    error_message = "The trail covers all regions, proves its files and is encrypted."
  }

  assert {
    condition = anytrue([
      for selector in aws_cloudtrail.this.advanced_event_selector : !contains(selector.field_selector[*].field, "readOnly")
      if contains(flatten([for field in selector.field_selector : field.not_starts_with == null ? [] : field.not_starts_with]), "arn:aws:s3:::${var.logs_bucket}/cloudtrail/")
    ])
    error_message = "Reads and writes must be recorded."
  }

  assert {
    condition = anytrue([
      for selector in aws_cloudtrail.this.advanced_event_selector : contains(selector.field_selector[*].field, "readOnly")
      if contains(flatten([for field in selector.field_selector : field.starts_with == null ? [] : field.starts_with]), "arn:aws:s3:::${var.logs_bucket}/cloudtrail/")
    ])
    error_message = "Who reads the trail must be recorded."
  }
}

run "an_account_has_twelve_digits" {
  command = plan

  variables {
    account_id = "1111"
  }

  expect_failures = [var.account_id]
}
