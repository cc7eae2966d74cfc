"""How each resource type is found in the cloud and imported. Data alone; who searches is in `search.py`.

Sources: "Import" in the AWS provider's page of each type; ARN forms from the Service Authorization Reference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Read:
    """One call that says what a resource is; texts in braces are filled from what is known of it.

    Attributes:
        path: keys and positions that lead from the answer to the resource.
        facts: `{attribute of the Terraform type: key in the answer}`.
        where: what the answer must say for the resource to be of this type.
    """

    service: str
    operation: str
    parameters: Mapping[str, str | list[str]]
    path: tuple[str | int, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    where: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Tagged:
    """A type that `delivery.tagged` finds: AWS's tag search returns it, or IAM lists it.

    Attributes:
        arn: the ARN after `arn:<partition>:`; its named groups are attributes of the type, or `id`.
        import_id: made of those groups and of `arn`, the whole ARN.
        read: tells resources apart whose ARN holds no name.
    """

    arn: str
    import_id: str = "{id}"
    read: Read | None = None

    def facts(self, arn: str) -> dict[str, str] | None:
        """Return what an ARN says of a resource of this type; None for another type's ARN."""
        match = re.fullmatch(rf"arn:[^:]+:{self.arn}", arn)
        return {"arn": arn, **match.groupdict()} if match else None


@dataclass(frozen=True)
class Named:
    """A type that carries no tags, or that no search returns: looked up by what the plan calls it.

    Attributes:
        import_id: made of attributes in the plan.
        read: its parameters are made of attributes in the plan.
        missing: error codes that mean that it does not exist.
    """

    import_id: str
    read: Read
    missing: tuple[str, ...]


def _ec2(kind: str, operation: str, answer: str, parameter: str, facts: Mapping[str, str] | None = None) -> Tagged:
    read = Read("ec2", operation, {parameter: ["{id}"]}, (answer, 0), facts) if facts else None
    return Tagged(rf"ec2:[^:]*:\d+:{kind}/(?P<id>[^/]+)", read=read)


def _rule(*, is_egress: bool) -> Tagged:
    facts = {"security_group_id": "GroupId", "description": "Description", "ip_protocol": "IpProtocol"}
    facts |= {"from_port": "FromPort", "to_port": "ToPort", "cidr_ipv4": "CidrIpv4", "prefix_list_id": "PrefixListId"}
    call = ("describe_security_group_rules", {"SecurityGroupRuleIds": ["{id}"]}, ("SecurityGroupRules", 0))
    return Tagged(
        r"ec2:[^:]*:\d+:security-group-rule/(?P<id>.+)", read=Read("ec2", *call, facts, {"IsEgress": is_egress})
    )


TAGGED: Mapping[str, Tagged] = {
    "aws_backup_plan": Tagged(
        r"backup:[^:]*:\d+:backup-plan:(?P<id>.+)",
        read=Read("backup", "get_backup_plan", {"BackupPlanId": "{id}"}, ("BackupPlan",), {"name": "BackupPlanName"}),
    ),
    "aws_backup_restore_testing_plan": Tagged(
        r"backup:[^:]*:\d+:restore-testing-plan:(?P<name>.+)-[0-9a-f-]{36}", "{name}"
    ),
    "aws_backup_vault": Tagged(r"backup:[^:]*:\d+:backup-vault:(?P<name>.+)", "{name}"),
    "aws_cloudtrail": Tagged(r"cloudtrail:[^:]*:\d+:trail/(?P<name>.+)", "{arn}"),
    "aws_cloudwatch_event_rule": Tagged(r"events:[^:]*:\d+:rule/(?P<name>[^/]+)", "{name}"),
    "aws_cloudwatch_log_group": Tagged(r"logs:[^:]*:\d+:log-group:(?P<name>[^:]+)(?::\*)?", "{name}"),
    "aws_cloudwatch_metric_alarm": Tagged(r"cloudwatch:[^:]*:\d+:alarm:(?P<alarm_name>.+)", "{alarm_name}"),
    "aws_db_instance": Tagged(r"rds:[^:]*:\d+:db:(?P<identifier>.+)", "{identifier}"),
    "aws_db_parameter_group": Tagged(r"rds:[^:]*:\d+:pg:(?P<name>.+)", "{name}"),
    "aws_db_subnet_group": Tagged(r"rds:[^:]*:\d+:subgrp:(?P<name>.+)", "{name}"),
    "aws_emr_cluster": Tagged(
        r"elasticmapreduce:[^:]*:\d+:cluster/(?P<id>.+)",
        read=Read("emr", "describe_cluster", {"ClusterId": "{id}"}, ("Cluster",), {"name": "Name"}),
    ),
    "aws_emr_studio": Tagged(
        r"elasticmapreduce:[^:]*:\d+:studio/(?P<id>.+)",
        read=Read("emr", "describe_studio", {"StudioId": "{id}"}, ("Studio",), {"name": "Name"}),
    ),
    "aws_flow_log": _ec2(
        "(?:vpc-flow-log|flow-logs)", "describe_flow_logs", "FlowLogs", "FlowLogIds", {"vpc_id": "ResourceId"}
    ),
    "aws_glue_catalog_database": Tagged(
        r"glue:[^:]*:(?P<catalog_id>\d+):database/(?P<name>[^/]+)", "{catalog_id}:{name}"
    ),
    "aws_iam_policy": Tagged(r"iam::\d+:policy/(?:.+/)?(?P<name>[^/]+)", "{arn}"),
    "aws_iam_role": Tagged(r"iam::\d+:role/(?:.+/)?(?P<name>[^/]+)", "{name}"),
    "aws_instance": Tagged(r"ec2:[^:]*:\d+:instance/(?P<id>.+)"),
    "aws_kms_key": Tagged(
        r"kms:[^:]*:\d+:key/(?P<id>.+)",
        read=Read("kms", "describe_key", {"KeyId": "{id}"}, ("KeyMetadata",), {"description": "Description"}),
    ),
    "aws_mwaa_environment": Tagged(r"airflow:[^:]*:\d+:environment/(?P<name>.+)", "{name}"),
    "aws_redshift_cluster": Tagged(r"redshift:[^:]*:\d+:cluster:(?P<cluster_identifier>.+)", "{cluster_identifier}"),
    "aws_redshift_parameter_group": Tagged(r"redshift:[^:]*:\d+:parametergroup:(?P<name>.+)", "{name}"),
    "aws_redshift_subnet_group": Tagged(r"redshift:[^:]*:\d+:subnetgroup:(?P<name>.+)", "{name}"),
    "aws_route_table": _ec2(
        "route-table", "describe_route_tables", "RouteTables", "RouteTableIds", {"vpc_id": "VpcId"}
    ),
    "aws_s3_bucket": Tagged(r"s3:::(?P<bucket>[^/]+)", "{bucket}"),
    "aws_secretsmanager_secret": Tagged(r"secretsmanager:[^:]*:\d+:secret:(?P<name>.+)-[A-Za-z0-9]{6}", "{arn}"),
    "aws_security_group": _ec2(
        "security-group",
        "describe_security_groups",
        "SecurityGroups",
        "GroupIds",
        {"name": "GroupName", "vpc_id": "VpcId"},
    ),
    "aws_sns_topic": Tagged(r"sns:[^:]*:\d+:(?P<name>[^:]+)", "{arn}"),
    "aws_ssm_parameter": Tagged(r"ssm:[^:]*:\d+:parameter(?P<name>/.+)", "{name}"),
    "aws_subnet": _ec2("subnet", "describe_subnets", "Subnets", "SubnetIds", {"cidr_block": "CidrBlock"}),
    "aws_vpc": _ec2("vpc", "describe_vpcs", "Vpcs", "VpcIds", {"cidr_block": "CidrBlock"}),
    "aws_vpc_endpoint": _ec2(
        "vpc-endpoint", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointIds", {"service_name": "ServiceName"}
    ),
    "aws_vpc_security_group_egress_rule": _rule(is_egress=True),
    "aws_vpc_security_group_ingress_rule": _rule(is_egress=False),
}
"""{Terraform type: how its ARN becomes an import id}."""

NAMED: Mapping[str, Named] = {
    "aws_backup_restore_testing_selection": Named(
        "{name}:{restore_testing_plan_name}",
        Read(
            "backup",
            "get_restore_testing_selection",
            {"RestoreTestingPlanName": "{restore_testing_plan_name}", "RestoreTestingSelectionName": "{name}"},
        ),
        ("ResourceNotFoundException",),
    ),
    "aws_budgets_budget": Named(
        "{account_id}:{name}",
        Read("budgets", "describe_budget", {"AccountId": "{account_id}", "BudgetName": "{name}"}),
        ("NotFoundException",),
    ),
    "aws_emr_security_configuration": Named(
        "{name}", Read("emr", "describe_security_configuration", {"Name": "{name}"}), ("InvalidRequestException",)
    ),
    "aws_glue_catalog_table": Named(
        "{account_id}:{database_name}:{name}",
        Read("glue", "get_table", {"DatabaseName": "{database_name}", "Name": "{name}"}),
        ("EntityNotFoundException",),
    ),
    "aws_iam_instance_profile": Named(
        "{name}", Read("iam", "get_instance_profile", {"InstanceProfileName": "{name}"}), ("NoSuchEntity",)
    ),
    "aws_kms_alias": Named("{name}", Read("kms", "describe_key", {"KeyId": "{name}"}), ("NotFoundException",)),
    "aws_lakeformation_lf_tag": Named(
        "{account_id}:{key}", Read("lakeformation", "get_lf_tag", {"TagKey": "{key}"}), ("EntityNotFoundException",)
    ),
}
"""{Terraform type: how it is looked up by its name}; what Terraform would make under that name exists, or does not."""

WRITTEN_OVER = frozenset(
    {
        "aws_cloudwatch_event_target",
        "aws_default_security_group",
        "aws_ebs_default_kms_key",
        "aws_ebs_encryption_by_default",
        "aws_emr_block_public_access_configuration",
        "aws_emr_managed_scaling_policy",
        "aws_glue_data_catalog_encryption_settings",
        "aws_backup_vault_lock_configuration",
        "aws_iam_role_policy",
        "aws_iam_role_policy_attachment",
        "aws_lakeformation_data_lake_settings",
        "aws_lakeformation_permissions",
        "aws_lakeformation_resource_lf_tags",
        "aws_redshift_logging",
        "aws_s3_account_public_access_block",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_logging",
        "aws_s3_bucket_object_lock_configuration",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
        "aws_s3_object",
        "aws_sns_topic_policy",
        "aws_sns_topic_subscription",
        "terraform_data",
    }
)
"""Types whose creation writes over what stands there: the next apply records them, and makes nothing twice."""

BY_HAND: Mapping[str, str] = {
    "aws_backup_selection": "aws backup list-backup-selections --backup-plan-id PLAN; import id PLAN|SELECTION",
    "aws_emr_instance_fleet": "aws emr list-instance-fleets --cluster-id CLUSTER; import id CLUSTER/FLEET",
    "aws_route_table_association": "aws ec2 describe-route-tables --filters Name=association.subnet-id,Values=SUBNET; "
    "import id SUBNET/ROUTE_TABLE",
}
"""{type that has neither tags nor a name: where to look}. Listed, never guessed."""

LEFT_ALONE = re.compile(
    r"arn:[^:]+:(?:ec2:[^:]*:\d+:(?:volume|network-interface|snapshot)/|rds:[^:]*:\d+:snapshot:"
    r"|redshift:[^:]*:\d+:snapshot:|backup:[^:]*:\d+:recovery-point:).*"
)
"""What a service makes for a resource that is in a state; it inherits that resource's tags."""
SERVICES_TAG = "aws:"
"""Begins the tags that only services set: on machines of a cluster, for example."""
