"""A Glue connection takes its login from Secrets Manager and speaks TLS."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Resource, ResourceCheck

INLINE = ("password", "encrypted_password", "username", "kafka_client_keystore_password", "kafka_client_key_password")
IN_URL = ("password=", "pwd=", "user=")
TLS = {"JDBC": "JDBC_ENFORCE_SSL", "KAFKA": "KAFKA_SSL_ENABLED", "MONGODB": "JDBC_ENFORCE_SSL"}


class ConnectionsHoldNoSecrets(ResourceCheck):
    """Requirement: no login in the properties or in the URL, SECRET_ID names a secret, and TLS is required.

    A connection of type NETWORK carries no login and only places jobs in a subnet.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.15; AWS Glue, "Storing connection credentials in AWS Secrets Manager".
    """

    control = "CSO_GLU_02"
    check_id = "CSO_GLU_02"
    title = "Glue connections hold no secret and require TLS"
    types = ("aws_glue_connection",)

    def judge(self, resource: Resource) -> Iterator[str]:
        kind = resource.get("connection_type") or "JDBC"
        properties = resource.block("connection_properties")
        for name in properties:
            value = properties.get(name)
            if name.lower() in INLINE and value:
                yield f"connection_properties.{name} stands in the connection"
            if "url" in name.lower() and isinstance(value, str) and _has_login(value):
                yield f"connection_properties.{name} carries a login"
        if kind == "NETWORK":
            return
        if not properties.get("SECRET_ID"):
            yield "connection_properties.SECRET_ID names no secret"
        setting = TLS.get(kind, "JDBC_ENFORCE_SSL")
        if str(properties.get(setting)).lower() != "true":
            yield f"connection_properties.{setting} is {properties.get(setting)!r}"


def _has_login(url: str) -> bool:
    authority = url.rpartition("//")[2].partition("/")[0]
    return "@" in authority or any(mark in url.lower() for mark in IN_URL)


check = ConnectionsHoldNoSecrets()
