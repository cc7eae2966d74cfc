output "arn" {
  description = "ARN of the permissions boundary."
  value       = "arn:aws:iam::${var.account_id}:policy/${aws_iam_policy.this.name}"
}
