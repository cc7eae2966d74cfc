output "role_arn" {
  description = "ARN of its role."
  value       = aws_iam_role.this.arn
}

output "private_dns" {
  description = "Name under which Airflow reaches it, port 18630."
  value       = aws_instance.this.private_dns
}
