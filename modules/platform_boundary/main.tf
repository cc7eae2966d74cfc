# The most that any role of the platform can do, whatever somebody attaches to it later: no role of the platform makes
# identities, and data, keys and secrets are those of this environment alone.

locals {
  own      = "${var.region}:${var.account_id}"
  clusters = "arn:aws:elasticmapreduce:${local.own}:cluster/*"
  glue     = "arn:aws:glue:${local.own}"
  database = replace("${var.environment_prefix}-*", "-", "_")
  in_env   = { "elasticmapreduce:ResourceTag/env" = var.environment }
  tenants  = "arn:aws:iam::${var.account_id}:role/tenant"

  machine_statements = [
    {
      Sid    = "Machines" # no data is reached through these
      Effect = "Allow"
      Action = [
        "airflow:PublishMetrics",
        "application-autoscaling:*",
        "cloudwatch:*",
        "ec2:*",
        "elasticmapreduce:AddTags",
        "elasticmapreduce:CancelSteps",
        "elasticmapreduce:Describe*",
        "elasticmapreduce:List*",
        "elasticmapreduce:Put*",
        "elasticmapreduce:RunJobFlow",
        "elasticmapreduce:TerminateJobFlows",
        "events:*",
        "logs:*",
        "resource-groups:ListGroupResources",
        "s3:GetAccountPublicAccessBlock",
        "ssm:UpdateInstanceInformation",
        "ssmmessages:*",
      ]
      Resource = "*"
    },
    {
      Sid      = "StepsOfAClustersTenant"
      Effect   = "Allow"
      Action   = "elasticmapreduce:AddJobFlowSteps"
      Resource = local.clusters
      Condition = {
        StringEquals = local.in_env
        ArnLike      = { "elasticmapreduce:ExecutionRoleArn" = "${local.tenants}/$${aws:ResourceTag/tenant}/*" }
      }
    },
    {
      Sid      = "StepsOnTheSharedCluster"
      Effect   = "Allow"
      Action   = "elasticmapreduce:AddJobFlowSteps"
      Resource = local.clusters
      Condition = {
        StringEquals = merge(local.in_env, { "elasticmapreduce:ResourceTag/tenant" = "platform" })
        ArnLike      = { "elasticmapreduce:ExecutionRoleArn" = "${local.tenants}/*" }
      }
    },
    {
      Sid       = "PassServiceRole"
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = "arn:aws:iam::${var.account_id}:role/${var.name}-emr-service"
      Condition = { StringEquals = { "iam:PassedToService" = "elasticmapreduce.amazonaws.com" } }
    },
    {
      Sid       = "PassNodeRole"
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = "arn:aws:iam::${var.account_id}:role/${var.name}-emr-node"
      Condition = { StringEquals = { "iam:PassedToService" = "ec2.amazonaws.com" } }
    },
  ]

  data_statements = [
    {
      Sid      = "OwnBuckets"
      Effect   = "Allow"
      Action   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:Get*", "s3:List*", "s3:PutBucketNotification", "s3:PutInventoryConfiguration", "s3:PutObject"]
      Resource = ["arn:aws:s3:::${var.environment_prefix}-*", "arn:aws:s3:::${var.environment_prefix}-*/*"]
    },
    {
      Sid       = "OwnKeys"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
      Resource  = "arn:aws:kms:${local.own}:key/*"
      Condition = { "ForAnyValue:StringLike" = { "kms:ResourceAliases" = "alias/${var.environment_prefix}-*" } }
    },
    {
      Sid      = "OwnKeysForServices"
      Effect   = "Allow"
      Action   = "kms:CreateGrant"
      Resource = "arn:aws:kms:${local.own}:key/*"
      Condition = {
        "ForAnyValue:StringLike" = { "kms:ResourceAliases" = "alias/${var.environment_prefix}-*" }
        Bool                     = { "kms:GrantIsForAWSResource" = "true" }
      }
    },
    {
      Sid      = "OwnConnections"
      Effect   = "Allow"
      Action   = "secretsmanager:GetSecretValue"
      Resource = "arn:aws:secretsmanager:${local.own}:secret:${var.name}/*"
    },
    {
      Sid      = "OwnParameters"
      Effect   = "Allow"
      Action   = ["ssm:GetParameter", "ssm:GetParameters"]
      Resource = "arn:aws:ssm:${local.own}:parameter${var.parameter_prefix}/*"
    },
    {
      Sid      = "TenantRoles"
      Effect   = "Allow"
      Action   = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
      Resource = "${local.tenants}/*"
    },
    {
      Sid      = "OwnCatalog"
      Effect   = "Allow"
      Action   = ["glue:CreatePartition", "glue:Get*", "glue:UpdatePartition"]
      Resource = ["${local.glue}:catalog", "${local.glue}:database/${local.database}", "${local.glue}:table/${local.database}/*"]
    },
    {
      Sid    = "OwnDatabases"
      Effect = "Allow"
      Action = ["rds-db:connect", "redshift-data:BatchExecuteStatement", "redshift-data:ExecuteStatement", "redshift:GetClusterCredentials"]
      Resource = [
        "arn:aws:rds-db:${local.own}:dbuser:*/sluice_publisher",
        "arn:aws:redshift:${local.own}:cluster:${var.name}-*",
        "arn:aws:redshift:${local.own}:dbname:${var.name}-*",
        "arn:aws:redshift:${local.own}:dbuser:${var.name}-*",
      ]
    },
    {
      Sid      = "OwnBackups"
      Effect   = "Allow"
      Action   = ["rds:AddTagsToResource", "rds:CreateDBSnapshot", "rds:DeleteDBSnapshot", "rds:Describe*", "rds:List*", "rds:RestoreDBInstanceFromDBSnapshot"]
      Resource = [for thing in ["db:${var.name}-*", "db:awsbackup-*", "pg:${var.name}-*", "snapshot:awsbackup:*", "subgrp:${var.name}-*"] : "arn:aws:rds:${local.own}:${thing}"]
    },
    {
      Sid      = "RestoredForATest"
      Effect   = "Allow"
      Action   = "rds:DeleteDBInstance"
      Resource = "arn:aws:rds:${local.own}:db:awsbackup-restore-test-*"
    },
    {
      Sid       = "OwnStatements"
      Effect    = "Allow"
      Action    = ["redshift-data:CancelStatement", "redshift-data:DescribeStatement", "redshift-data:GetStatementResult"]
      Resource  = "*"
      Condition = { StringEquals = { "redshift-data:statement-owner-iam-userid" = "$${aws:userid}" } }
    },
    {
      Sid      = "AirflowQueue" # in an account of the service's
      Effect   = "Allow"
      Action   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:Get*", "sqs:ReceiveMessage", "sqs:SendMessage"]
      Resource = "arn:aws:sqs:${var.region}:*:airflow-celery-*"
    },
  ]
}

resource "aws_iam_policy" "this" {
  name        = "${var.name}-boundary"
  description = "The most that any role of the platform can do"
  policy      = jsonencode({ Version = "2012-10-17", Statement = concat(local.machine_statements, local.data_statements) })
}
