output "arn" {
  description = "ARN of the key."
  value       = aws_kms_key.this.arn
  depends_on  = [aws_kms_alias.this] # by which policies tell whose key it is
}

output "alias_arn" {
  description = "ARN of the key's alias, known before the key exists."
  value       = "arn:aws:kms:${var.region}:${var.account_id}:alias/${var.name}"
}
