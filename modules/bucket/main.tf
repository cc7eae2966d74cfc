# One private bucket with everything that makes it safe. Policies name the bucket by its literal ARN, so that a plan
# shows them before the bucket exists.

locals {
  arn     = "arn:aws:s3:::${var.name}"
  objects = "${local.arn}/*"

  key_header = "s3:x-amz-server-side-encryption-aws-kms-key-id"
  sse_header = "s3:x-amz-server-side-encryption"

  object_actions = [
    "s3:AbortMultipartUpload",
    "s3:DeleteObject*",
    "s3:GetObject*",
    "s3:PutObject*",
    "s3:RestoreObject",
  ]
  listing_actions = ["s3:ListBucket*"]

  # A request that names no key gets the bucket's default. So each statement needs the header to be there.
  default_statements = [for statement in [
    {
      Sid       = "DenyOtherEncryption"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = "s3:PutObject"
      Resource  = local.objects
      Condition = { Null = { (local.sse_header) = "false" }, StringNotEquals = { (local.sse_header) = "aws:kms" } }
    },
  ] : statement if !var.is_log_target]

  encryption_statements = [
    {
      Sid       = "DenyOtherKey"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = "s3:PutObject"
      Resource  = local.objects
      Condition = {
        Null            = { (local.key_header) = "false" }
        StringNotEquals = { (local.key_header) = [var.encryption.key_arn, var.encryption.alias_arn] }
      }
    },
    {
      Sid       = "DenyCustomerProvidedKey"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = "s3:PutObject"
      Resource  = local.objects
      Condition = { Null = { "s3:x-amz-server-side-encryption-customer-algorithm" = "false" } }
    },
  ]

  # Data may be touched by the organisation's principals, by a named one or by an AWS service on our behalf; and only
  # through the VPC endpoint, where there is one. Actions on the bucket itself are left out: a wrong perimeter must never
  # lock Terraform out of mending it. These are two statements because conditions of one are ANDed.
  organisation_statements = [{
    Sid       = "DenyOutsideOrganisation"
    Effect    = "Deny"
    Principal = { AWS = "*" }
    Action    = concat(local.object_actions, local.listing_actions)
    Resource  = [local.arn, local.objects]
    Condition = merge(
      {
        StringNotEquals = { "aws:PrincipalOrgID" = var.organisation_id }
        BoolIfExists    = { "aws:PrincipalIsAWSService" = "false" }
      },
      length(var.outside_principal_arns) == 0 ? {} : { ArnNotLike = { "aws:PrincipalArn" = var.outside_principal_arns } },
    )
  }]

  # Listing stands apart: whoever plans asks whether the bucket is there (HeadBucket), and must not read what is in it.
  perimeter_statements = flatten([for perimeter in var.perimeter[*] : [for statement in [
    { sid = "DenyOutsidePerimeter", actions = local.object_actions, exempt = [] },
    { sid = "DenyListingOutsidePerimeter", actions = local.listing_actions, exempt = perimeter.listing_principal_arns },
    ] : {
    Sid       = statement.sid
    Effect    = "Deny"
    Principal = { AWS = "*" }
    Action    = statement.actions
    Resource  = [local.arn, local.objects]
    Condition = {
      StringNotEquals = { "aws:SourceVpce" = perimeter.vpc_endpoint_ids }
      ArnNotLike      = { "aws:PrincipalArn" = concat(perimeter.exempt_principal_arns, statement.exempt) }
      BoolIfExists    = { "aws:PrincipalIsAWSService" = "false", "aws:ViaAWSService" = "false" }
    }
  }]])

  allow_statements = [for statement in var.allow : {
    Sid       = statement.sid
    Effect    = "Allow"
    Principal = { (statement.principal_type) = statement.principals }
    Action    = statement.actions
    Resource  = [for path in statement.paths : path == "" ? local.arn : "${local.arn}/${path}"]
    Condition = {
      for test in distinct([for condition in statement.conditions : condition.test]) : test => {
        for condition in statement.conditions : condition.variable => condition.values if condition.test == test
      }
    }
  }]
}

resource "aws_s3_bucket" "this" {
  bucket              = var.name
  force_destroy       = var.force_destroy
  object_lock_enabled = var.lock_days != null
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.bucket
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.bucket

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.bucket

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.bucket

  rule {
    bucket_key_enabled = !var.is_log_target

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.is_log_target ? "AES256" : "aws:kms"
      kms_master_key_id = var.is_log_target ? null : var.encryption.key_arn
    }
  }
}

# A plan hides a whole JSON text for one unknown leaf, and shows this: docs/decisions/0006.
resource "terraform_data" "policy" {
  input = {
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "DenyInsecureTransport"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "s3:*"
        Resource  = [local.arn, local.objects]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }],
      local.default_statements,
      local.encryption_statements,
      local.organisation_statements,
      local.perimeter_statements,
      local.allow_statements,
    )
  }
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.bucket
  policy = jsonencode(terraform_data.policy.input)

  depends_on = [aws_s3_bucket_public_access_block.this] # S3 refuses two changes of one bucket's access at a time
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.bucket

  rule {
    id     = "retention"
    status = "Enabled"

    filter {}

    dynamic "expiration" {
      for_each = var.expire_after_days == null ? [] : [var.expire_after_days]

      content {
        days = expiration.value
      }
    }

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_logging" "this" {
  count = var.access_log == null ? 0 : 1

  bucket        = aws_s3_bucket.this.bucket
  target_bucket = var.access_log.bucket
  target_prefix = "s3/${var.name}/"
}

resource "aws_s3_bucket_object_lock_configuration" "this" {
  count = var.lock_days == null ? 0 : 1

  bucket = aws_s3_bucket.this.bucket

  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = var.lock_days
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}
