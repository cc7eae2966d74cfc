"""The Terraform root of a stack: which files it has and which values stand in them.

Decides nothing that `resolve` decided; values go to `terraform.tfvars.json` and never through a template's text. It
must not know what a module does with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from generator.names import Names
from generator.render.escape import Plain, json_document
from generator.render.promise import alarm_values
from generator.resolve.access import Access
from generator.resolve.decisions import WAREHOUSE_DATABASE, WAREHOUSE_LOADER
from generator.resolve.stack import PlatformStack, ResolvedDataset, Stack

Layout = Callable[[str, Mapping[str, object]], str]
"""Lays out a template by name with its values; `render` has one."""

SHARED_FILES = {
    "versions.tf": "shared/versions.tf.j2",
    "providers.tf": "shared/providers.tf.j2",
    ".terraform.lock.hcl": "shared/terraform.lock.hcl.j2",
}
PLATFORM_FILES = {
    "main.tf": "platform/main.tf.j2",
    "alarms.tf": "platform/alarms.tf.j2",
    "parameters.tf": "platform/parameters.tf.j2",
    "variables.tf": "platform/variables.tf.j2",
}
TENANT_FILES = {"main.tf": "tenant/main.tf.j2", "variables.tf": "tenant/variables.tf.j2"}
"""{path below the root: template below terraform/}."""

REPORTING_SECRET = {"reporting-login": "Login with which reporting tools read the tenant's schema in the warehouse."}


def platform_files(stack: PlatformStack, layout: Layout) -> dict[str, str]:
    """Return the platform's Terraform root: {path below terraform/: text}.

    The tenants of the environment are left out on purpose: adding one changes nothing here.
    """
    environment = stack.environment
    header = _header(f"environments/{environment.environment}/environment.yaml", environment.environment)
    values = {"header": header, "is_long_running": environment.is_long_running, "is_backed_up": stack.is_backed_up}
    return _files(PLATFORM_FILES, values, layout) | _documents(stack.names, platform_variables(stack))


def tenant_files(stack: Stack, layout: Layout) -> dict[str, str]:
    """Return a tenant's Terraform root: {path below terraform/: text}."""
    environment = stack.environment
    header = _header(f"tenants/{stack.name}/tenant.yaml", environment.environment)
    values = {"header": header, "has_own_clusters": not environment.is_long_running}
    return _files(TENANT_FILES, values, layout) | _documents(stack.names, tenant_variables(stack))


def platform_variables(stack: PlatformStack) -> dict[str, Plain]:
    """Return the values of the platform root's variables."""
    environment, names = stack.environment, stack.names
    warehouse, database, airflow = environment.warehouse, environment.authority_db, environment.airflow
    streamsets, network = environment.streamsets, environment.network
    values = _common(names, stack.tags) | {
        "environment": environment.environment,
        "environment_prefix": f"{environment.organisation}-{environment.environment}",
        "log_retention_days": environment.log_retention_days,
        "alerts_email": environment.alerts_email,
        "monthly_budget_usd": environment.monthly_budget_usd,
        "network": {"cidr": network.cidr, "zones": list(network.zones)},
        "airflow": {
            "version": airflow.version,
            "environment_class": airflow.environment_class,
            "max_workers": airflow.max_workers,
        },
        "warehouse": {
            "database": WAREHOUSE_DATABASE,
            "db_user": WAREHOUSE_LOADER,
            "node_type": warehouse.node_type,
            "nodes": warehouse.nodes,
            "snapshot_days": warehouse.snapshot_days,
        },
        "authority_db": {
            "instance_class": database.instance_class,
            "multi_az": database.multi_az,
            "backup_days": database.backup_days,
        },
        "streamsets": {"ami_id": streamsets.ami_id, "instance_type": streamsets.instance_type},
    }
    return values | (_cluster(stack) if environment.is_long_running else {})


def tenant_variables(stack: Stack) -> dict[str, Plain]:
    """Return the values of a tenant root's variables."""
    spec, names = stack.tenant.spec, stack.names
    producers = {source.name: source.producer_role_arn for source in stack.sources if source.producer_role_arn}
    return _common(names, stack.tags) | {
        "tenant": stack.name,
        "platform": _platform(names.platform),
        "parameters": {
            "landing_bucket": names.bucket("landing"),
            "curated_bucket": names.bucket("curated"),
            "glue_database": names.glue_database,
            "code_version": stack.code_version,
        },
        "retention_days": spec.retention_days,
        "recovery_class": stack.recovery_class,
        "landing_lock_days": spec.retention_days if stack.environment.deletion_protection else None,
        "producers": producers,
        "catalog": {
            "database": names.glue_database,
            "description": spec.description,
            "tables": {dataset.name: _table(dataset) for dataset in stack.datasets},
        },
        "jobs": {job.name: _access(job.access) for job in stack.jobs},
        "warehouse_load": _access(stack.loading.access) if stack.loading else None,
        "secrets": REPORTING_SECRET if stack.loading and stack.loading.reports else {},
        "code_prefix": stack.code_prefix,
        "entrypoints": sorted({job.entrypoint for job in stack.jobs}),
        "alarms": alarm_values(stack),
        "owner_email": spec.owner,
    }


def backend(names: Names) -> dict[str, Plain]:
    """Return the backend block: one state for each stack, locked in S3, reached with the role that applies.

    It does not say `encrypt`: without a key's ARN Terraform would ask for S3's own key then, which the bucket refuses;
    what the bucket was given by bootstrap, its own KMS key, holds.
    """
    environment = names.environment
    return {
        "bucket": names.platform.bucket("tfstate"),
        "key": f"{names.tenant}/terraform.tfstate",
        "region": environment.region,
        "use_lockfile": True,
        "assume_role": {"role_arn": _deploy_role_arn(names), "session_name": names.prefix},
    }


def _common(names: Names, tags: Mapping[str, str]) -> dict[str, Plain]:
    """Return what every root needs."""
    environment = names.environment
    return {
        "name": names.prefix,
        "account_id": environment.account_id,
        "region": environment.region,
        "organisation_id": environment.organisation_id,
        "deploy_role_arn": _deploy_role_arn(names),
        "tags": {**tags, "managed-by": "terraform"},
        "parameter_prefix": names.parameter("").removesuffix("/"),
        "deletion_protection": environment.deletion_protection,
    }


def _platform(names: Names) -> dict[str, Plain]:
    """Return the platform's names that a tenant's root uses: conventions, for which no state is read."""
    entities = ("airflow", "streamsets", "emr_service", "emr_node", "warehouse", "backup")
    roles = {entity: names.role_arn(entity.replace("_", "-")) for entity in entities}
    buckets = {label: names.bucket(label) for label in ("logs", "artifacts", "airflow")}
    return {
        "name": names.prefix,
        "parameter_prefix": names.parameter("").removesuffix("/"),
        "alerts_topic_arn": names.alerts_topic_arn,
        **{f"{label}_role_arn": arn for label, arn in roles.items()},
        **{f"{label}_bucket": bucket for label, bucket in buckets.items()},
    }


def _cluster(stack: PlatformStack) -> dict[str, Plain]:
    cluster = stack.environment.cluster
    return {
        "cluster": {
            "release": cluster.release,
            "primary_types": list(cluster.primary_types),
            "worker_types": list(cluster.worker_types),
            "core_units": cluster.core_units,
            "max_units": cluster.max_units,
            "idle_timeout_minutes": cluster.idle_timeout_minutes,
        }
    }


def _table(dataset: ResolvedDataset) -> dict[str, Plain]:
    """Return a Glue table; the contract's type names are Hive's own."""
    contract = dataset.contract
    return {
        "description": contract.description,
        "contract_version": contract.version,
        "columns": [
            {
                "name": column.name,
                "type": column.type.replace(" ", ""),
                "comment": column.description,
                "classification": column.classification,
            }
            for column in contract.columns
        ],
    }


def _access(access: Access) -> dict[str, Plain]:
    return {
        "statements": [
            {
                "sid": statement.sid,
                "actions": list(statement.actions),
                "resources": list(statement.resources),
                "conditions": [
                    {"test": condition.test, "variable": condition.variable, "values": list(condition.values)}
                    for condition in statement.conditions
                ],
            }
            for statement in access.statements
        ],
        "tenant_key_actions": list(access.tenant_key_actions),
        "platform_key_actions": list(access.platform_key_actions),
    }


def _files(paths: Mapping[str, str], values: Mapping[str, object], layout: Layout) -> dict[str, str]:
    return {path: layout(f"terraform/{template}", values) for path, template in (SHARED_FILES | dict(paths)).items()}


def _documents(names: Names, variables: Mapping[str, Plain]) -> dict[str, str]:
    return {
        "backend.tf.json": json_document({"terraform": {"backend": {"s3": backend(names)}}}),
        "terraform.tfvars.json": json_document(variables),
    }


def _deploy_role_arn(names: Names) -> str:
    return f"arn:aws:iam::{names.environment.account_id}:role/{names.environment.deploy_role}"


def _header(origin: str, environment: str) -> str:
    """Return the comment on top of a file; both parts are names, which hold no line end."""
    return (
        f"# Rendered by sluice from {origin} for {environment}.\n"
        "# Do not edit: change it there and run `sluice render`."
    )
