mock_provider "aws" {}

variables {
  tenant        = "annuity"
  name          = "meridian-dev-annuity"
  platform_name = "meridian-dev-platform"
  account_id    = "111111111111"
  region        = "us-east-1"
  jobs = {
    roll_forward = {
      statements = [
        { sid = "ReadCurated", actions = ["s3:GetObject"], resources = ["arn:aws:s3:::meridian-dev-annuity-curated/policy/*"], conditions = [] },
        {
          sid        = "ListCurated"
          actions    = ["s3:ListBucket"]
          resources  = ["arn:aws:s3:::meridian-dev-annuity-curated"]
          conditions = [{ test = "StringLike", variable = "s3:prefix", values = ["policy/*"] }]
        },
      ]
      tenant_key_actions   = ["kms:Decrypt"]
      platform_key_actions = []
    }
  }
  warehouse_load = {
    statements           = [{ sid = "ReadCurated", actions = ["s3:GetObject"], resources = ["arn:aws:s3:::meridian-dev-annuity-curated/policy/*"], conditions = [] }]
    tenant_key_actions   = ["kms:Decrypt"]
    platform_key_actions = []
  }
  emr_node_role_arn  = "arn:aws:iam::111111111111:role/meridian-dev-platform-emr-node"
  warehouse_role_arn = "arn:aws:iam::111111111111:role/meridian-dev-platform-warehouse"
  tenant_key_arn     = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-0000-0000-000000000001"
  platform_key_arn   = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-0000-0000-000000000001"
  parameter_prefix   = "/meridian/dev/annuity"
  parameters         = { code_version = "0123456789abcdef" }
  artifacts_bucket   = "meridian-dev-platform-artifacts"
  airflow_bucket     = "meridian-dev-platform-airflow"
  code_prefix        = "jobs/annuity/0123456789abcdef/"
  jobs_archive       = "./tests/tenant.tftest.hcl" # any file will do
  jobs_path          = "./tests"
  entrypoints        = []
  contracts_path     = "./tests/tenant.tftest.hcl"
  dag_path           = "./tests"
  alarms             = { failed = { dag_id = "annuity_daily", description = "A run failed." } }
  alerts_topic_arn   = "arn:aws:sns:us-east-1:111111111111:meridian-dev-platform-alerts"
  owner_email        = "annuity-data@meridian.example"
}

run "roles_stay_inside" {
  command = plan

  assert {
    condition     = keys(aws_iam_role.this) == ["roll_forward", "warehouse_load"] && aws_iam_role.this["roll_forward"].name == "meridian-dev-annuity-job-roll-forward"
    error_message = "There must be a role for each job and one to load."
  }

  assert {
    condition     = alltrue([for role in aws_iam_role.this : role.path == "/tenant/annuity/" && role.permissions_boundary == "arn:aws:iam::111111111111:policy/meridian-dev-annuity-boundary"])
    error_message = "Every role has the tenant's path and boundary."
  }

  assert {
    condition     = jsondecode(aws_iam_role.this["roll_forward"].assume_role_policy).Statement[0].Principal.AWS == var.emr_node_role_arn && jsondecode(aws_iam_role.this["warehouse_load"].assume_role_policy).Statement[0].Principal.AWS == var.warehouse_role_arn
    error_message = "Jobs' roles trust EMR's machines, the load role the warehouse, and nobody else."
  }

  assert {
    condition     = jsondecode(aws_iam_role.this["roll_forward"].assume_role_policy).Statement[0].Action == ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
    error_message = "EMR tags the session and says for whom it is."
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.data["roll_forward"].policy).Statement[1].Condition == { StringLike = { "s3:prefix" = ["policy/*"] } }
    error_message = "Conditions of the data must reach the policy."
  }

  assert {
    condition     = !can(jsondecode(aws_iam_role_policy.data["roll_forward"].policy).Statement[0].Condition)
    error_message = "A statement without conditions has none."
  }

  assert {
    condition     = length(jsondecode(aws_iam_role_policy.keys["roll_forward"].policy).Statement) == 1
    error_message = "A key on which nothing is allowed is not named."
  }

  assert {
    condition     = alltrue([for s in jsondecode(aws_iam_policy.boundary.policy).Statement : !contains(flatten([s.Resource]), "*")])
    error_message = "The boundary must not reach everything."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.dag["failed"].dimensions["DAG"] == "annuity_daily" && one(aws_cloudwatch_metric_alarm.dag["failed"].alarm_actions) == var.alerts_topic_arn
    error_message = "Each failed run of the DAG is told to the topic."
  }

  assert {
    condition     = aws_sns_topic_subscription.owner[0].endpoint == var.owner_email && jsondecode(aws_sns_topic_subscription.owner[0].filter_policy).AlarmName == [aws_cloudwatch_metric_alarm.dag["failed"].alarm_name]
    error_message = "The owner hears of the tenant's alarms, and of no other's."
  }
}

run "nothing_is_allowed_on_everything" {
  command = plan

  variables {
    jobs = {
      greedy = {
        statements           = [{ sid = "All", actions = ["s3:GetObject"], resources = ["*"], conditions = [] }]
        tenant_key_actions   = []
        platform_key_actions = []
      }
    }
  }

  expect_failures = [var.jobs]
}
