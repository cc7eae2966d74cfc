# EMR Studio, development only: notebooks run on the shared cluster with the runtime role of their user's tenant.

locals {
  folder  = "arn:aws:s3:::${var.artifacts_bucket}/notebooks"
  ec2     = "arn:aws:ec2:${var.region}:${var.account_id}"
  emr_tag = "for-use-with-amazon-emr-managed-policies"
}

resource "aws_iam_role" "this" {
  name                 = "${var.name}-notebooks"
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "elasticmapreduce.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

# Source: EMR Management Guide, "Create an EMR Studio service role".
resource "aws_iam_role_policy" "this" {
  name = "studio"
  role = aws_iam_role.this.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "StoreNotebooks"
        Effect   = "Allow"
        Action   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
        Resource = "${local.folder}/*"
      },
      {
        Sid      = "ListNotebooks"
        Effect   = "Allow"
        Action   = ["s3:GetEncryptionConfiguration", "s3:ListBucket"]
        Resource = "arn:aws:s3:::${var.artifacts_bucket}"
      },
      {
        Sid       = "ReachClusters"
        Effect    = "Allow"
        Action    = ["elasticmapreduce:DescribeCluster", "elasticmapreduce:ListInstances", "elasticmapreduce:ListSteps"]
        Resource  = "arn:aws:elasticmapreduce:${var.region}:${var.account_id}:cluster/*"
        Condition = { StringEquals = { "elasticmapreduce:ResourceTag/env" = var.environment } }
      },
      {
        Sid       = "MakeInterfaces"
        Effect    = "Allow"
        Action    = "ec2:CreateNetworkInterface"
        Resource  = "${local.ec2}:network-interface/*"
        Condition = { StringEquals = { "aws:RequestTag/${local.emr_tag}" = "true" } }
      },
      {
        Sid       = "InTaggedNetworks" # ours alone carry the tag
        Effect    = "Allow"
        Action    = "ec2:CreateNetworkInterface"
        Resource  = ["${local.ec2}:security-group/*", "${local.ec2}:subnet/*"]
        Condition = { StringEquals = { "aws:ResourceTag/${local.emr_tag}" = "true" } }
      },
      {
        Sid       = "TagInterfaces"
        Effect    = "Allow"
        Action    = "ec2:CreateTags"
        Resource  = "${local.ec2}:network-interface/*"
        Condition = { StringEquals = { "ec2:CreateAction" = "CreateNetworkInterface" } }
      },
      {
        Sid       = "UseInterfaces"
        Effect    = "Allow"
        Action    = ["ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface"]
        Resource  = "${local.ec2}:network-interface/*"
        Condition = { StringEquals = { "aws:ResourceTag/${local.emr_tag}" = "true" } }
      },
      {
        Sid      = "SeeNetwork" # these actions know no resource
        Effect   = "Allow"
        Action   = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"]
        Resource = "*"
      },
    ]
  })
}

resource "terraform_data" "key" {
  input = {
    Version = "2012-10-17"
    Statement = [{
      Sid      = "EncryptNotebooks"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
      Resource = var.kms_key_arn
    }]
  }
}

resource "aws_iam_role_policy" "key" {
  name   = "notebook-key"
  role   = aws_iam_role.this.name
  policy = jsonencode(terraform_data.key.input)
}

# To be attached to the engineers' permission set: a session on a cluster needs a runtime role of a tenant.
resource "aws_iam_policy" "user" {
  name        = "${var.name}-notebook-user"
  description = "Open the studio, and sessions with a tenant's runtime role"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "OpenStudio"
        Effect   = "Allow"
        Action   = ["elasticmapreduce:CreateStudioPresignedUrl", "elasticmapreduce:DescribeStudio"]
        Resource = "arn:aws:elasticmapreduce:${var.region}:${var.account_id}:studio/*"
      },
      {
        Sid      = "OpenTenantSessions"
        Effect   = "Allow"
        Action   = "elasticmapreduce:GetClusterSessionCredentials"
        Resource = "arn:aws:elasticmapreduce:${var.region}:${var.account_id}:cluster/*"
        Condition = {
          StringEquals = { "elasticmapreduce:ResourceTag/env" = var.environment, "elasticmapreduce:ResourceTag/tenant" = "platform" }
          ArnLike      = { "elasticmapreduce:ExecutionRoleArn" = "arn:aws:iam::${var.account_id}:role/tenant/$${aws:PrincipalTag/tenant}/*" }
        }
      },
    ]
  })
}

resource "aws_security_group" "engine" {
  name        = "${var.name}-notebooks-engine"
  description = "Notebook traffic to clusters"
  vpc_id      = var.vpc_id
  tags        = { (local.emr_tag) = "true" }
}

resource "aws_security_group" "workspace" {
  name        = "${var.name}-notebooks-workspace"
  description = "Notebook workspaces"
  vpc_id      = var.vpc_id
  tags        = { (local.emr_tag) = "true" }
}

resource "aws_vpc_security_group_ingress_rule" "engine" {
  security_group_id            = aws_security_group.engine.id
  description                  = "Enterprise gateway from workspaces"
  ip_protocol                  = "tcp"
  from_port                    = 18888
  to_port                      = 18888
  referenced_security_group_id = aws_security_group.workspace.id
}

resource "aws_vpc_security_group_egress_rule" "workspace" {
  security_group_id            = aws_security_group.workspace.id
  description                  = "Enterprise gateway on clusters"
  ip_protocol                  = "tcp"
  from_port                    = 18888
  to_port                      = 18888
  referenced_security_group_id = aws_security_group.engine.id
}

resource "aws_emr_studio" "this" {
  name                        = "${var.name}-notebooks"
  auth_mode                   = "IAM"
  default_s3_location         = "s3://${var.artifacts_bucket}/notebooks/"
  encryption_key_arn          = var.kms_key_arn
  engine_security_group_id    = aws_security_group.engine.id
  workspace_security_group_id = aws_security_group.workspace.id
  service_role                = "arn:aws:iam::${var.account_id}:role/${aws_iam_role.this.name}"
  subnet_ids                  = var.subnet_ids
  vpc_id                      = var.vpc_id

  depends_on = [aws_iam_role_policy.this, aws_iam_role_policy.key]
}
