output "service_role_arn" {
  description = "ARN of the role with which EMR makes machines."
  value       = "arn:aws:iam::${var.account_id}:role/${aws_iam_role.service.name}"
}

output "node_role_arn" {
  description = "ARN of the role of the machines, which assumes runtime roles."
  value       = "arn:aws:iam::${var.account_id}:role/${aws_iam_role.node.name}"
}

output "instance_profile_arn" {
  description = "ARN of the machines' instance profile."
  value       = "arn:aws:iam::${var.account_id}:instance-profile/${aws_iam_instance_profile.node.name}"
}

output "security_configuration" {
  description = "Name of the security configuration of clusters that are no tenant's own."
  value       = module.security.name
}

output "security_group_ids" {
  description = "Ids of the security groups: {primary, worker, service}."
  value       = { for role, group in aws_security_group.this : role => group.id }
}

output "logs_bucket" {
  description = "Name of the bucket for cluster logs and access logs."
  value       = module.logs_bucket.name
}

output "artifacts_bucket" {
  description = "Name of the bucket for code."
  value       = module.artifacts_bucket.name
}
