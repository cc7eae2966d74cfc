# What AWS Backup may do. AWS's own policies for it reach every bucket and every database of the account; this is their
# part for one database and for curated data.

locals {
  role_arn = "arn:aws:iam::${var.account_id}:role/${aws_iam_role.this.name}"

  database_statements = [
    {
      Sid    = "BackUpDatabase"
      Effect = "Allow"
      Action = [
        "rds:AddTagsToResource",
        "rds:CreateDBSnapshot",
        "rds:DeleteDBSnapshot",
        "rds:DescribeDBInstances",
        "rds:DescribeDBSnapshots",
        "rds:ListTagsForResource",
      ]
      Resource = [local.database_arn, "arn:aws:rds:${local.own}:snapshot:awsbackup:*"]
    },
    {
      Sid    = "RestoreBeside"
      Effect = "Allow"
      Action = ["rds:AddTagsToResource", "rds:DeleteDBInstance", "rds:DescribeDBInstances", "rds:RestoreDBInstanceFromDBSnapshot"]
      Resource = [
        local.restored,
        "arn:aws:rds:${local.own}:pg:${var.name}-authority",
        "arn:aws:rds:${local.own}:snapshot:awsbackup:*",
        "arn:aws:rds:${local.own}:subgrp:${var.name}-authority",
      ]
    },
  ]

  # Source: AWSBackupServiceRolePolicyForS3Backup.
  curated_statements = [
    {
      Sid    = "BackUpBuckets"
      Effect = "Allow"
      Action = [
        "s3:GetBucketAcl",
        "s3:GetBucketLocation",
        "s3:GetBucketNotification",
        "s3:GetBucketTagging",
        "s3:GetBucketVersioning",
        "s3:GetInventoryConfiguration",
        "s3:ListBucket",
        "s3:ListBucketVersions",
        "s3:PutBucketNotification",
        "s3:PutInventoryConfiguration",
      ]
      Resource = local.curated
    },
    {
      Sid    = "BackUpObjects"
      Effect = "Allow"
      Action = [
        "s3:GetObject",
        "s3:GetObjectAcl",
        "s3:GetObjectTagging",
        "s3:GetObjectVersion",
        "s3:GetObjectVersionAcl",
        "s3:GetObjectVersionTagging",
      ]
      Resource = "${local.curated}/*"
    },
    {
      Sid    = "NoticeChanges"
      Effect = "Allow"
      Action = [
        "events:DeleteRule",
        "events:DescribeRule",
        "events:DisableRule",
        "events:EnableRule",
        "events:ListTargetsByRule",
        "events:PutRule",
        "events:PutTargets",
        "events:RemoveTargets",
      ]
      Resource = "arn:aws:events:${local.own}:rule/AwsBackupManagedRule*"
    },
    {
      Sid      = "SeeSizes" # knows no resource
      Effect   = "Allow"
      Action   = "cloudwatch:GetMetricData"
      Resource = "*"
    },
  ]
}

resource "aws_iam_role" "this" {
  name                 = "${var.name}-backup"
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "backup.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name   = "backup"
  role   = aws_iam_role.this.name
  policy = jsonencode({ Version = "2012-10-17", Statement = concat(local.database_statements, local.curated_statements) })
}

resource "terraform_data" "key" {
  input = {
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "UseKey"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
        Resource  = var.kms_key_arn
        Condition = { StringEquals = { "kms:ViaService" = [for service in ["backup", "rds"] : "${service}.${var.region}.amazonaws.com"] } }
      },
      {
        Sid       = "GrantToDatabase"
        Effect    = "Allow"
        Action    = "kms:CreateGrant"
        Resource  = var.kms_key_arn
        Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
      },
    ]
  }
}

resource "aws_iam_role_policy" "key" {
  name   = "key"
  role   = aws_iam_role.this.name
  policy = jsonencode(terraform_data.key.input)
}
