"""Every text file of the delivery: where a secret, or a mark that tells a scanner to look away, could stand.

Known kinds of keys are found by the patterns of detect-secrets, random strings by its measure of entropy, and passwords
by the names that they are given; its own keyword search is not used: it takes `http_tokens = "required"` for a secret.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator
from functools import cache, cached_property
from importlib import import_module
from inspect import isabstract
from pathlib import PurePosixPath
from pkgutil import iter_modules
from typing import ClassVar

import detect_secrets.plugins
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.plugins.high_entropy_strings import Base64HighEntropyString

from policies.artefacts.base import Artefact
from policies.artefacts.credentials import FORMS

NOUNS = (
    r"passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key(?:[_-]?id)?|secret[_-]?key|private[_-]?key"
    r"|credentials?"
)
NAMED = re.compile(
    rf"(?<!:)(?:{NOUNS})[\"'\]]{{0,2}}\s*(?::=|=>|[:=])\s*(?P<quote>[\"'])(?P<value>[^\"'\n]{{4,}})(?P=quote)",
    re.IGNORECASE,
)
"""A name that ends in such a noun, and a quoted text: `PGPASSWORD = "…"`, `"password": "…"`, `secret => '…'`."""
ACTION = re.compile(r"[a-z-]+:\w*$")
"""What stands before such a name in an AWS action, `secretsmanager:`."""
BARE = re.compile(
    rf"(?:{NOUNS})[ \t]*[:=][ \t]*(?P<value>[^\s\"'#]{{4,}})[ \t]*(?:#.*)?$"
    rf"|(?<=-)(?:{NOUNS})[= ](?P<argument>[^\s\"'-][^\s\"']{{3,}})",
    re.IGNORECASE | re.MULTILINE,
)
"""The same without quotes, as YAML, properties and shell write it; and `--password …`."""
ATTRIBUTE = re.compile(rf"[A-Za-z_]*(?:{NOUNS})[A-Za-z_]*", re.IGNORECASE)
"""A word that names an attribute: in policies/ the gate's own facts map such names."""
QUOTED_ONLY = frozenset({".py", ".tf", ".hcl", ".sql", ".json", ".groovy"})
"""Languages in which a text without quotes is a reference, never a literal."""
REFERENCE = re.compile(
    r"true|false|null|none|\d+|\$\{.*|\$\w+|\{\{.*|\{%.*|<.*>|!\w+.*|arn:.*|ssm:.*|/[\w/.-]+|WITH_IAM_ROLES"
    r"|[\w.]+\(.*|(?:var|local|module|data|each)\..*|\.{3}|…",
    re.IGNORECASE,
)
"""What is no secret itself but says where one is, or is none."""
RANDOM = re.compile(r"(?<![\w+/=.-])[A-Za-z0-9+/_-]{24,}={0,2}(?![\w+/=-])")
DIGEST_BEFORE = ("h1:", "zh:", "sha256-", "sha256:", "sha512-")
LEAST_ENTROPY = 4.5
"""Bits a character, detect-secrets' own limit for base64."""


class TextFile(Artefact):
    """One text file of any language."""

    kind: ClassVar[str] = "secret_scan"

    @cached_property
    def suspects(self) -> list[tuple[str, int]]:
        """`(what it looks like, line)` of each secret, once a line and kind, by line. The secret itself is not kept."""
        found = {(kind, self.line_at(at)) for kind, at in (*self._of_known_kinds(), *self._named(), *self._random())}
        return sorted(found, key=lambda item: (item[1], item[0]))

    def line_at(self, position: int) -> int:
        """Return the line, from 1, of a position in the text."""
        return bisect(self._line_ends, position - 1) + 1

    @cached_property
    def _line_ends(self) -> list[int]:
        return [match.start() for match in re.finditer("\n", self.text)]

    def _of_known_kinds(self) -> Iterator[tuple[str, int]]:
        for kind, pattern in (*detectors(), *FORMS.items()):
            for match in pattern.finditer(self.text):
                yield kind, match.start()

    def _named(self) -> Iterator[tuple[str, int]]:
        """Find texts by the name that they are given."""
        patterns = [NAMED] if PurePosixPath(self.path).suffix in QUOTED_ONLY else [NAMED, BARE]
        for match in (found for pattern in patterns for found in pattern.finditer(self.text)):
            value = match["value"] or match["argument"]
            is_ours = self.path.startswith("policies/") and ATTRIBUTE.fullmatch(value)
            is_action = ACTION.search(self.text, max(0, match.start() - 60), match.start())
            if not (is_ours or is_action or REFERENCE.fullmatch(value)):
                yield "a secret in clear, by its name", match.start()

    def _random(self) -> Iterator[tuple[str, int]]:
        """Find random texts: capitals, small letters and digits mixed as in no word, path or digest."""
        entropy = Base64HighEntropyString().calculate_shannon_entropy
        for match in RANDOM.finditer(self.text):
            text, before = match.group(), self.text[max(0, match.start() - 8) : match.start()]
            is_mixed = all(re.search(kind, text) for kind in ("[A-Z]", "[a-z]", "[0-9]"))
            if is_mixed and not before.endswith(DIGEST_BEFORE) and entropy(text) > LEAST_ENTROPY:
                yield "a random text that may be a key", match.start()


@cache
def detectors() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return `(kind of secret, pattern)` of every detector of detect-secrets that knows its secret by its form."""
    found = []
    for module in iter_modules(detect_secrets.plugins.__path__):
        members = vars(import_module(f"detect_secrets.plugins.{module.name}")).values()
        for member in members:
            if isinstance(member, type) and issubclass(member, RegexBasedDetector) and not isabstract(member):
                found += [(str(member.secret_type), pattern) for pattern in member().denylist]
    return tuple(sorted(set(found), key=lambda item: (item[0], item[1].pattern)))
