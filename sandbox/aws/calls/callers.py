"""Who signed a request: the role whose session it is. An access key says it to nobody but the local cloud."""

from __future__ import annotations

from moto.sts.models import sts_backends

from sandbox.aws.accounts import ENTRY_ROLE

PARTITION = "aws"


class Callers:
    """`{access key: (ARN of the role, account)}`, filled as keys are met."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, str]] = {}

    def role(self, key_id: str) -> tuple[str, str] | None:
        """Return (ARN of the role, account); None for keys of no session, and for who administers the accounts."""
        if key_id not in self._known:
            for backends in list(sts_backends.values()):
                for session in reversed(list(backends[PARTITION].assumed_roles)):
                    self._known.setdefault(session.access_key_id, (session.role_arn, session.account_id))
        found = self._known.get(key_id)
        return None if found is None or found[0].endswith(f"role/{ENTRY_ROLE}") else found
