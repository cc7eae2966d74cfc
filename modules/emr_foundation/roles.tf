# The service role makes machines; the node role is on every machine and reaches no data: a step gets its data through
# the runtime role that the node role assumes for it.

resource "aws_iam_role" "service" {
  name                 = "${var.name}-emr-service"
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "elasticmapreduce.amazonaws.com" }
      Condition = {
        StringEquals = { "aws:SourceAccount" = var.account_id }
        ArnLike      = { "aws:SourceArn" = "arn:aws:elasticmapreduce:${var.region}:${var.account_id}:*" }
      }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "service" {
  role       = aws_iam_role.service.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonEMRServicePolicy_v2"
}

resource "aws_iam_role_policy" "service" {
  name = "nodes"
  role = aws_iam_role.service.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "PassNodeRole"
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = local.node_role_arn
      Condition = { StringEquals = { "iam:PassedToService" = "ec2.amazonaws.com" } }
    }]
  })
}

resource "terraform_data" "service_key" {
  input = {
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "EncryptDisks"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
        Resource = var.kms_key_arn
      },
      {
        Sid       = "GrantDisks"
        Effect    = "Allow"
        Action    = "kms:CreateGrant"
        Resource  = var.kms_key_arn
        Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
      },
    ]
  }
}

resource "aws_iam_role_policy" "service_key" {
  name   = "disk-key"
  role   = aws_iam_role.service.name
  policy = jsonencode(terraform_data.service_key.input)
}

resource "aws_iam_role" "node" {
  name                 = "${var.name}-emr-node"
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "node" {
  name = "node"
  role = aws_iam_role.node.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "AssumeRuntimeRoles"
        Effect   = "Allow"
        Action   = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
        Resource = "arn:aws:iam::${var.account_id}:role/tenant/*"
      },
      {
        Sid      = "WriteClusterLogs"
        Effect   = "Allow"
        Action   = "s3:PutObject"
        Resource = "arn:aws:s3:::${local.logs_bucket}/emr/*"
      },
      {
        Sid      = "ReadCertificates"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "arn:aws:s3:::${local.artifacts_bucket}/${module.security.certificates_key}"
      },
      {
        Sid    = "SessionManager" # these actions know no resource
        Effect = "Allow"
        Action = [
          "ssm:UpdateInstanceInformation",
          "ssmmessages:CreateControlChannel",
          "ssmmessages:CreateDataChannel",
          "ssmmessages:OpenControlChannel",
          "ssmmessages:OpenDataChannel",
        ]
        Resource = "*"
      },
    ]
  })
}

resource "terraform_data" "node_key" {
  input = {
    Version = "2012-10-17"
    Statement = [{
      Sid      = "EncryptDisksAndLogs"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"]
      Resource = var.kms_key_arn
    }]
  }
}

resource "aws_iam_role_policy" "node_key" {
  name   = "disk-key"
  role   = aws_iam_role.node.name
  policy = jsonencode(terraform_data.node_key.input)
}

resource "aws_iam_instance_profile" "node" {
  name = "${var.name}-emr-node"
  role = aws_iam_role.node.name
}
