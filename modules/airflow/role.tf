# What Airflow may do, service by service. Tenants' names are unknown here: their things follow one convention, and
# their keys name this role themselves.

locals {
  cluster_arn = "arn:aws:elasticmapreduce:${var.region}:${var.account_id}:cluster/*"
  in_this_env = { "elasticmapreduce:ResourceTag/env" = var.environment }
  of_new_clusters = {
    StringEquals = { "aws:RequestTag/env" = var.environment }
    Null         = { "aws:RequestTag/tenant" = "false" }
  }
  warehouse = "${var.region}:${var.account_id}"
  glue      = "arn:aws:glue:${var.region}:${var.account_id}"
  database  = replace("${var.environment_prefix}-*", "-", "_")

  emr_statements = [
    {
      Sid       = "StartClusters" # knows no resource, for there is none yet
      Effect    = "Allow"
      Action    = "elasticmapreduce:RunJobFlow"
      Resource  = "*"
      Condition = local.of_new_clusters
    },
    {
      Sid       = "TagClusters"
      Effect    = "Allow"
      Action    = "elasticmapreduce:AddTags"
      Resource  = local.cluster_arn
      Condition = local.of_new_clusters
    },
    {
      Sid    = "WatchAndEndClusters"
      Effect = "Allow"
      Action = [
        "elasticmapreduce:CancelSteps",
        "elasticmapreduce:DescribeCluster",
        "elasticmapreduce:DescribeStep",
        "elasticmapreduce:ListSteps",
        "elasticmapreduce:PutAutoTerminationPolicy",
        "elasticmapreduce:PutManagedScalingPolicy",
        "elasticmapreduce:TerminateJobFlows",
      ]
      Resource  = local.cluster_arn
      Condition = { StringEquals = local.in_this_env }
    },
    {
      Sid      = "AddStepsOfAClustersTenant"
      Effect   = "Allow"
      Action   = "elasticmapreduce:AddJobFlowSteps"
      Resource = local.cluster_arn
      Condition = {
        StringEquals = local.in_this_env
        ArnLike      = { "elasticmapreduce:ExecutionRoleArn" = "arn:aws:iam::${var.account_id}:role/tenant/$${aws:ResourceTag/tenant}/*" }
      }
    },
    {
      Sid      = "AddStepsToTheSharedCluster"
      Effect   = "Allow"
      Action   = "elasticmapreduce:AddJobFlowSteps"
      Resource = local.cluster_arn
      Condition = {
        StringEquals = merge(local.in_this_env, { "elasticmapreduce:ResourceTag/tenant" = "platform" })
        ArnLike      = { "elasticmapreduce:ExecutionRoleArn" = "arn:aws:iam::${var.account_id}:role/tenant/*" }
      }
    },
    {
      Sid      = "FindClusters" # knows no resource
      Effect   = "Allow"
      Action   = "elasticmapreduce:ListClusters"
      Resource = "*"
    },
    {
      Sid       = "PassServiceRole"
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = var.emr_service_role_arn
      Condition = { StringEquals = { "iam:PassedToService" = "elasticmapreduce.amazonaws.com" } }
    },
    {
      Sid       = "PassNodeRole"
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = var.emr_node_role_arn
      Condition = { StringEquals = { "iam:PassedToService" = "ec2.amazonaws.com" } }
    },
  ]

  data_statements = [
    {
      # HeadObject, which compares size and checksum with the manifest's, is permitted as GetObject.
      Sid      = "VerifyLandedFiles"
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "arn:aws:s3:::${var.environment_prefix}-*-landing/*/as_of=*/*"
    },
    {
      Sid      = "ReadCuratedManifests"
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "arn:aws:s3:::${var.environment_prefix}-*-curated/*/_manifest.json"
    },
    {
      Sid      = "SeeWhatHasLanded" # without it a missing object is 403 and not 404
      Effect   = "Allow"
      Action   = "s3:ListBucket"
      Resource = [for zone in ["landing", "curated"] : "arn:aws:s3:::${var.environment_prefix}-*-${zone}"]
    },
    {
      Sid      = "PointCatalog"
      Effect   = "Allow"
      Action   = ["glue:CreatePartition", "glue:GetDatabase", "glue:GetPartition", "glue:GetTable", "glue:UpdatePartition"]
      Resource = ["${local.glue}:catalog", "${local.glue}:database/${local.database}", "${local.glue}:table/${local.database}/*"]
    },
    {
      Sid      = "RunWarehouseSql"
      Effect   = "Allow"
      Action   = ["redshift-data:BatchExecuteStatement", "redshift-data:ExecuteStatement"]
      Resource = "arn:aws:redshift:${local.warehouse}:cluster:${var.warehouse.identifier}"
    },
    {
      Sid    = "WatchWarehouseSql" # the service knows no resource here, but whose statement it is
      Effect = "Allow"
      Action = [
        "redshift-data:CancelStatement",
        "redshift-data:DescribeStatement",
        "redshift-data:GetStatementResult",
      ]
      Resource  = "*"
      Condition = { StringEquals = { "redshift-data:statement-owner-iam-userid" = "$${aws:userid}" } }
    },
    {
      Sid    = "LogInAsLoader"
      Effect = "Allow"
      Action = "redshift:GetClusterCredentials"
      Resource = [
        "arn:aws:redshift:${local.warehouse}:dbname:${var.warehouse.identifier}/${var.warehouse.database}",
        "arn:aws:redshift:${local.warehouse}:dbuser:${var.warehouse.identifier}/${var.warehouse.db_user}",
      ]
    },
    {
      Sid      = "LogInToAuthority"
      Effect   = "Allow"
      Action   = "rds-db:connect"
      Resource = "arn:aws:rds-db:${var.region}:${var.account_id}:dbuser:*/sluice_publisher"
    },
    {
      Sid      = "ReadParameters"
      Effect   = "Allow"
      Action   = ["ssm:GetParameter", "ssm:GetParameters"]
      Resource = "arn:aws:ssm:${var.region}:${var.account_id}:parameter${var.parameter_prefix}/*"
    },
    {
      Sid      = "ReadConnections"
      Effect   = "Allow"
      Action   = "secretsmanager:GetSecretValue"
      Resource = "arn:aws:secretsmanager:${var.region}:${var.account_id}:secret:${local.connections}/*"
    },
  ]

  # What MWAA itself asks of an execution role; source: "Amazon MWAA execution role" of its user guide.
  service_statements = [
    {
      Sid      = "PublishMetrics"
      Effect   = "Allow"
      Action   = "airflow:PublishMetrics"
      Resource = "arn:aws:airflow:${var.region}:${var.account_id}:environment/${local.environment_name}"
    },
    {
      Sid      = "ReadDagFolder"
      Effect   = "Allow"
      Action   = ["s3:GetBucket*", "s3:GetObject*", "s3:List*"]
      Resource = ["arn:aws:s3:::${local.bucket}", "arn:aws:s3:::${local.bucket}/*"]
    },
    {
      Sid      = "ReportAndSee" # these actions know no resource
      Effect   = "Allow"
      Action   = ["cloudwatch:PutMetricData", "logs:DescribeLogGroups", "s3:GetAccountPublicAccessBlock"]
      Resource = "*"
    },
    {
      Sid    = "WriteLogs"
      Effect = "Allow"
      Action = [
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:GetLogEvents",
        "logs:GetLogGroupFields",
        "logs:GetLogRecord",
        "logs:GetQueryResults",
        "logs:PutLogEvents",
      ]
      Resource = "arn:aws:logs:${var.region}:${var.account_id}:log-group:airflow-${local.environment_name}-*" # the names that MWAA gives its groups
    },
    {
      Sid    = "UseCeleryQueue" # in an account of the service's
      Effect = "Allow"
      Action = [
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
      ]
      Resource = "arn:aws:sqs:${var.region}:*:airflow-celery-*"
    },
  ]
}

resource "aws_iam_role" "this" {
  name                 = local.environment_name
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = ["airflow-env.amazonaws.com", "airflow.amazonaws.com"] }
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "emr" {
  name   = "emr"
  role   = aws_iam_role.this.name
  policy = jsonencode({ Version = "2012-10-17", Statement = local.emr_statements })
}

resource "aws_iam_role_policy" "data" {
  name   = "data"
  role   = aws_iam_role.this.name
  policy = jsonencode({ Version = "2012-10-17", Statement = local.data_statements })
}

resource "aws_iam_role_policy" "service" {
  name   = "service"
  role   = aws_iam_role.this.name
  policy = jsonencode({ Version = "2012-10-17", Statement = local.service_statements })
}

resource "terraform_data" "key" {
  input = {
    Version = "2012-10-17"
    Statement = [{
      Sid      = "UseKey"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"]
      Resource = var.kms_key_arn
      Condition = {
        StringEquals = { "kms:ViaService" = [for service in ["glue", "s3", "secretsmanager", "sqs"] : "${service}.${var.region}.amazonaws.com"] }
      }
    }]
  }
}

resource "aws_iam_role_policy" "key" {
  name   = "key"
  role   = aws_iam_role.this.name
  policy = jsonencode(terraform_data.key.input)
}
