# Rendered by sluice from environments/dev/environment.yaml for dev.
# Do not edit: change it there and run `sluice render`.
terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100.0"
    }
  }
}
