output "database" {
  description = "Name of the database."
  value       = aws_glue_catalog_database.this.name
}

output "tables" {
  description = "Names of the tables."
  value       = sort(keys(aws_glue_catalog_table.this))
}
