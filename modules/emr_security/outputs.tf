output "name" {
  description = "Name of the security configuration."
  value       = aws_emr_security_configuration.this.name
}

output "certificates_key" {
  description = "Key of the certificates' object in the bucket for code."
  value       = local.certificates_key
}
