"""What the platform may declare about changing an environment: who approves, when nothing may change, how it is proved.

Decides which values exist. Nothing is rendered from them: a deploy reads them at the moment of the change, so that a
freeze takes effect for a release that was built before it.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import AwareDatetime, Field, model_validator

from generator.model.mistake import mistake
from generator.model.shapes import Email, FreeText
from generator.model.strict import Strict


class Freeze(Strict):
    """A time in which no new release is deployed."""

    begins: AwareDatetime
    """First moment, with its offset."""
    ends: AwareDatetime
    """First moment at which deploys go on, with its offset."""
    reason: FreeText
    """Told to whoever is refused."""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.ends > self.begins:
            return self
        raise mistake(
            "freeze",
            "the freeze ends before it begins",
            expected="ends later than begins",
            why="a freeze of no time would stop nothing, and nobody would notice",
            fix="exchange the two, or mend the one that is wrong",
        )


class Delivery(Strict):
    """How a release gets into the environment."""

    approvers: tuple[Email, ...] = ()
    """Who may approve a deploy, as their commits name them; none asks for no approval."""
    approval_hours: Annotated[int, Field(ge=1, le=24)] = 4
    """Hours after which an approval that was not used expires."""
    probe_date: date | None = None
    """Business date that a deploy runs the pipelines for to see that they work; none verifies nothing."""
    freezes: tuple[Freeze, ...] = ()
    """Times in which only a release that was verified here before is deployed."""
