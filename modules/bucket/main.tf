# One private bucket with everything that makes it safe. Policies name the bucket by its literal ARN, so that a plan
# shows them before the bucket exists.

locals {
  arn     = "arn:aws:s3:::${var.name}"
  objects = "${local.arn}/*"

  key_header = "s3:x-amz-server-side-encryption-aws-kms-key-id"
  sse_header = "s3:x-amz-server-side-encryption"

  # A request that names no key gets the bucket's default, which is ours. So each statement needs the header to be there.
  encryption_statements = [for statement in [
    {
      Sid       = "DenyOtherEncryption"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = "s3:PutObject"
      Resource  = local.objects
      Condition = { Null = { (local.sse_header) = "false" }, StringNotEquals = { (local.sse_header) = "aws:kms" } }
    },
    {
      Sid       = "DenyOtherKey"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = "s3:PutObject"
      Resource  = local.objects
      Condition = {
        Null            = { (local.key_header) = "false" }
        StringNotEquals = { (local.key_header) = concat(var.encryption[*].key_arn, var.encryption[*].alias_arn) }
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
  ] : statement if var.encryption != null]

  # Data may be touched only through the VPC endpoint, by a named principal or by an AWS service on our behalf. Actions
  # on the bucket itself are left out: a wrong perimeter must never lock Terraform out of mending it.
  perimeter_statements = [for perimeter in var.perimeter[*] : {
    Sid       = "DenyOutsidePerimeter"
    Effect    = "Deny"
    Principal = { AWS = "*" }
    Action = [
      "s3:AbortMultipartUpload",
      "s3:DeleteObject*",
      "s3:GetObject*",
      "s3:ListBucket*",
      "s3:PutObject*",
      "s3:RestoreObject",
    ]
    Resource = [local.arn, local.objects]
    Condition = {
      StringNotEquals = { "aws:SourceVpce" = perimeter.vpc_endpoint_ids }
      ArnNotLike      = { "aws:PrincipalArn" = perimeter.exempt_principal_arns }
      BoolIfExists    = { "aws:PrincipalIsAWSService" = "false", "aws:ViaAWSService" = "false" }
    }
  }]

  allow_statements = [for statement in var.allow : {
    Sid       = statement.sid
    Effect    = "Allow"
    Principal = { (statement.principal_type) = statement.principals }
    Action    = statement.actions
    Resource  = [for path in statement.paths : "${local.arn}/${path}"]
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
    bucket_key_enabled = var.encryption != null

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.encryption == null ? "AES256" : "aws:kms"
      kms_master_key_id = one(var.encryption[*].key_arn)
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
      local.encryption_statements,
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
