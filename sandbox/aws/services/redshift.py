"""Redshift's control plane beyond moto: parameters, snapshot schedules, IAM roles, managed passwords.

The cluster's details are kept on moto's cluster object; queries go to the Data API (`sandbox.redshift`), not here.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any

from moto.redshift.models import Cluster, redshift_backends
from moto.redshift.responses import RedshiftResponse
from moto.secretsmanager.models import secretsmanager_backends

from sandbox.aws.operations import Call, CallRefused, Service

redshift = Service(RedshiftResponse)

CLUSTER_DEFAULTS: Mapping[str, Any] = {
    "availability_zone_relocation_status": "disabled",
    "cluster_availability_status": "Available",
    "maintenance_track_name": "current",
    "manual_snapshot_retention_period": -1,
    "multi_az": "Disabled",
}
"""Members of `Cluster` that the Terraform provider reads and moto never sets."""
ON_OFF_MEMBERS: Mapping[str, tuple[str, str, str]] = {
    "AvailabilityZoneRelocation": ("availability_zone_relocation_status", "enabled", "disabled"),
    "MultiAZ": ("multi_az", "Enabled", "Disabled"),
}
"""{request member: (attribute, value when true, value when false)}."""
PLAIN_MEMBERS: Mapping[str, str] = {
    "MaintenanceTrackName": "maintenance_track_name",
    "ManualSnapshotRetentionPeriod": "manual_snapshot_retention_period",
    "DefaultIamRoleArn": "default_iam_role_arn",
    "AvailabilityZone": "availability_zone",
    "KmsKeyId": "kms_key_id",
}
PASSWORD_BYTES = 24

_parameters: dict[tuple[str, str], dict[str, str]] = {}
"""{(account, parameter group): {name: value}}."""
_schedules: dict[tuple[str, str], dict[str, Any]] = {}
"""{(account, identifier): the members of `SnapshotSchedule`}."""


def describe_clusters() -> None:
    """Let moto's clusters say of themselves what it leaves out."""
    for name, value in CLUSTER_DEFAULTS.items():
        setattr(Cluster, name, value)
    Cluster.cluster_nodes = property(_nodes)
    Cluster.pending_modified_values = property(lambda _: {})


def _nodes(cluster: Any) -> list[dict[str, str]]:
    if cluster.number_of_nodes == 1:
        return [{"NodeRole": "SHARED"}]
    return [{"NodeRole": "LEADER"}, *({"NodeRole": f"COMPUTE-{index}"} for index in range(cluster.number_of_nodes))]


@redshift.amend("CreateCluster", "ModifyCluster")
def _keep_what_moto_drops(call: Call, result: Any) -> None:
    cluster = result["Cluster"]
    for member, (attribute, on, off) in ON_OFF_MEMBERS.items():
        if member in call.parameters:
            setattr(cluster, attribute, on if call[member] else off)
    for member, attribute in PLAIN_MEMBERS.items():
        if member in call.parameters:
            setattr(cluster, attribute, call[member])
    if call.get("ManageMasterPassword") and not hasattr(cluster, "master_password_secret_arn"):
        _manage_password(call, cluster)


def _manage_password(call: Call, cluster: Any) -> None:
    """Keep the administrator's password in Secrets Manager, as the service does when asked to manage it."""
    key = call.get("MasterPasswordSecretKmsKeyId")
    secret = secretsmanager_backends[call.account][call.region].create_managed_secret(
        service_name="redshift",
        secret_id=f"redshift!{cluster.cluster_identifier}-{cluster.master_username}",
        secret_string=json.dumps(
            {"username": cluster.master_username, "password": secrets.token_urlsafe(PASSWORD_BYTES)}
        ),
        description=f"The secret associated with the Redshift cluster {cluster.cluster_identifier}",
        kms_key_id=key,
        tags=[],
    )
    cluster.master_password_secret_arn = secret.arn
    cluster.master_password_secret_kms_key_id = key


@redshift.amend("DeleteCluster")
def _forget_password(call: Call, result: Any) -> None:
    arn = getattr(result["Cluster"], "master_password_secret_arn", None)
    if arn:
        secretsmanager_backends[call.account][call.region].delete_secret(
            arn, recovery_window_in_days=None, force_delete_without_recovery=True
        )


@redshift.answer("ModifyClusterIamRoles")
def _iam_roles(call: Call) -> Mapping[str, Any]:
    cluster = redshift_backends[call.account][call.region].describe_clusters(call["ClusterIdentifier"])[0]
    wanted = dict.fromkeys([*cluster.iam_roles_arn, *call.get("AddIamRoles", [])])
    cluster.iam_roles_arn = [arn for arn in wanted if arn not in call.get("RemoveIamRoles", [])]
    if "DefaultIamRoleArn" in call.parameters:
        cluster.default_iam_role_arn = call["DefaultIamRoleArn"]
    return {"Cluster": cluster}


@redshift.answer("ModifyClusterParameterGroup")
def _modify_parameters(call: Call) -> Mapping[str, Any]:
    group = call["ParameterGroupName"]
    values = _parameters.setdefault((call.account, group), {})
    values.update({each["ParameterName"]: each["ParameterValue"] for each in call["Parameters"]})
    return {"ParameterGroupName": group, "ParameterGroupStatus": "applied"}


@redshift.amend("DescribeClusterParameters")
def _describe_parameters(call: Call, result: Any) -> None:
    """Lay what was set over moto's defaults, and keep to the source that was asked for."""
    given = dict(_parameters.get((call.account, call["ParameterGroupName"]), {}))
    listed = [
        {**each, "ParameterValue": given.pop(each["ParameterName"]), "Source": "user"}
        if each["ParameterName"] in given
        else each
        for each in result["Parameters"]
    ]
    added = [
        {"ParameterName": name, "ParameterValue": value, "Source": "user", "ApplyType": "static", "IsModifiable": True}
        for name, value in given.items()
    ]
    wanted = call.get("Source")
    result["Parameters"] = [each for each in listed + added if wanted in {None, each["Source"]}]


@redshift.amend("DeleteClusterParameterGroup")
def _forget_parameters(call: Call, _: Any) -> None:
    _parameters.pop((call.account, call["ParameterGroupName"]), None)


@redshift.answer("CreateSnapshotSchedule")
def _create_schedule(call: Call) -> Mapping[str, Any]:
    schedule = {
        "ScheduleIdentifier": call["ScheduleIdentifier"],
        "ScheduleDefinitions": call["ScheduleDefinitions"],
        "ScheduleDescription": call.get("ScheduleDescription"),
        "Tags": call.get("Tags", []),
        "AssociatedClusters": [],
    }
    _schedules[call.account, call["ScheduleIdentifier"]] = schedule
    return schedule


@redshift.answer("DescribeSnapshotSchedules")
def _describe_schedules(call: Call) -> Mapping[str, Any]:
    wanted = call.get("ScheduleIdentifier")
    return {
        "SnapshotSchedules": [
            schedule
            for (account, identifier), schedule in _schedules.items()
            if account == call.account
            and wanted in {None, identifier}
            and call.get("ClusterIdentifier") in {None, *_clusters_of(schedule)}
        ]
    }


@redshift.answer("ModifySnapshotSchedule")
def _modify_schedule(call: Call) -> Mapping[str, Any]:
    schedule = _schedule(call)
    schedule["ScheduleDefinitions"] = call["ScheduleDefinitions"]
    return schedule


@redshift.answer("ModifyClusterSnapshotSchedule")
def _associate_schedule(call: Call) -> None:
    cluster, schedule = call["ClusterIdentifier"], _schedule(call)
    others = [each for each in schedule["AssociatedClusters"] if each["ClusterIdentifier"] != cluster]
    associated = [] if call.get("DisassociateSchedule") else [cluster]
    schedule["AssociatedClusters"] = others + [
        {"ClusterIdentifier": name, "ScheduleAssociationState": "ACTIVE"} for name in associated
    ]


@redshift.answer("DeleteSnapshotSchedule")
def _delete_schedule(call: Call) -> None:
    _schedule(call)
    del _schedules[call.account, call["ScheduleIdentifier"]]


def _schedule(call: Call) -> dict[str, Any]:
    try:
        return _schedules[call.account, call["ScheduleIdentifier"]]
    except KeyError:
        raise CallRefused("SnapshotScheduleNotFound", f"{call['ScheduleIdentifier']} not found") from None


def _clusters_of(schedule: Mapping[str, Any]) -> set[str]:
    return {each["ClusterIdentifier"] for each in schedule["AssociatedClusters"]}
