mock_provider "aws" {}

variables {
  name                 = "meridian-dev-platform"
  environment          = "dev"
  environment_prefix   = "meridian-dev"
  account_id           = "111111111111"
  region               = "us-east-1"
  airflow_version      = "3.0.6"
  environment_class    = "mw1.small"
  max_workers          = 5
  runtime_path         = "./tests"
  parameter_prefix     = "/meridian/dev/platform"
  warehouse            = { identifier = "meridian-dev-platform-warehouse", database = "warehouse", db_user = "sluice_loader" }
  emr_service_role_arn = "arn:aws:iam::111111111111:role/meridian-dev-platform-emr-service"
  emr_node_role_arn    = "arn:aws:iam::111111111111:role/meridian-dev-platform-emr-node"
  vpc_id               = "vpc-1"
  vpc_cidr             = "10.20.0.0/16"
  subnet_ids           = ["subnet-1", "subnet-2", "subnet-3"]
  s3_prefix_list_id    = "pl-1"
  kms_key_arn          = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-0000-0000-000000000001"
  kms_alias_arn        = "arn:aws:kms:us-east-1:111111111111:alias/meridian-dev-platform"
  access_log_bucket    = "meridian-dev-platform-logs"
  organisation_id      = "o-meridian0001"

  permissions_boundary_arn = "arn:aws:iam::111111111111:policy/meridian-dev-platform-boundary"
}

run "private_and_logged" {
  command = plan

  assert {
    condition     = aws_mwaa_environment.this.webserver_access_mode == "PRIVATE_ONLY" && aws_mwaa_environment.this.kms_key == var.kms_key_arn
    error_message = "The web page must be private and everything encrypted with the key."
  }

  assert {
    condition = alltrue(flatten([
      for kind in ["dag_processing_logs", "scheduler_logs", "task_logs", "webserver_logs", "worker_logs"] :
      [for log in one(aws_mwaa_environment.this.logging_configuration)[kind] : log.enabled && log.log_level == "INFO"]
    ]))
    error_message = "All five logs must be on."
  }
}

run "least_privilege" {
  command = plan

  assert {
    condition     = alltrue([for s in jsondecode(aws_iam_role_policy.emr.policy).Statement : contains(["elasticmapreduce.amazonaws.com", "ec2.amazonaws.com"], s.Condition.StringEquals["iam:PassedToService"]) if s.Action == "iam:PassRole"])
    error_message = "Roles are passed to EMR and its machines alone."
  }

  assert {
    condition = alltrue([
      for s in jsondecode(aws_iam_role_policy.emr.policy).Statement :
      s.Condition.ArnLike["elasticmapreduce:ExecutionRoleArn"] == (
        try(s.Condition.StringEquals["elasticmapreduce:ResourceTag/tenant"], "") == "platform"
        ? "arn:aws:iam::111111111111:role/tenant/*" : "arn:aws:iam::111111111111:role/tenant/$${aws:ResourceTag/tenant}/*"
      ) if s.Action == "elasticmapreduce:AddJobFlowSteps"
    ])
    error_message = "A step must run with a role of the cluster's tenant, or of some tenant on the shared cluster."
  }

  assert {
    condition     = alltrue([for s in jsondecode(aws_iam_role_policy.data.policy).Statement : !anytrue([for a in flatten([s.Action]) : can(regex("s3:(Put|Delete)", a)) || a == "s3:*"])])
    error_message = "Airflow writes no data."
  }

  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.data.policy).Statement : s.Resource if s.Sid == "ReadCuratedManifests"] == ["arn:aws:s3:::meridian-dev-*-curated/*/_manifest.json"]
    error_message = "Of curated data Airflow reads control documents alone."
  }
}

run "reads_dag_files_only" {
  command = plan

  assert {
    condition     = aws_s3_object.ignored.key == "dags/dags/.airflowignore" && aws_s3_object.ignored.content == "*.py\n!*_dag.py\n"
    error_message = "Shared code must not be read as DAGs, but for the files that are called so."
  }
}
