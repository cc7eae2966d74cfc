"""Artefacts that are one JSON or YAML document: job flows, StreamSets pipelines, tenant specs, contracts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from policies import strict_yaml
from policies.artefacts.base import Artefact
from policies.errors import RegisterBroken, Undecided
from policies.values import Block, decode


@dataclass(frozen=True)
class JsonArtefact(Artefact):
    @cached_property
    def document(self) -> Block:
        """The decoded document.

        Raises:
            Undecided: it is not a JSON object.
        """
        return Block(_mapping(decode(self.text, self.path), self.path))


@dataclass(frozen=True)
class YamlArtefact(Artefact):
    @cached_property
    def document(self) -> Block:
        """The decoded document; the generator has judged its form, with lines, before.

        Raises:
            Undecided: it is not one YAML mapping, or names a key twice.
        """
        try:
            return Block(strict_yaml.parse(self.text, self.path))
        except RegisterBroken as error:
            raise Undecided(str(error)) from None

    def line_of(self, key: str) -> int:
        """Return the line of the first top-level `key:`, from 1; 0 when there is none."""
        lines = self.text.splitlines()
        return next((number for number, line in enumerate(lines, 1) if line.startswith(f"{key}:")), 0)


def _mapping(value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Undecided(f"{path} holds {type(value).__name__} where one object was expected")
    return value


class JobFlow(JsonArtefact):
    """The RunJobFlow request that a rendered DAG sends; `ssm:` values are looked up in Parameter Store by then."""

    kind: ClassVar[str] = "job_flow"


class Pipeline(JsonArtefact):
    """A StreamSets pipeline as the DAG imports it."""

    kind: ClassVar[str] = "pipeline"


class TenantSpec(YamlArtefact):
    """tenants/<tenant>/tenant.yaml."""

    kind: ClassVar[str] = "spec"


class Contract(YamlArtefact):
    """tenants/<tenant>/contracts/<dataset>.yaml, Open Data Contract Standard v3."""

    kind: ClassVar[str] = "contract"
