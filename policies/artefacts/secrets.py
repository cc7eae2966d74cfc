"""Every text file of the delivery: where a secret, or a mark that tells a scanner to look away, could stand.

Known kinds of keys are found by the patterns of detect-secrets, random strings by its measure of entropy, and passwords
by the names that they are given; its own keyword search is not used: it takes `http_tokens = "required"` for a secret.
detect-secrets is imported by the first text that is searched: a run whose verdicts are all kept does not wait for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, cached_property, lru_cache
from importlib import import_module
from inspect import isabstract
from pathlib import PurePosixPath
from pkgutil import iter_modules
from string import ascii_lowercase, ascii_uppercase
from typing import ClassVar

from policies.artefacts.base import Artefact
from policies.artefacts.credentials import FORMS

NOUNS = (
    r"passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key(?:[_-]?id)?|secret[_-]?key|private[_-]?key"
    r"|credentials?"
)
NAMED = re.compile(
    rf"(?<!:)(?:{NOUNS})[\"'\]]{{0,2}}\s*(?::=|=>|[:=])\s*(?P<quote>[\"'])(?P<value>[^\"'\n]{{4,}})(?P=quote)"
)
"""In small letters: a name that ends in such a noun, and a quoted text, `pgpassword = "…"`, `"password": "…"`."""
BARE = re.compile(
    rf"(?:{NOUNS})[ \t]*[:=][ \t]*(?P<value>[^\s\"'#]{{4,}})[ \t]*(?:#.*)?$"
    rf"|--[\w.-]*?(?:{NOUNS})[= ](?P<argument>[^\s\"'-][^\s\"']{{3,}})",
    re.MULTILINE,
)
"""The same without quotes, as YAML, properties and shell write it; and `--password …`."""
ACTION = re.compile(r"[a-z-]+:\w*$")
"""What stands before such a name in an AWS action, `secretsmanager:`."""
ATTRIBUTE = re.compile(rf"[a-z_]*(?:{NOUNS})[a-z_]*")
"""A word that names an attribute: in policies/ the gate's own facts map such names."""
SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)
"""Small letters of the same length: `lower` would move what stands behind some letters."""
QUOTED_ONLY = frozenset({".py", ".tf", ".hcl", ".sql", ".json", ".groovy"})
"""Languages in which a text without quotes is a reference, never a literal."""
REFERENCE = re.compile(
    r"true|false|null|none|\d+|\$\{.*|\$\w+|\{\{.*|\{%.*|<.*>|!\w+.*|arn:.*|ssm:.*|/[\w/.-]+|with_iam_roles"
    r"|[\w.]+\(.*|(?:var|local|module|data|each)\..*|\.{3}|…",
    re.IGNORECASE,
)
"""What is no secret itself but says where one is, or is none."""
RANDOM = re.compile(r"(?<![\w+/=.-])[A-Za-z0-9+/_-]{24,}={0,2}(?![\w+/=-])")
DIGEST_BEFORE = ("h1:", "zh:", "sha256-", "sha256:", "sha512-")
LEAST_ENTROPY = 4.5
"""Bits a character, detect-secrets' own limit for base64."""
BY_NAME = "a secret in clear, by its name"
MOST_LINES = 200_000
"""Lines whose verdict is kept: rendered files repeat each other."""


class TextFile(Artefact):
    """One text file of any language."""

    kind: ClassVar[str] = "secret_scan"

    @cached_property
    def suspects(self) -> list[tuple[str, int]]:
        """`(what it looks like, line)` of each secret, once a line and kind, by line. The secret itself is not kept."""
        lines = enumerate(self.text.split("\n"), 1)
        found = {(kind, number) for number, line in lines for kind in kinds_in(line)}
        found |= {(BY_NAME, self.line_at(position)) for position in self._named()}
        return sorted(found, key=lambda item: (item[1], item[0]))

    def line_at(self, position: int) -> int:
        """Return the line, from 1, of a position in the text."""
        return self.text.count("\n", 0, position) + 1

    def _named(self) -> Iterator[int]:
        """Yield where texts stand that are secrets by their names; a name and its text may be lines apart."""
        text = self.text.translate(SMALL)
        patterns = [NAMED] if PurePosixPath(self.path).suffix in QUOTED_ONLY else [NAMED, BARE]
        for match in (found for pattern in patterns for found in pattern.finditer(text)):
            value = match["value"] or match["argument"]
            is_ours = self.path.startswith("policies/") and ATTRIBUTE.fullmatch(value)
            is_action = ACTION.search(text, max(0, match.start() - 60), match.start())
            if not (is_ours or is_action or REFERENCE.fullmatch(value)):
                yield match.start()


@lru_cache(maxsize=MOST_LINES)
def kinds_in(line: str) -> tuple[str, ...]:
    """Return the kinds of secrets that a line holds by their form, as detect-secrets does: line by line."""
    known = [kind for kind, pattern in detectors() if pattern.search(line)]
    known = known or [kind for kind, pattern in FORMS.items() if pattern.search(line)]
    return tuple(dict.fromkeys(known or _random(line)))


def _random(line: str) -> Iterator[str]:
    """Find random texts: capitals, small letters and digits mixed as in no word, path or digest."""
    from detect_secrets.plugins.high_entropy_strings import Base64HighEntropyString  # noqa: PLC0415 -- see above

    for match in RANDOM.finditer(line):
        text, before = match.group(), line[max(0, match.start() - 8) : match.start()]
        is_mixed = all(re.search(kind, text) for kind in ("[A-Z]", "[a-z]", "[0-9]"))
        entropy = Base64HighEntropyString().calculate_shannon_entropy(text)
        if is_mixed and not before.endswith(DIGEST_BEFORE) and entropy > LEAST_ENTROPY:
            yield "a random text that may be a key"


@cache
def detectors() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return `(kind of secret, pattern)` of every detector of detect-secrets that knows its secret by its form."""
    from detect_secrets import plugins  # noqa: PLC0415 -- see above
    from detect_secrets.plugins.base import RegexBasedDetector  # noqa: PLC0415

    found = []
    for module in iter_modules(plugins.__path__):
        members = vars(import_module(f"detect_secrets.plugins.{module.name}")).values()
        for member in members:
            if isinstance(member, type) and issubclass(member, RegexBasedDetector) and not isabstract(member):
                found += [(str(member.secret_type), pattern) for pattern in member().denylist]
    return tuple(sorted(set(found), key=lambda item: (item[0], item[1].pattern)))
