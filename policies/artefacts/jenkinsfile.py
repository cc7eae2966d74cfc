"""A Jenkinsfile."""

from __future__ import annotations

from typing import ClassVar

from policies.artefacts.base import Artefact


class Jenkinsfile(Artefact):
    kind: ClassVar[str] = "jenkinsfile"
