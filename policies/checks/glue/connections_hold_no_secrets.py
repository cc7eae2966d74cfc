"""A Glue connection takes its login from Secrets Manager and speaks TLS."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.check import Resource, ResourceCheck

JDBC = {"SECRET_ID", "JDBC_ENFORCE_SSL", "JDBC_CONNECTION_URL", "CUSTOM_JDBC_CERT", "CUSTOM_JDBC_CERT_STRING"}
KAFKA = {"SECRET_ID", "KAFKA_SSL_ENABLED", "KAFKA_BOOTSTRAP_SERVERS", "KAFKA_CUSTOM_CERT", "KAFKA_SASL_MECHANISM"}
PROPERTIES = {
    "JDBC": JDBC,
    "KAFKA": {*KAFKA, "KAFKA_SASL_SCRAM_SECRETS_ARN"},
    "MONGODB": {"SECRET_ID", "JDBC_ENFORCE_SSL", "CONNECTION_URL"},
    "NETWORK": set[str](),
}
"""{type: properties}. Not among them: logins, drivers from anywhere, and what skips the proof of a certificate."""
LOGIN = re.compile(r"[^:/]@|[?&;:]\s*(?:user\w*|uid|pass\w*|pwd|\w*(?:token|secret|key)\w*)\s*=", re.IGNORECASE)
"""In an address; Oracle writes `scott/tiger@//host`, and `@//host` where there is no login."""
IN_CLEAR = re.compile(r"\bsslmode=(?:disable|allow|prefer)\b|\b(?:use)?ssl=false\b|\bencrypt=false\b", re.IGNORECASE)


class ConnectionsHoldNoSecrets(ResourceCheck):
    """Requirement: no login in the properties or in the URL, SECRET_ID names a secret, and TLS is required.

    A connection of type NETWORK carries no login and only places jobs in a subnet; other types than those listed here,
    and other properties, are refused.
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
        if kind not in PROPERTIES:
            yield f"connection_type is {kind!r}, none of {', '.join(PROPERTIES)}"
            return
        for name in properties:
            value = properties.get(name)
            if name not in PROPERTIES[kind] and value:
                yield f"connection_properties.{name} stands in the connection"
            elif LOGIN.search(str(value)):
                yield f"connection_properties.{name} carries a login"
            elif IN_CLEAR.search(str(value)):
                yield f"connection_properties.{name} does without TLS"
        if resource.get("athena_properties"):
            yield "athena_properties runs code of somebody's function"
        if kind == "NETWORK":
            return
        if not properties.get("SECRET_ID"):
            yield "connection_properties.SECRET_ID names no secret"
        setting = "KAFKA_SSL_ENABLED" if kind == "KAFKA" else "JDBC_ENFORCE_SSL"
        if str(properties.get(setting)).lower() != "true":
            yield f"connection_properties.{setting} is {properties.get(setting)!r}"


check = ConnectionsHoldNoSecrets()
