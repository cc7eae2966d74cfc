output "catalog_id" {
  description = "Account whose catalogue is encrypted."
  value       = aws_glue_data_catalog_encryption_settings.this.catalog_id
}
