mock_provider "aws" {}

variables {
  name               = "meridian-dev-platform"
  account_id         = "111111111111"
  region             = "us-east-1"
  email              = "data-platform@meridian.example"
  monthly_budget_usd = 4000
  log_retention_days = 90
  log_groups         = ["delivery"]
  kms_key_arn        = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-0000-0000-000000000001"
  alarms = {
    storage = {
      description    = "Little storage left."
      namespace      = "AWS/RDS"
      metric         = "FreeStorageSpace"
      dimensions     = { DBInstanceIdentifier = "meridian-dev-platform-authority" }
      statistic      = "Minimum"
      period_seconds = 300
      periods        = 1
      threshold      = 2147483648
      is_low         = true
    }
    heartbeat = {
      description    = "The scheduler stands still."
      namespace      = "AmazonMWAA"
      metric         = "SchedulerHeartbeat"
      dimensions     = { Environment = "meridian-dev-platform-airflow", Function = "Scheduler" }
      statistic      = "Sum"
      period_seconds = 300
      periods        = 3
      threshold      = 1
      is_low         = true

      is_alarming_when_missing = true
    }
  }
}

run "people_are_told" {
  command = plan

  assert {
    condition     = aws_sns_topic.alerts.kms_master_key_id == var.kms_key_arn && aws_sns_topic_subscription.email.endpoint == var.email
    error_message = "Alerts must be encrypted and reach the address."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["storage"].comparison_operator == "LessThanThreshold"
    error_message = "Too little is an alarm too."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["heartbeat"].treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.this["storage"].treat_missing_data == "missing"
    error_message = "What reports nothing when it stands still must be told by its silence."
  }

  assert {
    condition     = alltrue([for s in jsondecode(aws_sns_topic_policy.alerts.policy).Statement : s.Condition.StringEquals["aws:SourceAccount"] == "111111111111"])
    error_message = "Services publish for this account alone."
  }

  assert {
    condition     = aws_budgets_budget.monthly.limit_amount == "4000" && aws_budgets_budget.monthly.time_unit == "MONTHLY"
    error_message = "The budget is the month's."
  }
}
