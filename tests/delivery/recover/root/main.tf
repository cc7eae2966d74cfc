terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100.0"
    }
  }
}

variable "tags" { type = map(string) }
variable "reached" { type = string }
variable "go" { type = string }

provider "aws" {
  region = "us-east-1"

  assume_role {
    role_arn = "arn:aws:iam::111111111111:role/sluice-deploy"
  }

  default_tags {
    tags = var.tags
  }
}

resource "aws_s3_bucket" "raw" {
  bucket = "meridian-dev-annuity-raw"
}

resource "aws_iam_role" "job" {
  name = "meridian-dev-annuity-job"
  path = "/tenant/annuity/"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "job" {
  name = "read"
  role = aws_iam_role.job.name

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.raw.arn}/*" }]
  })
}

resource "aws_kms_key" "this" {
  description = "Data of annuity."
}

resource "aws_kms_alias" "this" {
  name          = "alias/meridian-dev-annuity"
  target_key_id = aws_kms_key.this.key_id
}

resource "aws_cloudwatch_log_group" "this" {
  name = "/meridian/dev/annuity"
}

resource "aws_glue_catalog_database" "this" {
  name = "meridian_dev_annuity"
}

# Where the apply is killed: everything above is made, and Terraform has not written its state yet.
resource "terraform_data" "slow" {
  depends_on = [
    aws_cloudwatch_log_group.this, aws_glue_catalog_database.this, aws_iam_role_policy.job, aws_kms_alias.this
  ]

  provisioner "local-exec" {
    command = "touch ${var.reached}; while ! [ -e ${var.go} ]; do sleep 0.1; done"
  }
}

resource "aws_ssm_parameter" "late" {
  name           = "/meridian/dev/annuity/late"
  type           = "String"
  insecure_value = terraform_data.slow.id
}
