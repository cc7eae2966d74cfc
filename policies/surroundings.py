"""What surrounds what is judged: which environments and tenants there are, and the context of each stack."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from policies import data, strict_yaml
from policies.artefacts.discovery import CACHES
from policies.context import PLATFORM, Context
from policies.errors import ArtefactUnreadable, PolicyError, RegisterBroken


class UnknownPlace(PolicyError):
    """An environment or a tenant was named that does not exist: a mistake of who called, not of what is judged."""

    exit_code = 2


@dataclass(frozen=True)
class Surroundings:
    """The repository as far as contexts need it.

    Attributes:
        root: of the repository.
        today: the day of the judgement.
    """

    root: Path
    today: date

    @cached_property
    def environments(self) -> dict[str, Context]:
        """`{environment: context without a stack}`, sorted by name.

        Raises:
            RegisterBroken: there is none, or one's file is missing, cannot be relied on, or says that it is another.
        """
        found = {}
        for name in folders(self.root / "environments"):
            path = self.root / "environments" / name / "environment.yaml"
            values = strict_yaml.read(path)
            for key in ("environment", "organisation", "account_id", "region"):
                if not isinstance(values.get(key), str) or not values[key]:
                    raise RegisterBroken(f"{path}: {key} is {values.get(key)!r}, not a text")
            if values["environment"] != name:
                raise RegisterBroken(f"{path}: says that it is {values['environment']!r}")
            found[name] = Context(
                environment=name,
                stack="",
                today=self.today,
                is_production=is_production(name),
                organisation=values["organisation"],
                account_id=values["account_id"],
                region=values["region"],
                tenants=self.tenants,
                organisation_id=str(values.get("organisation_id", "")),
            )
        if not found:
            raise RegisterBroken(f"{self.root / 'environments'}: holds no environment, so nothing would be judged")
        return found

    @cached_property
    def tenants(self) -> tuple[str, ...]:
        """Every tenant, sorted.

        Raises:
            ArtefactUnreadable: one has no spec.
        """
        found = folders(self.root / "tenants")
        for name in found:
            if not (self.root / "tenants" / name / "tenant.yaml").is_file():
                raise ArtefactUnreadable(f"tenants/{name}: has no tenant.yaml", fix="add it, or remove the folder")
        return tuple(found)

    def context(self, environment: str, stack: str) -> Context:
        """Return the context of a stack; environment or stack is empty for what belongs to none.

        Without an environment everything is judged as strictly as production.
        """
        if environment:
            return replace(self.environments[environment], stack=stack)
        first = next(iter(self.environments.values()), None)
        organisation = first.organisation if first else ""
        return Context("", stack, self.today, is_production=True, organisation=organisation, tenants=self.tenants)

    def require_rendered(self, environment: str) -> None:
        """Hold an environment's rendered stacks against the tenants.

        Raises:
            ArtefactUnreadable: a tenant is not rendered there, or what is rendered belongs to no tenant.
        """
        folder = f"environments/{environment}/rendered"
        found = set(folders(self.root / folder))
        expected = {PLATFORM, *self.tenants}
        for name in sorted(found - expected):
            raise ArtefactUnreadable(f"{folder}/{name}: belongs to no tenant", fix="remove it, or add its tenant")
        for name in sorted(expected - found):
            raise ArtefactUnreadable(
                f"{folder}/{name}: is not rendered", why="what is not there cannot be judged", fix="sluice render"
            )

    def require(self, environments: tuple[str, ...], tenants: tuple[str, ...]) -> None:
        """Refuse names that do not exist.

        Raises:
            UnknownPlace: see there.
        """
        known = {"environment": set(self.environments), "tenant": {*self.tenants, PLATFORM}}
        for kind, names in (("environment", environments), ("tenant", tenants)):
            for name in names:
                if name not in known[kind]:
                    raise UnknownPlace(f"there is no {kind} {name!r}", expected=", ".join(sorted(known[kind])))


def folders(folder: Path) -> list[str]:
    """Return the names of the folders in `folder`, sorted, without those that tools leave behind."""
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if entry.is_dir() and entry.name not in CACHES)


def is_production(environment: str) -> bool:
    """Tell whether the CSO counts an environment as production; one that is not listed is.

    Raises:
        RegisterBroken: policies/data/environments.yaml is not a list of names.
    """
    listed = data.read("environments").get("not_production")
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        raise RegisterBroken("policies/data/environments.yaml: not_production is not a list of names")
    return environment not in listed
