output "cluster_id" {
  description = "Id of the cluster."
  value       = aws_emr_cluster.this.id
}
