output "identifier" {
  description = "Identifier of the cluster."
  value       = aws_redshift_cluster.this.cluster_identifier
}

output "role_arn" {
  description = "ARN of the role that assumes tenants' load roles."
  value       = "arn:aws:iam::${var.account_id}:role/${aws_iam_role.this.name}"
}
