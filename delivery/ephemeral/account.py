"""One development environment, and how to reach it: as its deploy role, and never production's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from delivery import aws
from delivery.ephemeral.wish import require_development
from generator.model import EnvironmentSpec
from generator.spec.project import load_environment


@dataclass(frozen=True)
class Account:
    """An environment in which short-lived clusters may be.

    Attributes:
        variables: the process's environment.
        now: gives the moment.
    """

    root: Path
    spec: EnvironmentSpec
    variables: Mapping[str, str]
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    _clients: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, root: Path, environment: str, variables: Mapping[str, str]) -> Account:
        """Return the account of an environment in which short-lived clusters may be.

        Raises:
            NotForThis: it is no development environment.
            SpecErrors: there is none of that name, or an environment's spec has mistakes.
        """
        spec = load_environment(root, environment)
        require_development(spec)
        return cls(root, spec, variables)

    def client(self, service: str) -> Any:
        """Return the client of a service; the same one each time, since making one takes longer than asking it."""
        if service not in self._clients:
            self._clients[service] = aws.client(service, self.spec, self.variables)
        return self._clients[service]

    def credentials(self) -> dict[str, str]:
        """Return variables with which another process acts as the environment's role, as long as one session lasts."""
        credentials = aws.session(self.spec, self.variables).get_credentials()
        assert credentials is not None
        found = credentials.get_frozen_credentials()
        keys = {
            "aws_access_key_id": found.access_key,
            "aws_secret_access_key": found.secret_key,
            "aws_session_token": found.token,
        }
        own = {aws.STATIC[name]: key for name, key in keys.items() if key} | {"AWS_REGION": self.spec.region}
        endpoint = self.variables.get(aws.ENDPOINT)
        return own | {aws.ENDPOINT: endpoint} if endpoint else own
