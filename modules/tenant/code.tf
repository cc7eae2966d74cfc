# What runs for the tenant: its jobs for EMR, below a prefix that names the code's version, and its DAG folder for Airflow.

locals {
  code = merge(
    { "jobs.zip" = var.jobs_archive, "contracts.json" = var.contracts_path },
    { for entrypoint in var.entrypoints : "${entrypoint}/job.py" => "${var.jobs_path}/${entrypoint}/job.py" },
  )
}

resource "aws_s3_object" "code" {
  for_each = local.code

  bucket      = var.artifacts_bucket
  key         = "${var.code_prefix}${each.key}"
  source      = each.value
  source_hash = filemd5(each.value) # the ETag of an object under KMS is no digest

  override_provider {
    default_tags {
      tags = {} # an object takes ten tags at most; the bucket has them all
    }
  }
}

resource "aws_s3_object" "dag" {
  for_each = fileset(var.dag_path, "**")

  bucket      = var.airflow_bucket
  key         = "dags/${var.tenant}/${each.value}"
  source      = "${var.dag_path}/${each.value}"
  source_hash = filemd5("${var.dag_path}/${each.value}")

  override_provider {
    default_tags {
      tags = {} # an object takes ten tags at most; the bucket has them all
    }
  }
}
