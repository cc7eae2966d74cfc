"""Environments as the platform declares them: loaded, and checked within one file and against each other.

Decides what makes a set of environments consistent. It must not know any tenant.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from generator.errors import MissingFile, NameClash, Place, SpecError, SpecErrors, WrongFolder, WrongValue, shown
from generator.model import EnvironmentSpec
from generator.spec.document import Document, read
from generator.spec.validation import validate

FOLDER = "environments"


@dataclass(frozen=True)
class LoadedEnvironment:
    """A valid environment beside the document it was read from."""

    spec: EnvironmentSpec
    document: Document


def environment_path(environment: str) -> str:
    return f"{FOLDER}/{environment}/environment.yaml"


def load(root: Path) -> dict[str, LoadedEnvironment]:
    """Return every environment below `root`, by name.

    Raises:
        SpecErrors: every mistake of every environment.
    """
    loaded, errors = read_all(root)
    if errors:
        raise SpecErrors(errors)
    return loaded


def read_all(root: Path) -> tuple[dict[str, LoadedEnvironment], list[SpecError]]:
    """Return the environments whose files have the right shape, by name, and every mistake of every environment."""
    loaded: dict[str, LoadedEnvironment] = {}
    errors: list[SpecError] = []
    for folder in sorted((root / FOLDER).glob("[!.]*/")):
        try:
            document = read(root, environment_path(folder.name))
            spec = validate(document, EnvironmentSpec)
        except SpecErrors as error:
            errors += error.errors
            continue
        errors += _check(spec, document, folder.name)
        loaded[folder.name] = LoadedEnvironment(spec, document)
    for first, second in combinations(loaded.values(), 2):
        errors += _check_pair(first, second)
    if not loaded and not errors:
        errors.append(_none_declared())
    return loaded, errors


def _check(spec: EnvironmentSpec, document: Document, folder: str) -> list[SpecError]:
    errors: list[SpecError] = []
    if spec.environment != folder:
        errors.append(
            WrongFolder(
                document.at(("environment",)),
                f"{shown(spec.environment)} stands in the folder {folder!r}",
                value=spec.environment,
                expected=repr(folder),
                why="rendered files, state and releases are found by the folder's name",
                fix=f"write environment: {folder}, or rename the folder to {FOLDER}/{spec.environment}",
            )
        )
    for index, zone in enumerate(spec.network.zones):
        if zone[:-1] != spec.region or zone in spec.network.zones[:index]:
            errors.append(
                WrongValue(
                    document.at(("network", "zones", index)),
                    f"{shown(zone)} is not another zone of {spec.region}",
                    value=zone,
                    expected=f"different zones, each {spec.region} and a letter",
                    why="subnets lie in zones of the environment's own region, one in each",
                    fix=f"write a zone of {spec.region}",
                )
            )
    return errors + _check_cluster(spec, document)


def _check_cluster(spec: EnvironmentSpec, document: Document) -> list[SpecError]:
    cluster, errors = spec.cluster, []
    if cluster.core_units > cluster.max_units:
        errors.append(
            WrongValue(
                document.at(("cluster", "core_units")),
                f"{cluster.core_units} is more than max_units, {cluster.max_units}",
                value=cluster.core_units,
                expected=f"at most {cluster.max_units}",
                why="a cluster cannot start larger than it may grow",
                fix="lower core_units or raise max_units",
            )
        )
    sizes = {kind.partition(".")[2] for kind in cluster.worker_types}
    families = {kind.partition(".")[0] for kind in cluster.worker_types}
    if len(sizes) > 1 or len(families) < 2:
        errors.append(
            WrongValue(
                document.at(("cluster", "worker_types")),
                f"{len(families)} families in the sizes {', '.join(sorted(sizes))}",
                value=list(cluster.worker_types),
                expected="at least two families, all of one size",
                why="one family can be out of capacity, and Spark's executors are cut for one size",
                fix="keep types of one size from several families",
            )
        )
    return list(errors)


def _check_pair(first: LoadedEnvironment, second: LoadedEnvironment) -> list[SpecError]:
    """Two environments share an organisation and nothing else."""
    errors: list[SpecError] = []
    here, there = second.spec, first.spec
    if here.account_id == there.account_id:
        errors.append(_shared(first, second, "account_id", here.account_id, "one account is one blast radius"))
    for field in ("organisation", "organisation_id"):
        mine, others = getattr(here, field), getattr(there, field)
        if mine != others:
            errors.append(
                WrongValue(
                    second.document.at((field,)),
                    f"{shown(mine)} differs from {others!r} of {there.environment}",
                    value=mine,
                    expected=repr(others),
                    why="names and controls are written for one organisation",
                    fix=f"write {field}: {others}",
                )
            )
    names = sorted((here.environment, there.environment), key=len)
    if names[1].startswith(f"{names[0]}-"):
        errors.append(_mixed(second, *names))
    networks = ipaddress.IPv4Network(here.network.cidr), ipaddress.IPv4Network(there.network.cidr)
    if networks[0].overlaps(networks[1]):
        errors.append(
            _shared(first, second, "network.cidr", here.network.cidr, "networks that overlap can never be connected")
        )
    return errors


def _shared(first: LoadedEnvironment, second: LoadedEnvironment, field: str, value: str, why: str) -> NameClash:
    return NameClash(
        second.document.at(tuple(field.split("."))),
        f"{shown(value)} is taken by {first.spec.environment}",
        value=value,
        expected="a value that no other environment has",
        why=why,
        fix=f"change it here or in {first.document.path}",
    )


def _mixed(second: LoadedEnvironment, short: str, long: str) -> NameClash:
    tenant = long.removeprefix(f"{short}-")
    return NameClash(
        second.document.at(("environment",)),
        f"{long!r} reads like {short!r} and the beginning of a tenant's name",
        value=second.spec.environment,
        expected="environments' names of which none is another's first words",
        why=f"names of {long} would be those of a tenant {tenant}-… in {short}",
        fix=f"rename one of them, for example to {long.replace('-', '')}",
    )


def _none_declared() -> MissingFile:
    return MissingFile(
        Place(environment_path("<environment>")),
        "no environment is declared",
        expected="a folder for each environment",
        why="nothing can be rendered for no environment",
        fix=f"write {environment_path('dev')}",
    )
