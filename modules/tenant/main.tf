# A tenant's roles, and nothing wider than what its jobs read and write. Every role lives under /tenant/<tenant>/ inside
# one boundary, so that even a wrong statement cannot reach another tenant.

locals {
  path = "/tenant/${var.tenant}/"
  s3   = "s3.${var.region}.amazonaws.com"
  data = flatten([for zone in ["landing", "raw", "curated"] : ["arn:aws:s3:::${var.name}-${zone}", "arn:aws:s3:::${var.name}-${zone}/*"]])

  # The boundary names keys by alias: it is written before the tenant's key exists, and cannot grant what no role policy grants.
  keys = ["alias/${var.name}", "alias/${var.platform_name}"]

  roles = merge(
    { for job, access in var.jobs : job => merge(access, { entity = "job-${replace(job, "_", "-")}", trusted = var.emr_node_role_arn }) },
    { for label, access in { warehouse_load = var.warehouse_load } : label => merge(access, { entity = "warehouse-load", trusted = var.warehouse_role_arn }) if access != null },
  )
}

resource "aws_iam_policy" "boundary" {
  name        = "${var.name}-boundary"
  description = "The most that any role of ${var.tenant} can do"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "OwnData"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject"]
        Resource = local.data
      },
      {
        Sid      = "OwnCode"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "arn:aws:s3:::${var.artifacts_bucket}/jobs/${var.tenant}/*"
      },
      {
        Sid      = "OwnKeys"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = "arn:aws:kms:${var.region}:${var.account_id}:key/*"
        Condition = {
          "ForAnyValue:StringEquals" = { "kms:ResourceAliases" = local.keys }
          StringEquals               = { "kms:ViaService" = [local.s3, "secretsmanager.${var.region}.amazonaws.com"] }
        }
      },
      {
        Sid      = "OwnSecrets"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = "arn:aws:secretsmanager:${var.region}:${var.account_id}:secret:${var.name}/*"
      },
    ]
  })
}

resource "aws_iam_role" "this" {
  for_each = local.roles

  name                 = "${var.name}-${each.value.entity}"
  path                 = local.path
  permissions_boundary = "arn:aws:iam::${var.account_id}:policy/${aws_iam_policy.boundary.name}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = each.key == "warehouse_load" ? ["sts:AssumeRole"] : ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
      Principal = { AWS = each.value.trusted }
    }]
  })
}

resource "aws_iam_role_policy" "data" {
  for_each = local.roles

  name = "data"
  role = aws_iam_role.this[each.key].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for statement in each.value.statements : merge(
      { Sid = statement.sid, Effect = "Allow", Action = statement.actions, Resource = statement.resources },
      length(statement.conditions) == 0 ? {} : {
        Condition = { for test in distinct(statement.conditions[*].test) : test => {
          for condition in statement.conditions : condition.variable => condition.values if condition.test == test
        } }
      },
    )]
  })
}

# Apart from the data policy, because a key has no ARN before it is made and a plan should show all that it can.
resource "terraform_data" "keys" {
  for_each = local.roles

  input = {
    Version = "2012-10-17"
    Statement = [for statement in [
      { Sid = "TenantKey", Effect = "Allow", Action = each.value.tenant_key_actions, Resource = var.tenant_key_arn, Condition = { StringEquals = { "kms:ViaService" = local.s3 } } },
      { Sid = "PlatformKey", Effect = "Allow", Action = each.value.platform_key_actions, Resource = var.platform_key_arn, Condition = { StringEquals = { "kms:ViaService" = local.s3 } } },
    ] : statement if length(statement.Action) > 0]
  }
}

resource "aws_iam_role_policy" "keys" {
  for_each = local.roles

  name   = "keys"
  role   = aws_iam_role.this[each.key].name
  policy = jsonencode(terraform_data.keys[each.key].input)
}

# Filled by their owners, never by Terraform: a value here would stand in the state.
resource "aws_secretsmanager_secret" "this" {
  for_each = var.secrets

  name                    = "${var.name}/${each.key}"
  description             = each.value
  kms_key_id              = var.tenant_key_arn
  recovery_window_in_days = var.force_destroy ? 0 : 30
}

resource "aws_ssm_parameter" "this" {
  for_each = var.parameters

  name  = "${var.parameter_prefix}/${each.key}"
  type  = "String"
  value = each.value
}
