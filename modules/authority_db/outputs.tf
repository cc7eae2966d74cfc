output "identifier" {
  description = "Identifier of the instance."
  value       = aws_db_instance.this.identifier
}

output "arn" {
  description = "ARN of the instance."
  value       = aws_db_instance.this.arn
}

output "address" {
  description = "Host name of the database, port 5432."
  value       = aws_db_instance.this.address
}

output "administrator_secret_arn" {
  description = "ARN of the secret with the administrator's password, for migrations."
  value       = one(aws_db_instance.this.master_user_secret[*].secret_arn)
}
