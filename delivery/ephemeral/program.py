"""The Pulumi program: one EMR cluster on what the platform holds ready for every cluster.

Runs in the environment that holds Pulumi, under mocks to be judged and then under the engine: it asks nothing of its
surroundings, so that both runs declare the same.
"""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws

from delivery.ephemeral.cluster import Cluster

SPARK = {
    "spark.dynamicAllocation.enabled": "true",
    "spark.pyspark.driver.python": "/usr/bin/python3.11",
    "spark.pyspark.python": "/usr/bin/python3.11",
    "spark.sql.session.timeZone": "UTC",
}
YARN = {
    "yarn.node-labels.am.default-node-label-expression": "ON_DEMAND",
    "yarn.node-labels.enabled": "true",
}
"""Settings of the shared cluster too, modules/emr_cluster: what runs on one runs on the other."""


def define(wanted: Cluster) -> None:
    """Declare the cluster, its Spot task fleet and the bounds of its scaling."""
    provider = aws.Provider("account", region=wanted.region, allowed_account_ids=[wanted.account_id])
    here = pulumi.ResourceOptions(provider=provider)
    cluster = _cluster(wanted, here)
    # The fleet and the bounds end with the cluster: EMR knows no deletion of their own.
    with_it = pulumi.ResourceOptions(provider=provider, deleted_with=cluster)
    _task_fleet(wanted, cluster, with_it)
    aws.emr.ManagedScalingPolicy(
        "scaling",
        cluster_id=cluster.id,
        compute_limits=[
            {
                "unit_type": "InstanceFleetUnits",
                "minimum_capacity_units": wanted.core_units,
                "maximum_capacity_units": wanted.max_units,
                "maximum_core_capacity_units": wanted.core_units,
                "maximum_ondemand_capacity_units": wanted.core_units,
            }
        ],
        opts=with_it,
    )
    pulumi.export("cluster_id", cluster.id)


def _cluster(wanted: Cluster, options: pulumi.ResourceOptions) -> aws.emr.Cluster:
    return aws.emr.Cluster(
        "cluster",
        name=wanted.name,
        release_label=wanted.release,
        applications=["Hadoop", "JupyterEnterpriseGateway", "Livy", "Spark"],
        service_role=wanted.service_role_arn,
        security_configuration=wanted.security_configuration,
        log_uri=f"s3://{wanted.logs_bucket}/emr/{wanted.name}/",
        log_encryption_kms_key_id=wanted.key_arn,
        keep_job_flow_alive_when_no_steps=True,
        termination_protection=False,
        unhealthy_node_replacement=True,
        scale_down_behavior="TERMINATE_AT_TASK_COMPLETION",
        step_concurrency_level=10,
        configurations_json=json.dumps(
            [
                {"Classification": "spark-defaults", "Properties": SPARK},
                {"Classification": "yarn-site", "Properties": YARN},
            ]
        ),
        auto_termination_policy={"idle_timeout": wanted.idle_seconds},
        ec2_attributes={
            "subnet_ids": list(wanted.subnet_ids),
            "instance_profile": wanted.instance_profile_arn,
            "emr_managed_master_security_group": wanted.security_groups.primary,
            "emr_managed_slave_security_group": wanted.security_groups.worker,
            "service_access_security_group": wanted.security_groups.service,
        },
        master_instance_fleet=_on_demand("primary", wanted.primary_types, 1),
        core_instance_fleet=_on_demand("core", wanted.worker_types, wanted.core_units),
        tags=wanted.tags,
        opts=options,
    )


def _on_demand(name: str, types: tuple[str, ...], units: int) -> dict[str, object]:
    return {"name": name, "target_on_demand_capacity": units, "instance_type_configs": _of_equal_size(types)}


def _of_equal_size(types: tuple[str, ...]) -> list[dict[str, object]]:
    return [{"instance_type": type, "weighted_capacity": 1} for type in types]


def _task_fleet(wanted: Cluster, cluster: aws.emr.Cluster, options: pulumi.ResourceOptions) -> None:
    scaled = pulumi.ResourceOptions(ignore_changes=["targetOnDemandCapacity", "targetSpotCapacity"])
    aws.emr.InstanceFleet(
        "task",
        cluster_id=cluster.id,
        name="task",
        target_spot_capacity=1,
        instance_type_configs=_of_equal_size(wanted.worker_types),
        launch_specifications={
            "spot_specifications": [
                {
                    "allocation_strategy": "price-capacity-optimized",
                    "timeout_action": "SWITCH_TO_ON_DEMAND",
                    "timeout_duration_minutes": 10,
                }
            ]
        },
        opts=pulumi.ResourceOptions.merge(options, scaled),
    )
