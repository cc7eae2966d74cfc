# Rendered by sluice from environments/prod/environment.yaml for prod.
# Do not edit: change it there and run `sluice render`.
locals {
  published = {
    vpc_id                      = module.network.vpc_id
    private_subnet_ids          = join(",", module.network.private_subnet_ids)
    s3_endpoint_id              = module.network.s3_endpoint_id
    emr_primary_security_group  = module.emr_foundation.security_group_ids.primary
    emr_worker_security_group   = module.emr_foundation.security_group_ids.worker
    emr_service_security_group  = module.emr_foundation.security_group_ids.service
    platform_key_arn            = module.key.arn
    authority_address           = module.authority_db.address
    authority_administrator_arn = module.authority_db.administrator_secret_arn
    alerts_topic_arn            = module.observability.topic_arn
    backup_plan_id              = module.backup.plan_id
  }
}

# How other stacks and programs learn what has no name by convention. No stack reads another's state.
resource "aws_ssm_parameter" "published" {
  for_each = local.published

  name  = "${var.parameter_prefix}/${each.key}"
  type  = "String"
  value = each.value
}
