# Who hears of what: one encrypted topic, alarms given as data, clusters and steps that fail, and the month's spending.

locals {
  topic_arn = "arn:aws:sns:${var.region}:${var.account_id}:${aws_sns_topic.alerts.name}"

  publishers = { Alarms = "cloudwatch", Events = "events", Budgets = "budgets" }
}

resource "aws_sns_topic" "alerts" {
  name              = "${var.name}-alerts"
  kms_master_key_id = var.kms_key_arn
}

resource "aws_sns_topic_policy" "alerts" {
  arn = local.topic_arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for sid, service in local.publishers : {
      Sid       = sid
      Effect    = "Allow"
      Action    = "sns:Publish"
      Principal = { Service = "${service}.amazonaws.com" }
      Resource  = local.topic_arn
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_sns_topic_subscription" "email" {
  topic_arn = local.topic_arn
  protocol  = "email"
  endpoint  = var.email
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = var.log_groups

  name              = "/sluice/${var.name}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = var.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = each.value.period_seconds
  evaluation_periods  = each.value.periods
  threshold           = each.value.threshold
  comparison_operator = each.value.is_low ? "LessThanThreshold" : "GreaterThanThreshold"
  treat_missing_data  = each.value.is_alarming_when_missing ? "breaching" : "missing"
  alarm_actions       = [local.topic_arn]
  ok_actions          = [local.topic_arn]
}

resource "aws_cloudwatch_event_rule" "emr" {
  name        = "${var.name}-emr-failures"
  description = "Clusters that ended with errors and steps that failed"
  event_pattern = jsonencode({
    source      = ["aws.emr"]
    detail-type = ["EMR Cluster State Change", "EMR Step Status Change"]
    detail      = { state = ["TERMINATED_WITH_ERRORS", "FAILED"] }
  })
}

resource "aws_cloudwatch_event_target" "emr" {
  rule = aws_cloudwatch_event_rule.emr.name
  arn  = local.topic_arn
}

resource "aws_budgets_budget" "monthly" {
  name         = "${var.name}-monthly"
  budget_type  = "COST"
  limit_amount = tostring(var.monthly_budget_usd)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  notification {
    comparison_operator       = "GREATER_THAN"
    threshold                 = 80
    threshold_type            = "PERCENTAGE"
    notification_type         = "FORECASTED"
    subscriber_sns_topic_arns = [local.topic_arn]
  }

  notification {
    comparison_operator       = "GREATER_THAN"
    threshold                 = 100
    threshold_type            = "PERCENTAGE"
    notification_type         = "ACTUAL"
    subscriber_sns_topic_arns = [local.topic_arn]
  }
}
