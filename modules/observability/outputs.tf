output "topic_arn" {
  description = "ARN of the topic for alerts."
  value       = local.topic_arn
}
