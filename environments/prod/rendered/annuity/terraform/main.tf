# Rendered by sluice from tenants/annuity/tenant.yaml for prod.
# Do not edit: change it there and run `sluice render`.
data "aws_ssm_parameter" "s3_endpoint_id" {
  name = "${var.platform.parameter_prefix}/s3_endpoint_id"
}

data "aws_ssm_parameter" "platform_key_arn" {
  name = "${var.platform.parameter_prefix}/platform_key_arn"
}

data "aws_ssm_parameter" "backup_plan_id" {
  count = var.recovery_class == "silver" ? 1 : 0

  name = "${var.platform.parameter_prefix}/backup_plan_id"
}

module "lake" {
  source = "../../../../../modules/lake"

  name                = var.name
  account_id          = var.account_id
  region              = var.region
  retention_days      = var.retention_days
  landing_lock_days   = var.landing_lock_days
  producers           = var.producers
  tenant_role_path    = "/tenant/${var.tenant}/"
  airflow_role_arn    = var.platform.airflow_role_arn
  streamsets_role_arn = var.platform.streamsets_role_arn
  deploy_role_arn     = var.deploy_role_arn
  s3_endpoint_id      = data.aws_ssm_parameter.s3_endpoint_id.insecure_value
  access_log_bucket   = var.platform.logs_bucket
  organisation_id     = var.organisation_id
  backup              = one([for plan in data.aws_ssm_parameter.backup_plan_id : { plan_id = plan.insecure_value, role_arn = var.platform.backup_role_arn }])
  force_destroy       = !var.deletion_protection

  emr = { service_role_arn = var.platform.emr_service_role_arn, node_role_arn = var.platform.emr_node_role_arn }
}

module "emr_security" {
  source = "../../../../../modules/emr_security"

  name             = var.name
  kms_key_arn      = module.lake.key_arn
  artifacts_bucket = var.platform.artifacts_bucket
}

module "catalog" {
  source = "../../../../../modules/catalog"

  database         = var.catalog.database
  description      = var.catalog.description
  classification   = var.tags["data-class"]
  airflow_role_arn = var.platform.airflow_role_arn
  curated_bucket   = module.lake.buckets.curated
  tables           = var.catalog.tables
}

module "tenant" {
  source = "../../../../../modules/tenant"

  tenant             = var.tenant
  name               = var.name
  platform_name      = var.platform.name
  account_id         = var.account_id
  region             = var.region
  jobs               = var.jobs
  warehouse_load     = var.warehouse_load
  emr_node_role_arn  = var.platform.emr_node_role_arn
  warehouse_role_arn = var.platform.warehouse_role_arn
  tenant_key_arn     = module.lake.key_arn
  platform_key_arn   = data.aws_ssm_parameter.platform_key_arn.insecure_value
  secrets            = var.secrets
  parameters         = merge(var.parameters, { kms_key_arn = module.lake.key_arn })
  parameter_prefix   = var.parameter_prefix
  artifacts_bucket   = var.platform.artifacts_bucket
  airflow_bucket     = var.platform.airflow_bucket
  code_prefix        = var.code_prefix
  jobs_archive       = var.jobs_archive
  jobs_path          = "../../../../../spark_jobs"
  entrypoints        = var.entrypoints
  contracts_path     = "../contracts.json"
  dag_path           = "../dag"
  alarms             = var.alarms
  alerts_topic_arn   = var.platform.alerts_topic_arn
  owner_email        = var.owner_email
  force_destroy      = !var.deletion_protection
}
