variable "name" { type = string }

variable "encryption" {
  type    = object({ key_arn = string, alias_arn = string })
  default = null
}

locals {
  statements = [for statement in [
    {
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = "s3:PutObject"
      Resource  = "arn:aws:s3:::${var.name}/*"
      Condition = { StringNotEquals = { "s3:key" = concat(var.encryption[*].key_arn, var.encryption[*].alias_arn) } }
    },
  ] : statement if var.encryption != null]
}

resource "aws_s3_bucket" "this" {
  bucket = var.name
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id
  rule {
    bucket_key_enabled = var.encryption != null
    apply_server_side_encryption_by_default {
      sse_algorithm     = var.encryption == null ? "AES256" : "aws:kms"
      kms_master_key_id = one(var.encryption[*].key_arn)
    }
  }
}

resource "terraform_data" "policy" {
  input = { Version = "2012-10-17", Statement = concat(local.statements, []) }
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.bucket
  policy = jsonencode(terraform_data.policy.input)
}

output "key_arn" { value = one(var.encryption[*].key_arn) }
