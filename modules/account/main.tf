# What holds for the whole account, whoever makes things in it: no public S3, encrypted disks, and a record of every
# call and of every access to data.

locals {
  prefix     = "cloudtrail"
  deliveries = "arn:aws:s3:::${var.logs_bucket}/${local.prefix}/"
}

resource "aws_s3_account_public_access_block" "this" {
  account_id              = var.account_id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_ebs_encryption_by_default" "this" {
  enabled = true
}

resource "aws_ebs_default_kms_key" "this" {
  key_arn = var.kms_key_arn
}

resource "aws_cloudtrail" "this" {
  name                          = "${var.name}-audit"
  s3_bucket_name                = var.logs_bucket
  s3_key_prefix                 = local.prefix
  kms_key_id                    = var.kms_key_arn
  enable_logging                = true
  enable_log_file_validation    = true
  include_global_service_events = true
  is_multi_region_trail         = true

  advanced_event_selector {
    name = "Calls"

    field_selector {
      field  = "eventCategory"
      equals = ["Management"]
    }
  }

  advanced_event_selector {
    name = "Access to objects, read and write, but not what this trail delivers, which would never end"

    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }

    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }

    field_selector {
      field           = "resources.ARN"
      not_starts_with = [local.deliveries]
    }
  }

  advanced_event_selector {
    name = "Who reads what this trail has delivered"

    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }

    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }

    field_selector {
      field  = "readOnly"
      equals = ["true"]
    }

    field_selector {
      field       = "resources.ARN"
      starts_with = [local.deliveries]
    }
  }
}
