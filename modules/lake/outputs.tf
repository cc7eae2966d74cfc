output "buckets" {
  description = "Name of the bucket of each zone: {zone: name}."
  value       = { for zone, bucket in module.bucket : zone => bucket.name }
}

output "key_arn" {
  description = "ARN of the tenant's key."
  value       = module.key.arn
}

output "key_alias_arn" {
  description = "ARN of the alias of the tenant's key."
  value       = module.key.alias_arn
}
