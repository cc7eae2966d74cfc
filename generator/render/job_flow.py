"""The values of the RunJobFlow document of a transient cluster.

Decides nothing that `resolve` decided; it names the platform's roles, groups and subnets, and the security
configuration of the tenant's own stack. Groups and subnets have no identifier at render time: a string
`ssm:<parameter>` stands for the value of an SSM parameter, which the operator that creates the cluster puts in its
place.
"""

from __future__ import annotations

from generator.render.escape import Plain
from generator.resolve.stack import Capacity, Stack

MANAGED_POLICIES_TAG = {"for-use-with-amazon-emr-managed-policies": "true"}
"""AmazonEMRServicePolicy_v2, the service role's policy, acts only on what bears this tag."""


def job_flow_values(stack: Stack) -> dict[str, Plain]:
    """Return what the job flow template lays out.

    Raises:
        ValueError: the stack's environment shares a long-running cluster.
    """
    if stack.capacity is None:
        raise ValueError(f"{stack.names.prefix} has no cluster of its own")
    capacity, cluster, platform = stack.capacity, stack.environment.cluster, stack.names.platform
    units = capacity.core_units + capacity.task_units
    return {
        "name": stack.names.entity("emr"),
        "release": cluster.release,
        "log_uri": f"s3://{platform.bucket('logs')}/emr/{stack.name}/",
        "service_role": platform.entity("emr-service"),
        "instance_profile": platform.entity("emr-node"),
        "security_configuration": stack.names.entity("emr"),
        "log_key": f"ssm:{platform.parameter('platform_key_arn')}",
        "subnets": f"ssm:{platform.parameter('private_subnet_ids')}",
        "primary_group": f"ssm:{platform.parameter('emr_primary_security_group')}",
        "worker_group": f"ssm:{platform.parameter('emr_worker_security_group')}",
        "service_group": f"ssm:{platform.parameter('emr_service_security_group')}",
        "primary_types": list(cluster.primary_types),
        "worker_types": list(cluster.worker_types),
        "core_units": capacity.core_units,
        "task_units": capacity.task_units,
        "is_task_on_demand": capacity.is_task_on_demand,
        "most_units": units,
        "most_on_demand_units": units if capacity.is_task_on_demand else capacity.core_units,
        "concurrent_steps": capacity.concurrent_steps,
        "idle_seconds": cluster.idle_timeout_minutes * 60,
        "tags": _tags(stack, capacity),
    }


def _tags(stack: Stack, capacity: Capacity) -> dict[str, Plain]:
    time_critical = str(capacity.is_task_on_demand).lower()
    return dict(sorted({**stack.tags, **MANAGED_POLICIES_TAG, "time-critical": time_critical}.items()))
