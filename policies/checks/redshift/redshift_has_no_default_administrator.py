"""The warehouse's administrator and database have names of their own, and AWS holds the password."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Resource, ResourceCheck

DEFAULT_USERS = frozenset({"admin", "administrator", "awsuser", "root", "postgres", "rdsadmin"})
CLUSTER = ("master_username", "database_name", "manage_master_password", ("master_password", "master_password_wo"))
NAMESPACE = ("admin_username", "db_name", "manage_admin_password", ("admin_user_password", "admin_user_password_wo"))


class RedshiftHasNoDefaultAdministrator(ResourceCheck):
    """Requirement: the administrator is not awsuser, admin or the like, the database is not dev, both are said, and
    Secrets Manager makes and rotates the password: none stands in the configuration or in the state.

    Compliant example: master_username = "sluice_admin", database_name = "warehouse", manage_master_password = true
    Non-compliant example: master_password = var.password
    Unknown is treated as: no verdict; a password that is unknown still is one, and fails.
    Source: FSBP Redshift.8, Redshift.9, RedshiftServerless.6, RedshiftServerless.7."""

    control = "CSO_RED_05"
    check_id = "CSO_RED_05"
    title = "No default administrator or database, and a managed password"
    types = ("aws_redshift_cluster", "aws_redshiftserverless_namespace")

    def judge(self, resource: Resource) -> Iterator[str]:
        is_cluster = resource.type == "aws_redshift_cluster"
        user, database, managed, passwords = CLUSTER if is_cluster else NAMESPACE
        if not resource.get(user) or str(resource.get(user)).lower() in DEFAULT_USERS:
            yield f"{user} is {resource.get(user)!r}, a default"
        if not resource.get(database) or str(resource.get(database)).lower() == "dev":
            yield f"{database} is {resource.get(database)!r}, the default"
        if resource.get(managed) is not True:
            yield f"{managed} is {resource.get(managed)!r}, not true"
        for password in passwords:
            if resource.is_unknown(password) or resource.get(password):
                yield f"{password} is given"


check = RedshiftHasNoDefaultAdministrator()
