"""A tenant of the fewest kinds that a real one has, rendered as a stack, to measure and test decommissioning on.

Its key is the product's module, its state and its provider are as rendered ones are. The rest is written out, because
the lake's lifecycle rules take the provider a minute to make.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from bench.measure import ROOT
from generator.model import EnvironmentSpec
from generator.names import Names

LOCK_FILE = ROOT / "environments/prod/rendered/annuity/terraform/.terraform.lock.hcl"
MODULES = ("key",)
MAIN = """\
module "key" {
  source = "../../../../../modules/key"

  name               = var.name
  description        = "Data of ${var.name}"
  account_id         = var.account_id
  region             = var.region
  administrator_arns = [var.deploy_role_arn]
  is_deletable       = !var.deletion_protection
  users              = {}
}

resource "aws_s3_bucket" "zone" {
  for_each = var.zones

  bucket              = "${var.name}-${each.key}"
  object_lock_enabled = each.value
}

resource "aws_s3_bucket_versioning" "zone" {
  for_each = var.zones

  bucket = aws_s3_bucket.zone[each.key].bucket
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "zone" {
  for_each = var.zones

  bucket                  = aws_s3_bucket.zone[each.key].bucket
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_iam_role" "job" {
  name = "${var.name}-job-conform"
  path = "/tenant/${var.tenant}/"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "data" {
  name = "data"
  role = aws_iam_role.job.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::${var.name}-curated/*" }]
  })
}

resource "aws_iam_policy" "boundary" {
  name = "${var.name}-boundary"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::${var.name}-*/*" }]
  })
}

resource "aws_glue_catalog_database" "this" {
  name = var.database
}

resource "aws_ssm_parameter" "this" {
  name  = "${var.parameter_prefix}/kms_key_arn"
  type  = "String"
  value = module.key.arn
}

resource "aws_secretsmanager_secret" "this" {
  name                    = "${var.name}/source"
  recovery_window_in_days = var.deletion_protection ? 30 : 0
}

resource "aws_cloudwatch_log_group" "this" {
  name = "/${var.name}/jobs"
}
"""
PROVIDER = """\
provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  assume_role {
    role_arn     = var.deploy_role_arn
    session_name = var.name
  }

  default_tags {
    tags = var.tags
  }
}
"""


def render_slim(
    root: Path, spec: EnvironmentSpec, tenant: str, zones: Sequence[str], locked: Sequence[str] = ()
) -> None:
    """Write one stack below `root`, with a release's other folders.

    Args:
        zones: buckets that it has.
        locked: those of them with Object Lock.
    """
    names = Names(spec, tenant)
    role = f"arn:aws:iam::{spec.account_id}:role/{spec.deploy_role}"
    values = {
        "name": names.prefix,
        "tenant": tenant,
        "account_id": spec.account_id,
        "region": spec.region,
        "deploy_role_arn": role,
        "tags": {"env": spec.environment, "tenant": tenant, "managed-by": "terraform"},
        "parameter_prefix": names.parameter("").rstrip("/"),
        "database": names.glue_database,
        "deletion_protection": spec.deletion_protection,
        "retention_days": 2555,
        "zones": {zone: zone in locked for zone in zones},
    }
    backend = {
        "bucket": names.platform.bucket("tfstate"),
        "key": f"{tenant}/terraform.tfstate",
        "region": spec.region,
        "encrypt": True,
        "use_lockfile": True,
        "assume_role": {"role_arn": role, "session_name": names.prefix},
    }
    folder = root / "environments" / spec.environment / "rendered" / tenant / "terraform"
    folder.mkdir(parents=True, exist_ok=True)
    written = {
        "main.tf": MAIN,
        "providers.tf": PROVIDER,
        "variables.tf": "".join(f'variable "{name}" {{}}\n' for name in values),
        "terraform.tfvars.json": json.dumps(values, indent=1),
        "backend.tf.json": json.dumps({"terraform": {"backend": {"s3": backend}}}),
        ".terraform.lock.hcl": LOCK_FILE.read_text(),
        "versions.tf": (LOCK_FILE.parent / "versions.tf").read_text(),
    }
    for name, text in written.items():
        (folder / name).write_text(text)
    for module in MODULES:
        shutil.copytree(ROOT / "modules" / module, root / "modules" / module, dirs_exist_ok=True)
    for package in ("runtime", tenant.replace("-", "_")):
        (root / "spark_jobs" / package).mkdir(parents=True, exist_ok=True)
    (root / "spark_jobs" / "__init__.py").touch()
