output "name" {
  description = "Name of the bucket, known once its policy is in force."
  value       = aws_s3_bucket.this.bucket
  depends_on  = [aws_s3_bucket_policy.this]
}

output "arn" {
  description = "ARN of the bucket, known once its policy is in force."
  value       = local.arn
  depends_on  = [aws_s3_bucket_policy.this]
}
