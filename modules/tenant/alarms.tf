# Who hears that a run failed or a promise was broken: both are a failed run of a DAG, which Airflow counts by itself.

resource "aws_cloudwatch_metric_alarm" "dag" {
  for_each = var.alarms

  alarm_name          = "${var.name}-run-${each.key}"
  alarm_description   = each.value.description
  namespace           = "AmazonMWAA"
  metric_name         = "DAGDurationFailed" # one value for each run that fails
  dimensions          = { Environment = "${var.platform_name}-airflow", DAG = each.value.dag_id }
  statistic           = "SampleCount"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching" # no failed run, no value
  alarm_actions       = [var.alerts_topic_arn]
}

resource "aws_sns_topic_subscription" "owner" {
  count = length(var.alarms) > 0 ? 1 : 0

  topic_arn           = var.alerts_topic_arn
  protocol            = "email"
  endpoint            = var.owner_email
  filter_policy_scope = "MessageBody"
  filter_policy       = jsonencode({ AlarmName = [for label in keys(var.alarms) : "${var.name}-run-${label}"] })
}
