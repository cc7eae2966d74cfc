output "vpc_id" {
  description = "Id of the VPC."
  value       = aws_vpc.this.id
}

output "cidr" {
  description = "Address range of the VPC."
  value       = var.cidr
}

output "private_subnet_ids" {
  description = "Ids of the private subnets, in the order of the zones."
  value       = [for zone in var.zones : aws_subnet.private[zone].id]
}

output "s3_endpoint_id" {
  description = "Id of the gateway endpoint through which S3 is reached."
  value       = aws_vpc_endpoint.s3.id
}

output "s3_prefix_list_id" {
  description = "Id of the prefix list of S3's addresses, for egress rules."
  value       = aws_vpc_endpoint.s3.prefix_list_id
}
