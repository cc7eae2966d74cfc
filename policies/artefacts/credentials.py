"""Secrets in arguments and settings, found by the name that they bear or by their form.

A value that only says where a secret lies, an ARN of Secrets Manager or an `ssm:` name, is none. No finding quotes it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence

NAMES = re.compile(
    r"passw(?:or)?d|passwd|passphrase|secret|token|credential|api[_.-]?key|access[_.-]?key|private[_.-]?key|client[_.-]?key",
    re.IGNORECASE,
)
HARMLESS_NAMES = re.compile(
    r"credentials?[_.-]?provider|secret[_.-]?(?:arn|name|id)$|token[_.-]?(?:type|url)$", re.IGNORECASE
)
POINTERS = re.compile(
    r"(?:arn:aws:secretsmanager:|ssm:/|arn:aws:ssm:|\{\{resolve:(?:secretsmanager|ssm-secure):)[^\s,;]*"
)
NAMED_INSIDE = re.compile(
    r"(?:passw(?:or)?d|passphrase|secret|(?:api|access|private)[_.-]?key)[\"']*\s*:\s*[\"']*[^\s\"'{}$:,]{4,}",
    re.IGNORECASE,
)
"""`password: x`, `{"secret": "x"}` within a text; files of a delivery are searched for it by their own grammar."""
FORMS = {
    "an AWS access key id": re.compile(r"(?<![0-9A-Za-z])(?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Za-z])"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a JSON web token": re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),
    "a password in an address": re.compile(r"\b[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s:@]+@", re.IGNORECASE),
    "a password of a connection": re.compile(r"[?&;](?:password|pwd|user_?password)=[^&;\s{]", re.IGNORECASE),
}
RANDOM = re.compile(r"(?<![\w/+.=-])[A-Za-z0-9/+_]{32,}={0,2}(?![\w/+.=-])")
ADDRESS = re.compile(r"\bs3a?://[^\s,]+")
LEAST_ENTROPY = 4.2
"""Bits a character. Hexadecimal digests have at most 4.0, words and paths about 3.5, random base64 4.5 and more."""


def in_settings(where: str, settings: Mapping[str, str]) -> Iterator[str]:
    """Yield the settings that hold a secret."""
    for name, value in settings.items():
        yield from _in_pair(f"{where}: {name}", name, value)


def in_arguments(where: str, arguments: Sequence[str]) -> Iterator[str]:
    """Yield the arguments that hold a secret: `--password x`, `--conf a.password=x`, or by their form."""
    for position, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        before = arguments[position - 1] if position else ""
        if equals:
            yield from _in_pair(f"{where}: argument {position + 1} ({name})", name, value)
        elif before.startswith("-") and "=" not in before and (NAMES.search(before) or not argument.startswith("-")):
            yield from _in_pair(f"{where}: argument {position + 1} ({before})", before, argument)
        else:
            yield from _in_form(f"{where}: argument {position + 1}", argument)


def _in_pair(where: str, name: str, value: str) -> Iterator[str]:
    if not value or POINTERS.fullmatch(value):
        return
    if NAMES.search(name) and not HARMLESS_NAMES.search(name):
        yield f"{where} looks like a secret in clear"
        return
    yield from _in_form(where, value)


def _in_form(where: str, value: str) -> Iterator[str]:
    for form, pattern in FORMS.items():
        if pattern.search(value):
            yield f"{where} holds {form}"
            return
    if NAMED_INSIDE.search(value):
        yield f"{where} holds a secret behind its name"
        return
    if any(_entropy(match.group()) >= LEAST_ENTROPY for match in RANDOM.finditer(ADDRESS.sub("", value))):
        yield f"{where} holds a random string that may be a secret"


def _entropy(text: str) -> float:
    """Return Shannon's entropy in bits a character."""
    shares = [text.count(char) / len(text) for char in set(text)]
    return -sum(share * math.log2(share) for share in shares)
