"""Where moto answers otherwise than AWS does, and the Terraform provider or our own code stumbles over it.

Each patch is a function whose docstring says what moto does, what AWS does, and who notices. Nothing is added here
that AWS would not do; operations that moto lacks are the gateway's.
"""

from __future__ import annotations

import inspect
import json
import re
import uuid
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import Any

from moto.ec2.exceptions import InvalidPermissionNotFoundError
from moto.ec2.models.amis import Ami, AmiBackend
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.security_groups import SecurityGroupBackend, SecurityGroupRule
from moto.glue.models import FakeConnection, glue_backends
from moto.glue.responses import GlueResponse
from moto.iam.access_control import IAMPolicyStatement, PermissionResult
from moto.lakeformation.exceptions import InvalidInput
from moto.lakeformation.models import LakeFormationBackend
from moto.rds.models import DBInstance, DBParameterGroup
from moto.s3.models import FakeBucket, FakeDeleteMarker
from moto.s3.utils import LOGGING_SERVICE_PRINCIPAL

from sandbox.aws import stack_buckets  # noqa: F401  # moto finds it once it is loaded
from sandbox.aws.kms_digests import signed_digests
from sandbox.aws.operations import Call, CallRefused, Service
from sandbox.aws.stack_keys import stack_keys
from sandbox.aws.stack_roles import stack_roles

glue = Service(GlueResponse)

DEFAULT_AUTHORITY = "rds-ca-rsa2048-g1"  # RDS User Guide, "Using SSL/TLS": the default since January 2024
IMAGE_ID = re.compile(r"ami-[0-9a-f]{8}(?:[0-9a-f]{9})?")
_applied: set[str] = set()


def apply() -> None:
    """Apply every patch, once in a process."""
    for patch in (
        database_identity,
        database_parameter_source,
        delete_markers,
        conditional_denials,
        revoking_absent_rules,
        revoking_absent_grants,
        rule_descriptions,
        private_interfaces,
        glue_connections,
        log_delivery_permission,
        machine_images,
        signed_digests,
        stack_keys,
        stack_roles,
    ):
        if patch.__name__ not in _applied:
            _applied.add(patch.__name__)
            patch()


def database_identity() -> None:
    """moto gives every database the same DbiResourceId, which is the provider's resource id: two get confused.

    It also forgets Performance Insights, which then differs for ever, and begins with a certificate authority that AWS
    has retired: the provider then modifies a new instance and waits for it a second time.
    """
    original = DBInstance.__init__

    def initialise(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **{"ca_certificate_identifier": DEFAULT_AUTHORITY, **kwargs})
        self.dbi_resource_id = "db-" + uuid.uuid5(uuid.NAMESPACE_URL, self.db_instance_arn).hex[:26].upper()
        for name in ("performance_insights_kms_key_id", "performance_insights_retention_period"):
            setattr(self, name, kwargs.get(name))
        self.performance_insights_enabled = bool(kwargs.get("enable_performance_insights"))

    DBInstance.__init__ = initialise


def database_parameter_source() -> None:
    """moto leaves the source of a changed parameter at engine-default: the provider then takes it for unset."""

    def update_parameters(self: Any, new_parameters: Iterable[dict[str, Any]]) -> None:
        for parameter in new_parameters:
            self.parameters[parameter["ParameterName"]].update(parameter, Source="user")

    DBParameterGroup.update_parameters = update_parameters


def delete_markers() -> None:
    """moto disposes of every version of a bucket, and its delete markers cannot be: emptying one answered 500."""
    FakeDeleteMarker.dispose = lambda self, garbage=False: None


def conditional_denials() -> None:
    """moto takes a Deny with a condition, or for some principals only, for one that always holds.

    Whether a request came over TLS, through a VPC endpoint, or under a certain key cannot be told on this machine, so
    such a statement decides nothing here. Without this, a bucket that refuses plain HTTP refuses everyone.
    """
    original: Callable[..., Any] = IAMPolicyStatement.is_action_permitted

    def is_action_permitted(self: Any, *args: Any, **kwargs: Any) -> Any:
        statement = self._statement
        everyone = statement.get("Principal") in (None, "*", {"AWS": "*"}, {"AWS": ["*"]})
        if statement.get("Effect") == "Deny" and (statement.get("Condition") or not everyone):
            return PermissionResult.NEUTRAL
        return original(self, *args, **kwargs)

    IAMPolicyStatement.is_action_permitted = is_action_permitted


def revoking_absent_rules() -> None:
    """moto refuses to revoke a rule that is not there, and then revokes none of the call.

    In a VPC, AWS revokes those that exist and reports the others without an error (EC2 API reference,
    RevokeSecurityGroupIngress). EMR's groups refer to each other, so Terraform revokes some rules twice on destroy.
    """
    for name in ("revoke_security_group_ingress", "revoke_security_group_egress"):
        setattr(SecurityGroupBackend, name, _tolerant(getattr(SecurityGroupBackend, name)))


def _tolerant(original: Callable[..., Any]) -> Callable[..., Any]:
    peers = ("ip_ranges", "source_groups", "prefix_list_ids", "security_rule_ids")

    def revoke(self: Any, *args: Any, **kwargs: Any) -> None:
        try:
            original(self, *args, **kwargs)
        except InvalidPermissionNotFoundError:
            each = [(name, peer) for name in peers for peer in kwargs.get(name) or []]
            if len(each) > 1:
                nobody: dict[str, Any] = {name: [] for name in peers if name in kwargs}
                for name, peer in each:
                    revoke(self, *args, **{**kwargs, **nobody, name: [peer]})

    return revoke


def revoking_absent_grants() -> None:
    """moto says that it revoked what nobody was granted. Lake Formation refuses, and the provider waits for that.

    Without it, Terraform cannot destroy a permission: it revokes until it is told that there is nothing to revoke.
    """
    original = LakeFormationBackend.revoke_permissions

    def revoke_permissions(self: Any, **given: Any) -> None:
        catalog = self.grants.get(given["catalog_id"])
        wanted = (given["principal"], given["resource"])
        if not any((each.principal, each.resource) == wanted for each in (catalog.permissions if catalog else ())):
            missing = ", ".join(given["permissions_to_revoke"] or [])
            raise InvalidInput(f"No permissions revoked. Grantee does not have: [{missing}]")
        original(self, **given)

    LakeFormationBackend.revoke_permissions = revoke_permissions


def rule_descriptions() -> None:
    """moto keeps what a rule is for only where its peer is an address range, not a group or prefix list."""
    original = SecurityGroupRule.__init__

    def initialise(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.ip_range = dict(self.ip_range)  # where moto looks for the description, and writes a changed one
        given = inspect.signature(original).bind(self, *args, **kwargs).arguments
        for peer in (given.get("source_group"), given.get("prefix_list_id")):
            if peer and "Description" in peer:
                self.ip_range["Description"] = peer["Description"]

    SecurityGroupRule.__init__ = initialise


def private_interfaces() -> None:
    """moto writes an empty association for an interface without public address: the provider reads that it has one."""
    original = NetworkInterface.association.fget
    NetworkInterface.association = property(lambda interface: original(interface) or None)


def glue_connections() -> None:
    """moto leaves the type out of a connection, and cannot delete one."""
    original = FakeConnection.as_dict

    def as_dict(self: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**original(self, *args, **kwargs), "ConnectionType": self.connection_input.get("ConnectionType")}

    FakeConnection.as_dict = as_dict
    glue.install()


def log_delivery_permission() -> None:
    """moto finds the statement that lets S3 deliver access logs only if it holds plain strings, or the whole bucket."""

    def allows(target_bucket: Any, target_prefix: str | None) -> bool:
        document = json.loads(target_bucket.policy.decode()) if target_bucket.policy else {"Statement": []}
        delivered = f"{target_bucket.arn}/{target_prefix or ''}"
        return any(
            statement["Effect"] == "Allow"
            and LOGGING_SERVICE_PRINCIPAL in _listed(dict(statement["Principal"]).get("Service"))
            and any(fnmatchcase("s3:PutObject", action) for action in _listed(statement["Action"]))
            and any(fnmatchcase(delivered, resource) for resource in _listed(statement["Resource"]))
            for statement in document["Statement"]
            if isinstance(statement.get("Principal"), dict)
        )

    FakeBucket._log_permissions_enabled_policy = staticmethod(allows)


def _listed(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else value or []


def machine_images() -> None:
    """moto knows a few of Amazon's images. An organisation's own, named by id, exists here in every account too."""
    original = AmiBackend.describe_images

    def describe_images(self: Any, ami_ids: list[str] | None = None, *args: Any, **kwargs: Any) -> Any:
        for image_id in ami_ids or []:
            if image_id not in self.amis and IMAGE_ID.fullmatch(image_id):
                self.amis[image_id] = Ami(
                    self,
                    image_id,
                    name=f"organisation-image-{image_id}",
                    architecture="x86_64",
                    virtualization_type="hvm",
                    root_device_type="ebs",
                    root_device_name="/dev/xvda",
                )
        return original(self, ami_ids, *args, **kwargs)

    AmiBackend.describe_images = describe_images


@glue.answer("DeleteConnection")
def _delete_connection(call: Call) -> None:
    connections = glue_backends[call.account][call.region].connections
    if connections.pop(call["ConnectionName"], None) is None:
        raise CallRefused("EntityNotFoundException", f"Connection {call['ConnectionName']} not found.")
