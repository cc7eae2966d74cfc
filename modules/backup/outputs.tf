output "plan_id" {
  description = "Id of the backup plan, for tenants' selections."
  value       = aws_backup_plan.this.id
}

output "role_arn" {
  description = "ARN of the role of AWS Backup."
  value       = local.role_arn
}
