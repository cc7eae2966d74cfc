"""What every artefact is: a file of a known kind, with its surroundings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from policies.context import Context


@dataclass(frozen=True)
class Artefact:
    """One file to judge. Subclasses add the parsed form as cached properties that raise Undecided when unreadable.

    Attributes:
        kind: name in the register's `artefacts` and in `ArtefactCheck.artefact`.
        path: from the repository's root, posix.
        text: the whole content.
        context: the environment and stack it was rendered for; for what belongs to none, both are empty.
    """

    kind: ClassVar[str]
    path: str
    text: str
    context: Context
