output "topic_arn" {
  description = "ARN of the topic for alerts."
  value       = aws_sns_topic.alerts.arn
}
