output "role_arn" {
  description = "ARN of the execution role."
  value       = "arn:aws:iam::${var.account_id}:role/${aws_iam_role.this.name}"
}

output "security_group_id" {
  description = "Security group of Airflow."
  value       = aws_security_group.this.id
}

output "bucket" {
  description = "Name of the DAG bucket."
  value       = module.bucket.name
}

output "webserver_url" {
  description = "Address of the web page, inside the VPC."
  value       = aws_mwaa_environment.this.webserver_url
}
