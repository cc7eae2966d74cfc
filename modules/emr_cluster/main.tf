# The one cluster that engineers of a development environment share. Production has none in Terraform: there Airflow
# starts and ends clusters. Steps run with the runtime role of their job, notebooks with that of their user.

locals {
  spark = {
    "spark.dynamicAllocation.enabled" = "true"
    "spark.pyspark.driver.python"     = "/usr/bin/python3.11"
    "spark.pyspark.python"            = "/usr/bin/python3.11"
    "spark.sql.session.timeZone"      = "UTC"
  }

  # The application master survives on On-Demand nodes when Spot takes task nodes away.
  yarn = {
    "yarn.node-labels.am.default-node-label-expression" = "ON_DEMAND"
    "yarn.node-labels.enabled"                          = "true"
  }
}

resource "aws_emr_cluster" "this" {
  name                              = var.name
  release_label                     = var.release
  applications                      = ["Hadoop", "JupyterEnterpriseGateway", "Livy", "Spark"]
  service_role                      = var.service_role_arn
  security_configuration            = var.security_configuration
  log_uri                           = "s3://${var.logs_bucket}/emr/${var.name}/"
  log_encryption_kms_key_id         = var.kms_key_arn
  keep_job_flow_alive_when_no_steps = true
  termination_protection            = var.termination_protection
  unhealthy_node_replacement        = true
  scale_down_behavior               = "TERMINATE_AT_TASK_COMPLETION"
  step_concurrency_level            = 10

  configurations_json = jsonencode([
    { Classification = "spark-defaults", Properties = local.spark },
    { Classification = "yarn-site", Properties = local.yarn },
  ])

  dynamic "auto_termination_policy" {
    for_each = var.idle_timeout_minutes == null ? [] : [var.idle_timeout_minutes]

    content {
      idle_timeout = auto_termination_policy.value * 60
    }
  }

  ec2_attributes {
    subnet_ids                        = var.subnet_ids
    instance_profile                  = var.instance_profile_arn
    emr_managed_master_security_group = var.security_group_ids.primary
    emr_managed_slave_security_group  = var.security_group_ids.worker
    service_access_security_group     = var.security_group_ids.service
  }

  master_instance_fleet {
    name                      = "primary"
    target_on_demand_capacity = 1

    dynamic "instance_type_configs" {
      for_each = var.primary_types

      content {
        instance_type     = instance_type_configs.value
        weighted_capacity = 1
      }
    }
  }

  core_instance_fleet {
    name                      = "core"
    target_on_demand_capacity = var.core_units

    dynamic "instance_type_configs" {
      for_each = var.worker_types

      content {
        instance_type     = instance_type_configs.value
        weighted_capacity = 1
      }
    }
  }

  tags = {
    Name                                       = var.name
    "for-use-with-amazon-emr-managed-policies" = "true"
  }
}

resource "aws_emr_instance_fleet" "task" {
  cluster_id           = aws_emr_cluster.this.id
  name                 = "task"
  target_spot_capacity = 1

  dynamic "instance_type_configs" {
    for_each = var.worker_types

    content {
      instance_type     = instance_type_configs.value
      weighted_capacity = 1
    }
  }

  launch_specifications {
    spot_specification {
      allocation_strategy      = "price-capacity-optimized"
      timeout_action           = "SWITCH_TO_ON_DEMAND"
      timeout_duration_minutes = 10
    }
  }

  lifecycle {
    ignore_changes = [target_on_demand_capacity, target_spot_capacity] # managed scaling sets them
  }
}

resource "aws_emr_managed_scaling_policy" "this" {
  cluster_id = aws_emr_cluster.this.id

  compute_limits {
    unit_type                       = "InstanceFleetUnits"
    minimum_capacity_units          = var.core_units
    maximum_capacity_units          = var.max_units
    maximum_core_capacity_units     = var.core_units
    maximum_ondemand_capacity_units = var.core_units
  }
}
