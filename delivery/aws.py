"""Acting in an environment's account: sessions of a role there, renewed as long as a deploy takes.

Everything that speaks to AWS beside Terraform does it through here, so that one place says as whom.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import Any

import boto3
import botocore.session
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.loaders import Loader

from delivery.errors import DeliveryError
from generator.model import EnvironmentSpec

PLAN_ROLE = "sluice-plan"
APPROVE_ROLE = "sluice-approve"
RELEASE_ROLE = "sluice-release"
"""Roles beside the environment's `deploy_role`: one reads, one seals approvals, one signs and publishes releases."""
ENDPOINT = "AWS_ENDPOINT_URL"
STATIC = {
    "aws_access_key_id": "AWS_ACCESS_KEY_ID",
    "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
    "aws_session_token": "AWS_SESSION_TOKEN",
}


class NoCredentials(DeliveryError):
    """Nothing says as whom to assume the environment's role."""


def session(spec: EnvironmentSpec, variables: Mapping[str, str], role: str | None = None) -> boto3.Session:
    """Return a session of a role in the environment's account; it renews itself, since an apply can take hours.

    Args:
        variables: the process's; credentials and AWS_ENDPOINT_URL are taken from them, else from where boto3 looks.
        role: name of a role without a path; the environment's `deploy_role` unless given.

    Raises:
        NoCredentials: see there.
    """
    keys = {name: variables[variable] for name, variable in STATIC.items() if variables.get(variable)}
    profile = None if keys else variables.get("AWS_PROFILE")
    base = boto3.Session(**keys, profile_name=profile, botocore_session=_core())
    credentials = base.get_credentials()
    if credentials is None:
        raise NoCredentials(
            "no AWS credentials are set",
            expected=f"credentials that may assume {role or spec.deploy_role} in account {spec.account_id}",
            fix='on a laptop: eval "$(sluice sandbox env)"; in Jenkins: bind them around this stage',
        )
    fetcher = AssumeRoleCredentialFetcher(
        partial(_client, base, region=spec.region, variables=variables),
        credentials,
        f"arn:aws:iam::{spec.account_id}:role/{role or spec.deploy_role}",
        extra_args={"RoleSessionName": f"sluice-{spec.environment}"},
    )
    core = _core()
    core._credentials = DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")  # type: ignore[attr-defined]
    return boto3.Session(botocore_session=core, region_name=spec.region)


def _core() -> botocore.session.Session:
    """Return a session that reads botocore's descriptions of services, some megabytes of JSON, once a process."""
    core = botocore.session.get_session()
    core.register_component("data_loader", descriptions())
    return core


@cache
def descriptions() -> Loader:
    """Return what all sessions here take the descriptions of services from, and keep them in."""
    loader: Loader = botocore.session.get_session().get_component("data_loader")
    return loader


def client(service: str, spec: EnvironmentSpec, variables: Mapping[str, str], role: str | None = None) -> Any:
    """Return a boto3 client of `service` that acts in the environment's account; see `session`."""
    return _client(session(spec, variables, role), service, region=spec.region, variables=variables)


def _client(made: boto3.Session, service: str, *, region: str, variables: Mapping[str, str], **keys: Any) -> Any:
    own = f"{ENDPOINT}_{service.upper().replace('-', '_')}"  # as every AWS SDK names a service's own endpoint
    endpoint = variables.get(own) or variables.get(ENDPOINT) or None
    return made.client(service, region_name=region, endpoint_url=endpoint, **keys)  # type: ignore[call-overload]
