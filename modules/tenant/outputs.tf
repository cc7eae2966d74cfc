output "role_arns" {
  description = "ARNs of the tenant's roles: {job, or warehouse_load: ARN}."
  value       = { for label, role in aws_iam_role.this : label => role.arn }
}

output "boundary_arn" {
  description = "ARN of the permissions boundary."
  value       = aws_iam_policy.boundary.arn
}
