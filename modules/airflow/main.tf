# MWAA: a private Airflow whose DAG folder only Terraform writes. It tells services what to do and does none of it, so
# its role may start, watch and end, and reads no data but the control documents beside it.

locals {
  environment_name = "${var.name}-airflow"
  bucket           = "${var.name}-airflow"
  connections      = "${var.name}/connections"
}

module "bucket" {
  source = "../bucket"

  name          = local.bucket
  encryption    = { key_arn = var.kms_key_arn, alias_arn = var.kms_alias_arn }
  force_destroy = var.force_destroy
  access_log    = { bucket = var.access_log_bucket }

  organisation_id = var.organisation_id
}

# The operators that rendered DAGs import, as the package `dags`.
resource "aws_s3_object" "runtime" {
  for_each = fileset(var.runtime_path, "*.py")

  bucket      = module.bucket.name
  key         = "dags/dags/${each.value}"
  source      = "${var.runtime_path}/${each.value}"
  source_hash = filemd5("${var.runtime_path}/${each.value}") # the ETag of an object under KMS is no digest

  override_provider {
    default_tags {
      tags = {} # an object takes ten tags at most; the bucket has them all
    }
  }
}

# Airflow takes every Python file that names it for one that may hold DAGs, and reads it in a process of its own twice a
# minute. Of the shared code only what is called so holds any.
resource "aws_s3_object" "ignored" {
  bucket  = module.bucket.name
  key     = "dags/dags/.airflowignore"
  content = "*.py\n!*_dag.py\n"

  override_provider {
    default_tags {
      tags = {}
    }
  }
}

# Filled by an operator, never by Terraform: a value here would stand in the state.
resource "aws_secretsmanager_secret" "connection" {
  for_each = var.connections

  name                    = "${local.connections}/${each.key}"
  description             = each.value
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.force_destroy ? 0 : 30
}

resource "aws_mwaa_environment" "this" {
  name                  = local.environment_name
  airflow_version       = var.airflow_version
  environment_class     = var.environment_class
  min_workers           = 1
  max_workers           = var.max_workers
  dag_s3_path           = "dags/"
  source_bucket_arn     = module.bucket.arn
  execution_role_arn    = "arn:aws:iam::${var.account_id}:role/${aws_iam_role.this.name}"
  kms_key               = var.kms_key_arn
  webserver_access_mode = "PRIVATE_ONLY"

  airflow_configuration_options = {
    "core.dags_are_paused_at_creation"        = "False"
    "dag_processor.min_file_process_interval" = "300" # files change only with an apply
    "secrets.backend"                         = "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend"
    "secrets.backend_kwargs" = jsonencode({
      connections_prefix = local.connections
      config_prefix      = null
      variables_prefix   = null
    })
  }

  network_configuration {
    security_group_ids = [aws_security_group.this.id]
    subnet_ids         = slice(var.subnet_ids, 0, 2) # MWAA takes exactly two
  }

  logging_configuration {
    dag_processing_logs {
      enabled   = true
      log_level = "INFO"
    }

    scheduler_logs {
      enabled   = true
      log_level = "INFO"
    }

    task_logs {
      enabled   = true
      log_level = "INFO"
    }

    webserver_logs {
      enabled   = true
      log_level = "INFO"
    }

    worker_logs {
      enabled   = true
      log_level = "INFO"
    }
  }

  # MWAA tries the role, the key and the endpoints while it starts.
  depends_on = [aws_iam_role_policy.service, aws_iam_role_policy.key, aws_vpc_security_group_ingress_rule.self]
}

resource "aws_security_group" "this" {
  name        = local.environment_name
  description = "Airflow"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "self" {
  security_group_id            = aws_security_group.this.id
  description                  = "Airflow's parts among themselves"
  ip_protocol                  = "-1"
  referenced_security_group_id = aws_security_group.this.id
}

resource "aws_vpc_security_group_egress_rule" "vpc" {
  security_group_id = aws_security_group.this.id
  description       = "Endpoints, StreamSets and the data authority"
  ip_protocol       = "tcp"
  from_port         = 0
  to_port           = 65535
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
