output "service_role_arn" {
  description = "ARN of the role with which EMR makes machines."
  value       = aws_iam_role.service.arn
}

output "node_role_arn" {
  description = "ARN of the role of the machines, which assumes runtime roles."
  value       = aws_iam_role.node.arn
}

output "instance_profile_arn" {
  description = "ARN of the machines' instance profile."
  value       = aws_iam_instance_profile.node.arn
}

output "security_configuration" {
  description = "Name of the security configuration that every cluster must use."
  value       = aws_emr_security_configuration.this.name
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
