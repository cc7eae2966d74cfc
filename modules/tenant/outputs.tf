output "role_arns" {
  description = "ARNs of the tenant's roles: {job, or warehouse_load: ARN}."
  value       = { for label, role in aws_iam_role.this : label => "arn:aws:iam::${var.account_id}:role${local.path}${role.name}" }
}

output "boundary_arn" {
  description = "ARN of the permissions boundary."
  value       = "arn:aws:iam::${var.account_id}:policy/${aws_iam_policy.boundary.name}"
}
