output "trail_name" {
  description = "Name of the CloudTrail."
  value       = aws_cloudtrail.this.name
}
