mock_provider "aws" {}

variables {
  name               = "meridian-dev-platform"
  environment        = "dev"
  environment_prefix = "meridian-dev"
  account_id         = "111111111111"
  region             = "us-east-1"
  parameter_prefix   = "/meridian/dev/platform"
}

run "no_identities_and_no_foreign_data" {
  command = plan

  assert {
    condition     = [for a in flatten([for s in jsondecode(aws_iam_policy.this.policy).Statement : s.Action]) : a if startswith(a, "iam:") && a != "iam:PassRole"] == []
    error_message = "A role of the platform must not change identities."
  }

  assert {
    condition = alltrue(flatten([
      for s in jsondecode(aws_iam_policy.this.policy).Statement : [for r in flatten([s.Resource]) : startswith(r, "arn:aws:s3:::meridian-dev-")]
      if contains(flatten([s.Action]), "s3:PutObject")
    ]))
    error_message = "Buckets are those of the environment."
  }

  assert {
    condition = alltrue([
      for s in jsondecode(aws_iam_policy.this.policy).Statement : s.Condition["ForAnyValue:StringLike"]["kms:ResourceAliases"] == "alias/meridian-dev-*"
      if anytrue([for a in flatten([s.Action]) : startswith(a, "kms:")])
    ])
    error_message = "Keys are those of the environment."
  }

  # IAM counts the characters without white space and refuses more.
  assert {
    condition     = length(aws_iam_policy.this.policy) <= 6144
    error_message = "A managed policy has 6,144 characters at most."
  }
}

run "an_account_has_twelve_digits" {
  command = plan

  variables {
    account_id = "1111"
  }

  expect_failures = [var.account_id]
}
