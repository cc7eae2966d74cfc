# Every way on which an unknown value reaches an attribute, in resources that need no cloud to be planned. record.py plans
# it into ../first.json, where nothing exists yet.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "account_id" { type = string }
variable "region" { type = string }
variable "name" { type = string }

provider "aws" {
  region                      = var.region
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
}

locals {
  both    = [module.key.arn, aws_kms_key.other.arn]
  through = module.key.arn # a comment with "quotes" and { brackets
  text    = "${upper("a${"}"}")}-${module.key.arn}"
  users = {
    reader = { key_arn = module.key.arn }
    writer = { key_arn = module.key.arn }
  }
}

module "key" {
  source = "./modules/key"
  name   = var.name
}

resource "aws_kms_key" "other" {
  enable_key_rotation = true
}

module "store" {
  source   = "./modules/store"
  for_each = toset(["raw", "curated"])

  name       = "${var.name}-${each.key}"
  encryption = { key_arn = module.key.arn, alias_arn = "arn:aws:kms:${var.region}:${var.account_id}:alias/${var.name}" }
}

resource "aws_sns_topic" "direct" {
  name              = "direct"
  kms_master_key_id = module.key.arn
}

resource "aws_sns_topic" "by_id" {
  name              = "by-id"
  kms_master_key_id = module.key.id
}

resource "aws_sns_topic" "through_local" {
  name              = "through-local"
  kms_master_key_id = local.through
}

resource "aws_sns_topic" "ambiguous" {
  name              = "ambiguous"
  kms_master_key_id = aws_sns_topic.direct.arn == "" ? module.key.arn : aws_kms_key.other.arn
}

resource "aws_sns_topic" "ambiguous_local" {
  name              = "ambiguous-local"
  kms_master_key_id = local.both[0]
}

resource "aws_sns_topic" "named" {
  name              = "named"
  kms_master_key_id = uuid()
}

resource "aws_iam_role" "this" {
  for_each           = local.users
  name               = each.key
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

# The idiom of our modules: a document that a plan shows, and the policy that encodes it.
resource "terraform_data" "keys" {
  for_each = local.users
  input = {
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["kms:Decrypt"], Resource = each.value.key_arn }]
  }
}

resource "aws_iam_role_policy" "keys" {
  for_each = local.users
  name     = "keys"
  role     = aws_iam_role.this[each.key].name
  policy   = jsonencode(terraform_data.keys[each.key].input)
}

resource "aws_iam_role_policy" "hidden" {
  name   = "hidden"
  role   = aws_iam_role.this["reader"].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = module.key.arn }] })
}

resource "terraform_data" "mixed" {
  input = { Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = local.both }] }
}

resource "aws_iam_role_policy" "mixed" {
  name   = "mixed"
  role   = aws_iam_role.this["reader"].name
  policy = jsonencode(terraform_data.mixed.output)
}

# Two documents in one text: nobody can tell the text from them.
resource "aws_iam_role_policy" "merged" {
  name   = "merged"
  role   = aws_iam_role.this["reader"].name
  policy = jsonencode(merge(terraform_data.mixed.output, terraform_data.keys["reader"].input))
}

# A dynamic block is not in the plan's configuration.
resource "aws_s3_bucket_server_side_encryption_configuration" "dynamic" {
  bucket = "dynamic"
  dynamic "rule" {
    for_each = toset(["one"])
    content {
      apply_server_side_encryption_by_default {
        sse_algorithm     = "aws:kms"
        kms_master_key_id = aws_sns_topic.direct.arn
      }
    }
  }
}

# A set of blocks: which of the two has which key does not stand in the plan.
resource "aws_instance" "disks" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "m6g.large"
  ebs_block_device {
    device_name = "/dev/sdf"
    encrypted   = true
    kms_key_id  = module.key.arn
  }
  ebs_block_device {
    device_name = "/dev/sdg"
    encrypted   = true
    kms_key_id  = aws_kms_key.other.arn
  }
}

resource "aws_kms_key" "counted" {
  count               = 2
  enable_key_rotation = true
}

resource "aws_sns_topic" "counted" {
  count             = 2
  name              = "counted-${count.index}"
  kms_master_key_id = aws_kms_key.counted[count.index].arn
}

resource "aws_sns_topic" "any_counted" {
  name              = "any-counted"
  kms_master_key_id = one(slice(aws_kms_key.counted[*].arn, 0, 1))
}

resource "aws_sns_topic" "of_store" {
  for_each          = toset(["raw", "curated"])
  name              = each.key
  kms_master_key_id = module.store[each.key].key_arn
}

# Which store is not said.
resource "aws_sns_topic" "of_any_store" {
  name              = "of-any-store"
  kms_master_key_id = values(module.store)[0].key_arn
}

# Nobody says ingress in the first, and somebody does in the second: the plan's configuration shows neither.
resource "aws_security_group" "closed" {
  name   = "closed"
  vpc_id = "vpc-0123456789abcdef0"
}

resource "aws_security_group" "opened" {
  name   = "opened"
  vpc_id = "vpc-0123456789abcdef0"
  dynamic "ingress" {
    for_each = aws_sns_topic.direct.arn == "" ? toset([]) : toset(["open"])
    content {
      description = ingress.value
      protocol    = "-1"
      from_port   = 0
      to_port     = 0
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}
