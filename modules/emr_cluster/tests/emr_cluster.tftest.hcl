mock_provider "aws" {}

variables {
  name                   = "meridian-dev-platform-emr"
  release                = "emr-7.14.0"
  primary_types          = ["m6g.xlarge", "m5.xlarge"]
  worker_types           = ["m6g.2xlarge", "m5.2xlarge", "m5a.2xlarge", "r6g.2xlarge", "r5.2xlarge"]
  core_units             = 2
  max_units              = 8
  idle_timeout_minutes   = 600
  service_role_arn       = "arn:aws:iam::111111111111:role/meridian-dev-platform-emr-service"
  instance_profile_arn   = "arn:aws:iam::111111111111:instance-profile/meridian-dev-platform-emr-node"
  security_configuration = "meridian-dev-platform-emr"
  security_group_ids     = { primary = "sg-1", worker = "sg-2", service = "sg-3" }
  subnet_ids             = ["subnet-1", "subnet-2"]
  logs_bucket            = "meridian-dev-platform-logs"
  kms_key_arn            = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-0000-0000-000000000001"
}

run "shared_and_safe" {
  command = plan

  assert {
    condition     = aws_emr_cluster.this.security_configuration == "meridian-dev-platform-emr" && aws_emr_cluster.this.log_encryption_kms_key_id == var.kms_key_arn
    error_message = "The cluster must use the approved security configuration and encrypt its logs."
  }

  assert {
    condition     = one(aws_emr_cluster.this.ec2_attributes).key_name == null
    error_message = "No SSH key."
  }

  assert {
    condition     = one(aws_emr_cluster.this.auto_termination_policy).idle_timeout == 36000
    error_message = "Minutes must become seconds."
  }

  assert {
    condition     = one(one(aws_emr_instance_fleet.task.launch_specifications).spot_specification).timeout_action == "SWITCH_TO_ON_DEMAND" && length(aws_emr_instance_fleet.task.instance_type_configs) == 5
    error_message = "Task nodes are Spot of many types, with a fallback."
  }

  assert {
    condition     = one(aws_emr_managed_scaling_policy.this.compute_limits).maximum_ondemand_capacity_units == one(aws_emr_managed_scaling_policy.this.compute_limits).maximum_core_capacity_units
    error_message = "Only core nodes are On-Demand."
  }
}

run "spot_needs_choice" {
  command = plan

  variables {
    worker_types = ["m5.2xlarge", "m5.4xlarge"]
  }

  expect_failures = [var.worker_types]
}
