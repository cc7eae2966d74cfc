# Redshift: private, encrypted, TLS only, its traffic inside the VPC, its administrator's password held by AWS. It loads
# with its own role, which may do nothing but assume the load role of a tenant.

locals {
  identifier = "${var.name}-warehouse"
  logs       = toset(["connectionlog", "useractivitylog", "userlog"])
}

resource "aws_iam_role" "this" {
  name                 = "${var.name}-warehouse"
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "redshift.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = "load"
  role = aws_iam_role.this.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "AssumeTenantLoadRoles"
      Effect   = "Allow"
      Action   = "sts:AssumeRole"
      Resource = "arn:aws:iam::${var.account_id}:role/tenant/*/${var.environment_prefix}-*-warehouse-load"
    }]
  })
}

resource "aws_security_group" "this" {
  name        = local.identifier
  description = "Redshift"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  for_each = var.client_security_groups

  security_group_id            = aws_security_group.this.id
  description                  = "SQL from ${each.key}"
  ip_protocol                  = "tcp"
  from_port                    = 5439
  to_port                      = 5439
  referenced_security_group_id = each.value
}

resource "aws_vpc_security_group_egress_rule" "s3" {
  security_group_id = aws_security_group.this.id
  description       = "COPY from S3 through the gateway endpoint"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = var.s3_prefix_list_id
}

resource "aws_vpc_security_group_egress_rule" "endpoints" {
  security_group_id = aws_security_group.this.id
  description       = "KMS and STS through the VPC's endpoints"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = var.vpc_cidr
}

resource "aws_redshift_subnet_group" "this" {
  name       = local.identifier
  subnet_ids = var.subnet_ids
}

resource "aws_redshift_parameter_group" "this" {
  name   = local.identifier
  family = "redshift-1.0"

  parameter {
    name  = "require_ssl"
    value = "true"
  }

  parameter {
    name  = "enable_user_activity_logging"
    value = "true"
  }
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = local.logs

  name              = "/aws/redshift/cluster/${local.identifier}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_redshift_cluster" "this" {
  cluster_identifier                  = local.identifier
  database_name                       = var.database
  master_username                     = "sluice_admin"
  manage_master_password              = true
  master_password_secret_kms_key_id   = var.kms_key_arn
  node_type                           = var.node_type
  cluster_type                        = var.nodes > 1 ? "multi-node" : "single-node"
  number_of_nodes                     = var.nodes
  encrypted                           = true
  kms_key_id                          = var.kms_key_arn
  cluster_subnet_group_name           = aws_redshift_subnet_group.this.name
  cluster_parameter_group_name        = aws_redshift_parameter_group.this.name
  vpc_security_group_ids              = [aws_security_group.this.id]
  iam_roles                           = ["arn:aws:iam::${var.account_id}:role/${aws_iam_role.this.name}"]
  enhanced_vpc_routing                = true
  publicly_accessible                 = false
  allow_version_upgrade               = true
  automated_snapshot_retention_period = var.snapshot_days
  preferred_maintenance_window        = "sun:06:00-sun:06:30" # after the night's loads
  skip_final_snapshot                 = !var.deletion_protection
  final_snapshot_identifier           = var.deletion_protection ? "${local.identifier}-final" : null
}

resource "aws_redshift_logging" "this" {
  cluster_identifier   = aws_redshift_cluster.this.cluster_identifier
  log_destination_type = "cloudwatch"
  log_exports          = local.logs

  depends_on = [aws_cloudwatch_log_group.this] # else Redshift makes them, without retention or key
}
