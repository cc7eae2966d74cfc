"""Where a finding in a rendered file is mended: the line of the spec that it was rendered from.

Looked up anew in every run, also for kept verdicts: a spec's lines move without the rendered file changing.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import yaml

from policies import data, strict_yaml
from policies.verdict import Judgement, Subject, Verdict

FILES = {"environment": "environments/{0.environment}/environment.yaml", "tenant": "tenants/{0.stack}/tenant.yaml"}


class Causes:
    """The specs of one repository, read when the first finding asks for them."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._roots: dict[str, yaml.Node | None] = {}

    def traced(self, judgement: Judgement) -> Judgement:
        """Return a finding in a rendered file with its spec's file and line; all else as it is.

        A check that names a line of the rendered file itself knows better: nothing in a spec says what stands there.
        """
        if judgement.verdict is not Verdict.FAILED and judgement.verdict is not Verdict.NO_VERDICT:
            return judgement
        subject = judgement.subject
        cause = self._checks.get(judgement.check) or self._kinds.get(subject.artefact)
        if subject.line or cause is None:
            return judgement
        ((file, key),) = cause.items()
        path = FILES[file].format(subject)
        line = self._line(path, key.split("."))
        if not line:
            return judgement
        where = (subject.environment, subject.stack, subject.artefact, subject.address)
        return Judgement(
            judgement.control, judgement.check, Subject(*where, path, line), judgement.verdict, judgement.found
        )

    @cached_property
    def _checks(self) -> dict[str, dict[str, str]]:
        return dict(data.read("causes")["checks"])

    @cached_property
    def _kinds(self) -> dict[str, dict[str, str]]:
        return dict(data.read("causes")["kinds"])

    def _line(self, path: str, keys: list[str]) -> int:
        """Return the line of the deepest of nested keys that is there, 1 when none is, 0 when the file is no YAML.

        The spec's own checks say what is wrong with it; the finding keeps the rendered file then.
        """
        if path not in self._roots:
            self._roots[path] = strict_yaml.nodes(self._root / path)
        node, line = self._roots[path], 1
        if node is None:
            return 0
        for key in keys:
            pairs = node.value if isinstance(node, yaml.MappingNode) else ()
            found = next(((name, value) for name, value in pairs if name.value == key), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        return line
