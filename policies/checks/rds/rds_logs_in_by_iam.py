"""Login to the database is by IAM and over a modern certificate; AWS holds the administrator's password."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Resource, ResourceCheck
from policies.data import read


class RdsLogsInByIam(ResourceCheck):
    """Requirement: IAM authentication is on, the server's certificate comes from a certificate authority in force
    (policies/data/rds_certificates.yaml), and Secrets Manager holds the administrator's password: none is given.

    Compliant example: iam_database_authentication_enabled, ca_cert_identifier = "rds-ca-rsa2048-g1"
    Non-compliant example: ca_cert_identifier = "rds-ca-2019", which ended on 2024-08-22
    Unknown is treated as: no verdict; a password that is unknown still is one, and fails.
    Source: FSBP RDS.10; 23 NYCRR 500.12."""

    control = "CSO_RDS_02"
    check_id = "CSO_RDS_02_LOGIN"
    title = "Login by IAM, over a modern certificate"
    types = ("aws_db_instance", "aws_rds_cluster", "aws_rds_cluster_instance")

    def judge(self, resource: Resource) -> Iterator[str]:
        if resource.type != "aws_rds_cluster":
            authority = resource.get("ca_cert_identifier")
            if authority not in read("rds_certificates")["in_force"]:
                yield f"ca_cert_identifier is {authority!r}, no certificate authority in force"
        if resource.type != "aws_rds_cluster_instance":
            for attribute in ("iam_database_authentication_enabled", "manage_master_user_password"):
                if resource.get(attribute) is not True:
                    yield f"{attribute} is {resource.get(attribute)!r}, not true"
            secret = "password" if resource.type == "aws_db_instance" else "master_password"
            for attribute in (secret, f"{secret}_wo"):
                if resource.is_unknown(attribute) or resource.get(attribute):
                    yield f"{attribute} is given"


check = RdsLogsInByIam()
