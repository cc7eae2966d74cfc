"""Sessions of a role, for services of the local cloud that act as one: S3 then sees the role as the caller.

Whether someone may assume the role is for the service to decide.
"""

from __future__ import annotations

from moto.sts.models import sts_backends

SESSION_SECONDS = 12 * 3600


def start_session(account: str, region: str, role_arn: str, name: str) -> tuple[str, str, str]:
    """Return (access key, secret key, token) of a new session of a role."""
    session = sts_backends[account]["aws"].assume_role(
        region_name=region,
        role_session_name=name,
        role_arn=role_arn,
        policy="",
        duration=SESSION_SECONDS,
        external_id="",
    )
    return session.access_key_id, session.secret_access_key, session.session_token
