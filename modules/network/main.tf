# Private subnets and no way out but VPC endpoints: no internet gateway, no NAT, no public address.

locals {
  emr_tag = { "for-use-with-amazon-emr-managed-policies" = "true" } # AmazonEMRServicePolicy_v2 acts only where it stands

  # Packages and release artefacts that EMR and Amazon Linux fetch while a node starts, by the names that AWS gives: a
  # pattern would fit anybody's bucket. Source: EMR Management Guide, "Sample policies for private subnets".
  service_objects = [
    "arn:aws:s3:::${var.region}.elasticmapreduce/*",
    "arn:aws:s3:::repo.${var.region}.emr.amazonaws.com/*",
    "arn:aws:s3:::al2023-repos-${var.region}-de612dc2/*",
    "arn:aws:s3:::amazonlinux-2-repos-${var.region}/*",
  ]
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = merge(local.emr_tag, { Name = var.name })
}

resource "aws_default_security_group" "closed" {
  vpc_id = aws_vpc.this.id # no rule: nothing that forgets to name a group can talk to anything
}

resource "aws_subnet" "private" {
  for_each = { for index, zone in var.zones : zone => index }

  vpc_id                  = aws_vpc.this.id
  cidr_block              = cidrsubnet(var.cidr, 4, each.value)
  availability_zone       = each.key
  map_public_ip_on_launch = false
  tags                    = merge(local.emr_tag, { Name = "${var.name}-${each.key}" })
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = "${var.name}-private" }
}

resource "aws_route_table_association" "private" {
  for_each = aws_subnet.private

  subnet_id      = each.value.id
  route_table_id = aws_route_table.private.id
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.private.id]
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OwnBuckets"
        Effect    = "Allow"
        Principal = { AWS = "*" }
        Action    = "s3:*"
        Resource  = "*"
        Condition = { StringEquals = { "aws:ResourceAccount" = var.account_id, "aws:PrincipalAccount" = var.account_id } }
      },
      {
        Sid       = "ServiceArtefacts"
        Effect    = "Allow"
        Principal = { AWS = "*" }
        Action    = "s3:GetObject"
        Resource  = local.service_objects
      },
    ]
  })
  tags = { Name = "${var.name}-s3" }
}

resource "aws_security_group" "endpoints" {
  name        = "${var.name}-endpoints"
  description = "HTTPS from the private subnets to AWS services"
  vpc_id      = aws_vpc.this.id
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  security_group_id = aws_security_group.endpoints.id
  description       = "HTTPS from the VPC"
  cidr_ipv4         = var.cidr
  from_port         = 443
  to_port           = 443
  ip_protocol       = "tcp"
}

locals {
  # Through an endpoint this account's principals reach this account's things. An action that names no resource, such as
  # a Describe, has no aws:ResourceAccount.
  own_things = {
    Sid       = "OwnThings"
    Effect    = "Allow"
    Principal = { AWS = "*" }
    Action    = "*"
    Resource  = "*"
    Condition = {
      StringEquals         = { "aws:PrincipalAccount" = var.account_id }
      StringEqualsIfExists = { "aws:ResourceAccount" = var.account_id }
    }
  }

  # MWAA keeps the queue of its workers in an account of the service's own; source: its guide, "Private routing".
  airflow_queue = {
    Sid       = "AirflowQueue"
    Effect    = "Allow"
    Principal = { AWS = "*" }
    Action    = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage", "sqs:SendMessage"]
    Resource  = "arn:aws:sqs:${var.region}:*:airflow-celery-*"
    Condition = { StringEquals = { "aws:PrincipalAccount" = var.account_id } }
  }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = toset(var.interface_endpoints)

  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = values(aws_subnet.private)[*].id
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true
  policy              = jsonencode({ Version = "2012-10-17", Statement = concat([local.own_things], each.key == "sqs" ? [local.airflow_queue] : []) })
  tags                = { Name = "${var.name}-${each.key}" }
}

resource "aws_cloudwatch_log_group" "flow" {
  name              = "/vpc/${var.name}/flow"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_iam_role" "flow" {
  name                 = "${var.name}-flow-logs"
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "flow" {
  name = "write-flow-logs"
  role = aws_iam_role.flow.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "WriteFlowLogs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      Resource = "arn:aws:logs:${var.region}:${var.account_id}:log-group:/vpc/${var.name}/flow:*"
    }]
  })
}

resource "aws_flow_log" "this" {
  vpc_id          = aws_vpc.this.id
  traffic_type    = "ALL"
  log_destination = "arn:aws:logs:${var.region}:${var.account_id}:log-group:${aws_cloudwatch_log_group.flow.name}"
  iam_role_arn    = "arn:aws:iam::${var.account_id}:role/${aws_iam_role.flow.name}"
}
