# The StreamSets Data Collector: one machine without keys, ports or a way in but Session Manager and Airflow's REST calls.

locals {
  cluster_arn = "arn:aws:elasticmapreduce:${var.region}:${var.account_id}:cluster/*"
  bucket_arn  = "arn:aws:s3:::${var.environment_prefix}"
}

resource "aws_iam_role" "this" {
  name                 = "${var.name}-streamsets"
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

resource "aws_iam_role_policy" "this" {
  name = "ingest"
  role = aws_iam_role.this.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ReadLanding"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource = "${local.bucket_arn}-*-landing/*"
      },
      {
        Sid      = "WriteRaw"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:PutObject"]
        Resource = "${local.bucket_arn}-*-raw/*"
      },
      {
        Sid      = "ListLandingAndRaw"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation", "s3:ListBucket"]
        Resource = ["${local.bucket_arn}-*-landing", "${local.bucket_arn}-*-raw"]
      },
      {
        # A star spans slashes too: without these, the key of an object could make any bucket look like landing or raw.
        Sid      = "NeverElsewhere"
        Effect   = "Deny"
        Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
        Resource = ["arn:aws:s3:::${var.name}-*", "${local.bucket_arn}-*-curated/*"]
      },
      {
        Sid      = "NeverIntoLanding"
        Effect   = "Deny"
        Action   = ["s3:AbortMultipartUpload", "s3:PutObject"]
        Resource = "${local.bucket_arn}-*-landing/*"
      },
      {
        Sid      = "NeverOutOfRaw"
        Effect   = "Deny"
        Action   = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource = "${local.bucket_arn}-*-raw/*"
      },
      {
        Sid       = "WatchClusters"
        Effect    = "Allow"
        Action    = ["elasticmapreduce:DescribeCluster", "elasticmapreduce:DescribeStep", "elasticmapreduce:ListSteps"]
        Resource  = local.cluster_arn
        Condition = { StringEquals = { "elasticmapreduce:ResourceTag/env" = var.environment } }
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

resource "aws_iam_instance_profile" "this" {
  name = "${var.name}-streamsets"
  role = aws_iam_role.this.name
}

resource "aws_security_group" "this" {
  name        = "${var.name}-streamsets"
  description = "StreamSets Data Collector"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "airflow" {
  security_group_id            = aws_security_group.this.id
  description                  = "REST API from Airflow"
  ip_protocol                  = "tcp"
  from_port                    = 18630
  to_port                      = 18630
  referenced_security_group_id = var.airflow_security_group_id
}

resource "aws_vpc_security_group_egress_rule" "endpoints" {
  security_group_id = aws_security_group.this.id
  description       = "AWS services through the VPC's endpoints"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = var.vpc_cidr
}

resource "aws_vpc_security_group_egress_rule" "s3" {
  security_group_id = aws_security_group.this.id
  description       = "S3 through the gateway endpoint"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = var.s3_prefix_list_id
}

resource "aws_instance" "this" {
  ami                         = var.ami_id
  instance_type               = var.instance_type
  subnet_id                   = var.subnet_id
  iam_instance_profile        = aws_iam_instance_profile.this.name
  vpc_security_group_ids      = [aws_security_group.this.id]
  associate_public_ip_address = false
  disable_api_termination     = var.deletion_protection
  ebs_optimized               = true
  monitoring                  = true

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  root_block_device {
    encrypted   = true
    kms_key_id  = var.kms_key_arn
    volume_type = "gp3"
    volume_size = var.volume_gib
  }

  tags = { Name = "${var.name}-streamsets" }
}
