mock_provider "aws" {}

variables {
  name               = "meridian-dev-platform"
  account_id         = "111111111111"
  region             = "us-east-1"
  cidr               = "10.20.0.0/16"
  zones              = ["us-east-1a", "us-east-1b"]
  kms_key_arn        = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-0000-0000-000000000001"
  log_retention_days = 90

  permissions_boundary_arn = "arn:aws:iam::111111111111:policy/meridian-dev-platform-boundary"
}

run "private" {
  command = plan

  assert {
    condition     = length(aws_subnet.private) == 2 && alltrue([for subnet in aws_subnet.private : !subnet.map_public_ip_on_launch])
    error_message = "There must be a private subnet in each zone."
  }

  assert {
    condition     = alltrue([for service in ["kms", "sts", "logs", "secretsmanager", "glue", "elasticmapreduce", "redshift-data", "ssm"] : contains(keys(aws_vpc_endpoint.interface), service)])
    error_message = "Services must be reached by endpoints."
  }

  assert {
    condition     = alltrue([for endpoint in aws_vpc_endpoint.interface : endpoint.private_dns_enabled])
    error_message = "Endpoints must answer to the services' own names."
  }

  assert {
    condition     = aws_flow_log.this.traffic_type == "ALL" && aws_cloudwatch_log_group.flow.kms_key_id == var.kms_key_arn
    error_message = "All traffic must be logged, encrypted."
  }

  assert {
    condition     = [for s in jsondecode(aws_vpc_endpoint.s3.policy).Statement : s.Condition.StringEquals["aws:ResourceAccount"] if s.Sid == "OwnBuckets"] == ["111111111111"]
    error_message = "Data must not leave for another account's buckets."
  }
}

run "one_zone_is_refused" {
  command = plan

  variables {
    zones = ["us-east-1a"]
  }

  expect_failures = [var.zones]
}
