"""A StreamSets pipeline's stages and settings, as its export document holds them; what it hides is not skipped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policies.artefacts.documents import Pipeline
from policies.errors import Undecided
from policies.values import Block

SINGLE = ("errorStage", "statsAggregatorStage", "testOriginStage")
EXPRESSION = re.compile(r"[$#]\{[^}]*\}?")
LISTS = ("stages", "startEventStages", "stopEventStages")


@dataclass(frozen=True)
class Stage:
    """One stage.

    Attributes:
        place: key of the pipeline under which it stands, `stages`, `errorStage`.
        kind: SOURCE, TARGET, EXECUTOR, PROCESSOR, as the stage's own library calls it; read from its name.
        settings: `{name: value}`.
        services: `{service: {name: value}}`.
    """

    place: str
    instance: str
    library: str
    name: str
    settings: Mapping[str, Any]
    services: Mapping[str, Mapping[str, Any]]

    @property
    def kind(self) -> str:
        """`origin`, `destination`, `executor` or `processor`: the fifth word of the stage's name."""
        words = self.name.split("_")
        return words[4] if len(words) > 4 else ""

    def setting(self, ending: str) -> Any:
        """Return the value of the setting whose name ends so; None when there is none."""
        return next((value for name, value in self.settings.items() if name.endswith(ending)), None)


def stages(pipeline: Pipeline) -> list[Stage]:
    """Return every stage, wherever in the pipeline it stands.

    Raises:
        Undecided: there is none in `stages`, or one cannot be read.
    """
    config = pipeline.document.block("pipelineConfig")
    found = [_stage(block, place) for place in LISTS for block in config.blocks(place)]
    found += [_stage(config.block(place), place) for place in SINGLE if config.get(place) is not None]
    if not any(stage.place == "stages" for stage in found):
        raise Undecided(f"{pipeline.path} holds no stages")
    return found


def settings(block: Block) -> dict[str, Any]:
    """Return `{name: value}` of a block's `configuration`, which is a list of both.

    Raises:
        Undecided: a setting has no name, or one name stands twice.
    """
    found: dict[str, Any] = {}
    for item in block.blocks("configuration"):
        name = item.get("name")
        if not isinstance(name, str) or name in found or not item.values.keys() <= {"name", "value"}:
            raise Undecided(f"{block.path}: the setting {name!r} has no name of its own, or more than name and value")
        found[name] = item.get("value")
    return found


def texts(value: Any) -> Iterator[str]:
    """Yield every text in a setting's value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for pair in value.items() for item in pair for text in texts(item))
    elif isinstance(value, list):
        yield from (text for item in value for text in texts(item))


def refused(where: str, held: Mapping[str, Any], names: Iterable[str], rules: Mapping[str, Any]) -> Iterator[str]:
    """Yield the settings that are none of `names`, and values and expressions besides those that `rules` allow."""
    for name, value in held.items():
        if name not in names:
            yield f"{where} has the setting {name!r}"
        form = rules["values"].get(name.rpartition(".")[2])
        if form is not None and not re.fullmatch(form, str(value), re.ASCII):
            yield f"{where}: {name} is {value!r}"
        for expression in (found for text in texts(value) for found in EXPRESSION.findall(text)):
            if expression not in rules["expressions"]:
                yield f"{where}: {name} evaluates {expression!r}"


def _stage(block: Block, place: str) -> Stage:
    names = {key: block.get(key) for key in ("instanceName", "library", "stageName")}
    if not all(isinstance(name, str) for name in names.values()):
        raise Undecided(f"{block.path} does not say its instance, library and stage")
    return Stage(
        place=place,
        instance=names["instanceName"],
        library=names["library"],
        name=names["stageName"],
        settings=settings(block),
        services={str(service.get("service")): settings(service) for service in block.blocks("services")},
    )
