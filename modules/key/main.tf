# A customer managed key. Administrators cannot use it and users cannot administer it; where it must outlive mistakes,
# nobody but the account's root user, behind break-glass, can disable it or order its deletion. Statements name the
# account and narrow it to roles by ARN pattern where those roles may not exist yet; such roles need an identity policy too.

locals {
  account = "arn:aws:iam::${var.account_id}:root"
  via     = { for label, user in var.users : label => [for service in user.services : "${service}.${var.region}.amazonaws.com"] }

  administration = {
    Sid       = "Administration"
    Effect    = "Allow"
    Principal = { AWS = local.account }
    Action = [
      "kms:CancelKeyDeletion",
      "kms:CreateAlias",
      "kms:DescribeKey",
      "kms:EnableKey",
      "kms:EnableKeyRotation",
      "kms:GetKeyPolicy",
      "kms:GetKeyRotationStatus",
      "kms:ListAliases",
      "kms:ListGrants",
      "kms:ListKeyPolicies",
      "kms:ListResourceTags",
      "kms:PutKeyPolicy",
      "kms:RevokeGrant",
      "kms:TagResource",
      "kms:UntagResource",
      "kms:UpdateAlias",
      "kms:UpdateKeyDescription",
    ]
    Resource  = "*"
    Condition = { ArnEquals = { "aws:PrincipalArn" = concat(var.administrator_arns, [local.account]) } }
  }

  # Whoever plans sees how the key is set, and cannot use it.
  reading = {
    Sid       = "Reading"
    Effect    = "Allow"
    Principal = { AWS = local.account }
    Action    = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListKeyPolicies", "kms:ListResourceTags"]
    Resource  = "*"
    Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::${var.account_id}:role/sluice-plan" } }
  }

  ending = {
    Sid       = "Ending"
    Effect    = "Allow"
    Principal = { AWS = local.account }
    Action    = ["kms:DeleteAlias", "kms:DisableKey", "kms:ScheduleKeyDeletion"]
    Resource  = "*"
    Condition = { ArnEquals = { "aws:PrincipalArn" = concat(var.is_deletable ? var.administrator_arns : [], [local.account]) } }
  }

  use = [for label, user in var.users : {
    Sid       = "Use${join("", [for word in split("_", label) : title(word)])}"
    Effect    = "Allow"
    Principal = { AWS = length(user.principal_arns) > 0 ? user.principal_arns : [local.account] }
    Action = concat(
      ["kms:DescribeKey"],
      user.can_encrypt ? ["kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptTo"] : [],
      user.can_decrypt ? ["kms:Decrypt", "kms:ReEncryptFrom"] : [],
    )
    Resource = "*"
    Condition = merge(
      length(user.principal_patterns) > 0 ? { ArnLike = { "aws:PrincipalArn" = user.principal_patterns } } : {},
      length(user.services) > 0 ? { StringEquals = { "kms:ViaService" = local.via[label] } } : {},
    )
  }]

  emr = var.emr == null ? {} : { for label, arn in var.emr : label => arn }

  integrated = [for service in var.integrated_services : "${service}.${var.region}.amazonaws.com"]
  caller     = { "kms:CallerAccount" = var.account_id, "kms:ViaService" = local.integrated }

  integration = [for statement in [
    {
      Sid       = "UseThroughServices"
      Effect    = "Allow"
      Principal = { AWS = local.account }
      Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"]
      Resource  = "*"
      Condition = { StringEquals = local.caller }
    },
    {
      Sid       = "GrantToServices"
      Effect    = "Allow"
      Principal = { AWS = local.account }
      Action    = "kms:CreateGrant"
      Resource  = "*"
      Condition = { StringEquals = local.caller, Bool = { "kms:GrantIsForAWSResource" = "true" } }
    },
  ] : statement if length(var.integrated_services) > 0]

  # EMR's service role makes volumes through EC2. Each machine asks KMS itself for the password of its local disks, and
  # says no encryption context: S3, EBS and Secrets Manager always do, so what they encrypted is closed to it.
  disks = [for statement in [
    {
      Sid       = "EmrSeesTheKey"
      Effect    = "Allow"
      Principal = { AWS = values(local.emr) }
      Action    = ["kms:DescribeKey"]
      Resource  = "*"
      Condition = { StringEquals = { "kms:CallerAccount" = var.account_id } }
    },
    {
      Sid       = "EmrVolumes"
      Effect    = "Allow"
      Principal = { AWS = lookup(local.emr, "service_role_arn", null) }
      Action    = ["kms:Decrypt", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
      Resource  = "*"
      Condition = { StringEquals = { "kms:ViaService" = "ec2.${var.region}.amazonaws.com" } }
    },
    {
      Sid       = "EmrGrantsVolumes"
      Effect    = "Allow"
      Principal = { AWS = lookup(local.emr, "service_role_arn", null) }
      Action    = ["kms:CreateGrant"]
      Resource  = "*"
      Condition = {
        StringEquals = { "kms:ViaService" = "ec2.${var.region}.amazonaws.com" }
        Bool         = { "kms:GrantIsForAWSResource" = "true" }
      }
    },
    {
      Sid       = "EmrLocalDisks"
      Effect    = "Allow"
      Principal = { AWS = lookup(local.emr, "node_role_arn", null) }
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = "*"
      Condition = { Null = { "kms:EncryptionContextKeys" = "true" } }
    },
  ] : statement if var.emr != null]

  # CloudWatch Logs and CloudTrail say what they encrypt for; the others say on whose account's behalf they publish.
  logs_arn   = "arn:aws:logs:${var.region}:${var.account_id}:*"
  trails_arn = "arn:aws:cloudtrail:${var.region}:${var.account_id}:trail/*"
  on_behalf = {
    cloudtrail = { ArnLike = { "aws:SourceArn" = local.trails_arn } }
    logs       = { ArnLike = { "kms:EncryptionContext:aws:logs:arn" = local.logs_arn } }
  }

  service_use = [for service in var.service_principals : {
    Sid       = "Service${join("", [for word in split(".", service) : title(word)])}"
    Effect    = "Allow"
    Principal = { Service = service == "logs" ? "logs.${var.region}.amazonaws.com" : "${service}.amazonaws.com" }
    Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
    Resource  = "*"
    Condition = merge(
      lookup(local.on_behalf, service, {}),
      contains(keys(local.on_behalf), service) ? {} : { StringEquals = { "aws:SourceAccount" = var.account_id } },
    )
  }]
}

resource "aws_kms_key" "this" {
  description             = var.description
  enable_key_rotation     = true
  deletion_window_in_days = var.deletion_window_days
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat([local.administration, local.reading, local.ending], local.use, local.disks, local.integration, local.service_use)
  })

  lifecycle {
    prevent_destroy = true # who decommissions a stack keeps the key for as long as any data or backup under it
  }
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.key_id
}
