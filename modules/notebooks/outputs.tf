output "url" {
  description = "Address of the studio."
  value       = aws_emr_studio.this.url
}

output "user_policy_arn" {
  description = "Policy to attach to engineers' permission set."
  value       = "arn:aws:iam::${var.account_id}:policy/${aws_iam_policy.user.name}"
}
