output "role_arn" {
  description = "ARN of its role."
  value       = "arn:aws:iam::${var.account_id}:role/${aws_iam_role.this.name}"
}

output "private_dns" {
  description = "Name under which Airflow reaches it, port 18630."
  value       = aws_instance.this.private_dns
}
