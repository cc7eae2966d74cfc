# Rendered by sluice from environments/prod/environment.yaml for prod.
# Do not edit: change it there and run `sluice render`.
module "key" {
  source = "../../../../../modules/key"

  name                 = var.name
  description          = "Platform of ${var.environment_prefix}"
  account_id           = var.account_id
  region               = var.region
  administrator_arns   = [var.deploy_role_arn]
  deletion_window_days = var.deletion_protection ? 30 : 7
  is_deletable         = !var.deletion_protection
  integrated_services  = ["airflow", "backup", "ec2", "elasticmapreduce", "glue", "rds", "redshift", "secretsmanager"]
  service_principals   = ["budgets", "cloudtrail", "cloudwatch", "events", "logs"]

  users = {
    platform_roles = {
      principal_patterns = ["arn:aws:iam::${var.account_id}:role/${var.name}-*"]
      can_encrypt        = true
      can_decrypt        = true
    }
    tenant_roles = {
      principal_patterns = ["arn:aws:iam::${var.account_id}:role/tenant/*"]
      can_decrypt        = true
      services           = ["s3"]
    }
    deployment = {
      principal_arns = [var.deploy_role_arn]
      can_encrypt    = true # uploads code, and makes tables; what is uploaded it cannot read back
      services       = ["glue", "s3"]
    }
  }
}

module "platform_boundary" {
  source = "../../../../../modules/platform_boundary"

  name               = var.name
  environment        = var.environment
  environment_prefix = var.environment_prefix
  account_id         = var.account_id
  region             = var.region
  parameter_prefix   = var.parameter_prefix
}

module "network" {
  source = "../../../../../modules/network"

  name               = var.name
  account_id         = var.account_id
  region             = var.region
  cidr               = var.network.cidr
  zones              = var.network.zones
  kms_key_arn        = module.key.arn
  log_retention_days = var.log_retention_days

  permissions_boundary_arn = module.platform_boundary.arn
}

module "emr_foundation" {
  source = "../../../../../modules/emr_foundation"

  name               = var.name
  environment_prefix = var.environment_prefix
  account_id         = var.account_id
  region             = var.region
  vpc_id             = module.network.vpc_id
  vpc_cidr           = module.network.cidr
  s3_prefix_list_id  = module.network.s3_prefix_list_id
  kms_key_arn        = module.key.arn
  kms_alias_arn      = module.key.alias_arn
  log_retention_days = var.log_retention_days
  audit_trail_arn    = "arn:aws:cloudtrail:${var.region}:${var.account_id}:trail/${var.name}-audit"
  organisation_id    = var.organisation_id
  force_destroy      = !var.deletion_protection

  permissions_boundary_arn = module.platform_boundary.arn
}

module "account" {
  source = "../../../../../modules/account"

  name        = var.name
  account_id  = var.account_id
  logs_bucket = module.emr_foundation.logs_bucket
  kms_key_arn = module.key.arn
}

module "airflow" {
  source = "../../../../../modules/airflow"

  name                 = var.name
  environment          = var.environment
  environment_prefix   = var.environment_prefix
  account_id           = var.account_id
  region               = var.region
  airflow_version      = var.airflow.version
  environment_class    = var.airflow.environment_class
  max_workers          = var.airflow.max_workers
  runtime_path         = "../../../../../dags"
  parameter_prefix     = var.parameter_prefix
  warehouse            = { identifier = "${var.name}-warehouse", database = var.warehouse.database, db_user = var.warehouse.db_user }
  emr_service_role_arn = "arn:aws:iam::${var.account_id}:role/${var.name}-emr-service"
  emr_node_role_arn    = "arn:aws:iam::${var.account_id}:role/${var.name}-emr-node"
  vpc_id               = module.network.vpc_id
  vpc_cidr             = module.network.cidr
  subnet_ids           = module.network.private_subnet_ids
  s3_prefix_list_id    = module.network.s3_prefix_list_id
  kms_key_arn          = module.key.arn
  kms_alias_arn        = module.key.alias_arn
  access_log_bucket    = module.emr_foundation.logs_bucket
  organisation_id      = var.organisation_id
  force_destroy        = !var.deletion_protection

  permissions_boundary_arn = module.platform_boundary.arn
}

module "streamsets" {
  source = "../../../../../modules/streamsets"

  name                      = var.name
  environment               = var.environment
  environment_prefix        = var.environment_prefix
  account_id                = var.account_id
  region                    = var.region
  ami_id                    = var.streamsets.ami_id
  instance_type             = var.streamsets.instance_type
  vpc_id                    = module.network.vpc_id
  vpc_cidr                  = module.network.cidr
  subnet_id                 = module.network.private_subnet_ids[0]
  s3_prefix_list_id         = module.network.s3_prefix_list_id
  airflow_security_group_id = module.airflow.security_group_id
  kms_key_arn               = module.key.arn
  deletion_protection       = var.deletion_protection

  permissions_boundary_arn = module.platform_boundary.arn
}

module "warehouse" {
  source = "../../../../../modules/warehouse"

  name                = var.name
  environment_prefix  = var.environment_prefix
  account_id          = var.account_id
  database            = var.warehouse.database
  node_type           = var.warehouse.node_type
  nodes               = var.warehouse.nodes
  snapshot_days       = var.warehouse.snapshot_days
  vpc_id              = module.network.vpc_id
  vpc_cidr            = module.network.cidr
  subnet_ids          = module.network.private_subnet_ids
  s3_prefix_list_id   = module.network.s3_prefix_list_id
  kms_key_arn         = module.key.arn
  log_retention_days  = var.log_retention_days
  deletion_protection = var.deletion_protection

  permissions_boundary_arn = module.platform_boundary.arn
}

module "authority_db" {
  source = "../../../../../modules/authority_db"

  name                   = var.name
  instance_class         = var.authority_db.instance_class
  multi_az               = var.authority_db.multi_az
  backup_days            = var.authority_db.backup_days
  vpc_id                 = module.network.vpc_id
  subnet_ids             = module.network.private_subnet_ids
  client_security_groups = { airflow = module.airflow.security_group_id }
  kms_key_arn            = module.key.arn
  log_retention_days     = var.log_retention_days
  deletion_protection    = var.deletion_protection
}

module "backup" {
  source = "../../../../../modules/backup"

  name               = var.name
  environment_prefix = var.environment_prefix
  account_id         = var.account_id
  region             = var.region
  database_arn       = module.authority_db.arn
  kms_key_arn        = module.key.arn

  permissions_boundary_arn = module.platform_boundary.arn
}

module "catalog_settings" {
  source = "../../../../../modules/catalog_settings"

  kms_key_arn        = module.key.arn
  administrator_arns = [var.deploy_role_arn]
}

module "observability" {
  source = "../../../../../modules/observability"

  name               = var.name
  account_id         = var.account_id
  region             = var.region
  email              = var.alerts_email
  monthly_budget_usd = var.monthly_budget_usd
  alarms             = local.alarms
  log_groups         = ["delivery"]
  log_retention_days = var.log_retention_days
  kms_key_arn        = module.key.arn
}
