# Rendered by sluice from environments/dev/environment.yaml for dev.
# Do not edit: change it there and run `sluice render`.
locals {
  authority = { DBInstanceIdentifier = "${var.name}-authority" }
  warehouse = { ClusterIdentifier = "${var.name}-warehouse" }
  scheduler = { Environment = "${var.name}-airflow", Function = "Scheduler" }

  alarms = {
    airflow-reaper = {
      description    = "Clusters outlived their runs: the log of reap_clusters names them and what ended them."
      namespace      = "AmazonMWAA"
      metric         = "DAGDurationFailed"
      dimensions     = { Environment = "${var.name}-airflow", DAG = "platform_reap_clusters" }
      statistic      = "SampleCount"
      period_seconds = 300
      periods        = 1
      threshold      = 0
    }
    airflow-scheduler = {
      description    = "Airflow's scheduler stands still: no tenant's run starts, and no promise is watched."
      namespace      = "AmazonMWAA"
      metric         = "SchedulerHeartbeat"
      dimensions     = local.scheduler
      statistic      = "Sum"
      period_seconds = 300
      periods        = 3
      threshold      = 1
      is_low         = true

      is_alarming_when_missing = true
    }
    authority-cpu = {
      description    = "The data authority is busy: publishing will be slow."
      namespace      = "AWS/RDS"
      metric         = "CPUUtilization"
      dimensions     = local.authority
      statistic      = "Average"
      period_seconds = 300
      periods        = 3
      threshold      = 80
    }
    authority-storage = {
      description    = "The data authority has less than 2 GiB left."
      namespace      = "AWS/RDS"
      metric         = "FreeStorageSpace"
      dimensions     = local.authority
      statistic      = "Minimum"
      period_seconds = 300
      periods        = 1
      threshold      = 2147483648
      is_low         = true
    }
    warehouse-health = {
      description    = "The warehouse does not answer."
      namespace      = "AWS/Redshift"
      metric         = "HealthStatus"
      dimensions     = local.warehouse
      statistic      = "Minimum"
      period_seconds = 60
      periods        = 5
      threshold      = 1
      is_low         = true
    }
    warehouse-storage = {
      description    = "The warehouse is four fifths full."
      namespace      = "AWS/Redshift"
      metric         = "PercentageDiskSpaceUsed"
      dimensions     = local.warehouse
      statistic      = "Maximum"
      period_seconds = 300
      periods        = 3
      threshold      = 80
    }
  }
}
