"""Every text file of the delivery: where a secret, or a mark that tells a scanner to look away, could stand."""

from __future__ import annotations

from typing import ClassVar

from policies.artefacts.base import Artefact


class TextFile(Artefact):
    """One text file of any language."""

    kind: ClassVar[str] = "secret_scan"
