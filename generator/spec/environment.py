"""Environments as the platform declares them: loaded, and checked within one file and against each other.

Decides what makes a set of environments consistent. It must not know any tenant.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from generator.errors import MissingFile, NameClash, Place, SpecError, SpecErrors, WrongFolder, WrongValue, shown
from generator.model import EnvironmentSpec
from generator.model.environment import OWN_TAGS
from generator.spec.document import Document, read
from generator.spec.readable import Readable, read_as

FOLDER = "environments"


@dataclass(frozen=True)
class LoadedEnvironment:
    """An environment as far as it could be read, beside its folder's name and the document it was read from."""

    folder: str
    document: Document
    readable: Readable[EnvironmentSpec]

    @property
    def spec(self) -> EnvironmentSpec:
        return self.readable.spec

    @property
    def name(self) -> str:
        return self.spec.environment if self.knows("environment") else self.folder

    def knows(self, *fields: str) -> bool:
        """Return whether all of these dotted fields could be read."""
        return self.readable.knows(*fields)


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
    """Return the environments whose files are YAML, as far as each is known, and every mistake of every environment."""
    loaded: dict[str, LoadedEnvironment] = {}
    errors: list[SpecError] = []
    for folder in sorted((root / FOLDER).glob("[!.]*/")):
        try:
            document = read(root, environment_path(folder.name))
        except SpecErrors as error:
            errors += error.errors
            continue
        readable, mistakes = read_as(document, EnvironmentSpec)
        environment = LoadedEnvironment(folder.name, document, readable)
        errors += [*mistakes, *_folder(environment), *_zones(environment), *_cluster(environment)]
        errors += _tags(environment)
        loaded[folder.name] = environment
    for first, second in combinations(loaded.values(), 2):
        errors += _clashes(first, second)
    if not loaded and not errors:
        errors.append(_none_declared())
    return loaded, errors


def _folder(environment: LoadedEnvironment) -> Iterator[SpecError]:
    folder, name = environment.folder, environment.name
    if name != folder:
        yield WrongFolder(
            environment.document.at(("environment",)),
            f"{shown(name)} stands in the folder {folder!r}",
            value=name,
            expected=repr(folder),
            why="rendered files, state and releases are found by the folder's name",
            fix=f"write environment: {folder}, or rename the folder to {FOLDER}/{name}",
        )


def _zones(environment: LoadedEnvironment) -> Iterator[SpecError]:
    """Judge each zone that could be read, also beside one that could not."""
    if not environment.knows("region"):
        return
    region, listed = environment.spec.region, environment.document.node(("network", "zones"))
    zones = [zone.text for zone in listed.value] if listed and isinstance(listed.value, list) else []
    for index, zone in enumerate(zones):
        if environment.knows(f"network.zones[{index}]") and (zone[:-1] != region or zone in zones[:index]):
            yield WrongValue(
                environment.document.at(("network", "zones", index)),
                f"{shown(zone)} is not another zone of {region}",
                value=zone,
                expected=f"different zones, each {region} and a letter",
                why="subnets lie in zones of the environment's own region, one in each",
                fix=f"write a zone of {region}",
            )


def _cluster(environment: LoadedEnvironment) -> Iterator[SpecError]:
    if environment.knows("cluster.core_units", "cluster.max_units"):
        yield from _units(environment)
    if environment.knows("cluster.worker_types"):
        yield from _worker_types(environment)


def _units(environment: LoadedEnvironment) -> Iterator[SpecError]:
    cluster = environment.spec.cluster
    if cluster.core_units > cluster.max_units:
        yield WrongValue(
            environment.document.at(("cluster", "core_units")),
            f"{cluster.core_units} is more than max_units, {cluster.max_units}",
            value=cluster.core_units,
            expected=f"at most {cluster.max_units}",
            why="a cluster cannot start larger than it may grow",
            fix="lower core_units or raise max_units",
        )


def _worker_types(environment: LoadedEnvironment) -> Iterator[SpecError]:
    types = environment.spec.cluster.worker_types
    sizes = {kind.partition(".")[2] for kind in types}
    families = {kind.partition(".")[0] for kind in types}
    if len(sizes) > 1 or len(families) < 2:
        yield WrongValue(
            environment.document.at(("cluster", "worker_types")),
            f"{len(families)} families in the sizes {', '.join(sorted(sizes))}",
            value=list(types),
            expected="at least two families, all of one size",
            why="one family can be out of capacity, and Spark's executors are cut for one size",
            fix="keep types of one size from several families",
        )


def _tags(environment: LoadedEnvironment) -> Iterator[SpecError]:
    """Refuse tags that would silently be others; judged as written, also beside a mistake."""
    written = environment.document.node(("tags",))
    for tag in written.keys if written else ():
        if tag in OWN_TAGS:
            yield WrongValue(
                environment.document.at(("tags", tag), key=True),
                f"the tag {shown(tag)} is set by Sluice itself",
                value=tag,
                expected=f"tags besides {', '.join(OWN_TAGS)}",
                why="what stands here would have no effect: those say whose a resource is",
                fix="remove it, or give it another name",
            )


def _clashes(first: LoadedEnvironment, second: LoadedEnvironment) -> Iterator[SpecError]:
    """Two environments share an organisation and nothing else."""

    def both_know(field: str) -> bool:
        return first.knows(field) and second.knows(field)

    here, there = second.spec, first.spec
    if both_know("account_id") and here.account_id == there.account_id:
        yield _shared(first, second, "account_id", here.account_id, "one account is one blast radius")
    for field in filter(both_know, ("organisation", "organisation_id")):
        mine, others = getattr(here, field), getattr(there, field)
        if mine != others:
            yield WrongValue(
                second.document.at((field,)),
                f"{shown(mine)} differs from {others!r} of {first.name}",
                value=mine,
                expected=repr(others),
                why="names and controls are written for one organisation",
                fix=f"write {field}: {others}",
            )
    short, long = sorted((second.name, first.name), key=len)
    if both_know("environment") and long.startswith(f"{short}-"):
        yield _mixed(second, short, long)
    if both_know("network.cidr"):
        networks = ipaddress.IPv4Network(here.network.cidr), ipaddress.IPv4Network(there.network.cidr)
        if networks[0].overlaps(networks[1]):
            yield NameClash(
                second.document.at(("network", "cidr")),
                f"{shown(here.network.cidr)} overlaps {there.network.cidr} of {first.name}",
                value=here.network.cidr,
                expected="a range of which no other environment has a part",
                why="networks that overlap can never be connected",
                fix=f"change it here or in {first.document.path}",
            )


def _shared(first: LoadedEnvironment, second: LoadedEnvironment, field: str, value: str, why: str) -> NameClash:
    return NameClash(
        second.document.at(tuple(field.split("."))),
        f"{shown(value)} is taken by {first.name}",
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
        value=second.name,
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
