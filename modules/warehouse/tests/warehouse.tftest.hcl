mock_provider "aws" {}

variables {
  name                = "meridian-prod-platform"
  environment_prefix  = "meridian-prod"
  account_id          = "222222222222"
  database            = "warehouse"
  node_type           = "ra3.xlplus"
  nodes               = 2
  snapshot_days       = 35
  vpc_id              = "vpc-1"
  vpc_cidr            = "10.30.0.0/16"
  subnet_ids          = ["subnet-1", "subnet-2"]
  s3_prefix_list_id   = "pl-1"
  kms_key_arn         = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-0000-0000-000000000001"
  log_retention_days  = 1827
  deletion_protection = true

  permissions_boundary_arn = "arn:aws:iam::222222222222:policy/meridian-prod-platform-boundary"
}

run "private_encrypted_audited" {
  command = plan

  assert {
    condition     = aws_redshift_cluster.this.encrypted && aws_redshift_cluster.this.kms_key_id == var.kms_key_arn && !aws_redshift_cluster.this.publicly_accessible && aws_redshift_cluster.this.enhanced_vpc_routing
    error_message = "The warehouse must be encrypted with the key, private, and keep its traffic in the VPC."
  }

  assert {
    condition     = contains([for p in aws_redshift_parameter_group.this.parameter : "${p.name}=${p.value}"], "require_ssl=true")
    error_message = "TLS must be required."
  }

  assert {
    condition     = aws_redshift_logging.this.log_exports == toset(["connectionlog", "useractivitylog", "userlog"])
    error_message = "All three audit logs must be exported."
  }

  assert {
    condition     = aws_redshift_cluster.this.manage_master_password && aws_redshift_cluster.this.master_username != "awsuser" && aws_redshift_cluster.this.master_password == null
    error_message = "AWS holds the administrator's password."
  }

  assert {
    condition     = !aws_redshift_cluster.this.skip_final_snapshot && aws_redshift_cluster.this.automated_snapshot_retention_period == 35
    error_message = "Snapshots are kept, a last one too."
  }

  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.this.policy).Statement : s.Action] == ["sts:AssumeRole"]
    error_message = "The warehouse's role may do nothing but assume load roles."
  }
}

run "snapshots_are_not_optional" {
  command = plan

  variables {
    snapshot_days = 1
  }

  expect_failures = [var.snapshot_days]
}
