# Rendered by sluice from tenants/annuity/tenant.yaml for prod.
# Do not edit: change it there and run `sluice render`.
provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  assume_role {
    role_arn     = var.deploy_role_arn
    session_name = var.name
  }

  default_tags {
    tags = var.tags
  }
}
