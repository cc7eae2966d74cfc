"""Who may change or delete a key cannot read what it protects, and no key is anyone's."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import (
    Resource,
    ResourceCheck,
    Statement,
    administers,
    binds_everyone,
    callers,
    decrypts,
    encrypts,
    overlap,
    services_via,
)

KINDS = {"AWS", "Service", "*"}
PROVISIONING = {"airflow", "backup", "ec2", "elasticmapreduce", "glue", "rds", "redshift", "secretsmanager"}


class KeyAdministratorsAreNotUsers(ResourceCheck):
    """Requirement: the key policy is said, allows no `*` principal, and lets no administrator decrypt.

    Two things AWS asks of whoever creates encrypted resources are no use in this sense: encrypting through a service
    (kms:ViaService), which opens nothing, and decrypting through the services that encrypt disks, databases,
    backups and managed passwords (never through S3). An account's root without aws:PrincipalArn is everybody in it.
    Unknown is treated as: no verdict.
    Source: FSBP KMS.5; SOC 2 CC6.3.
    """

    control = "CSO_KMS_02"
    check_id = "CSO_KMS_02"
    title = "Key administrators cannot use the key, and no key is public"
    types = ("aws_kms_key", "aws_kms_key_policy", "aws_kms_replica_key", "aws_kms_external_key")

    def judge(self, resource: Resource) -> Iterator[str]:
        statements = resource.policy("policy").allows
        if not statements:
            yield "the key has no policy of its own, and AWS's gives the account everything"
        for statement in statements:
            if binds_everyone(statement) or statement.not_principals:
                yield f"{statement.label} allows '*'"
            for kind in sorted(statement.principals.keys() - KINDS):
                yield f"{statement.label} allows {kind} principals"
        administrators = {caller for statement in statements if administers(statement) for caller in callers(statement)}
        for statement in filter(_is_use, statements):
            both = [one for one in sorted(administrators) if any(overlap(one, user) for user in callers(statement))]
            if both:
                yield f"{statement.label} lets administrators use the key: {', '.join(both)}"


def _is_use(statement: Statement) -> bool:
    services = services_via(statement)
    if decrypts(statement):
        return services is None or not services <= PROVISIONING
    return encrypts(statement) and services is None


check = KeyAdministratorsAreNotUsers()
