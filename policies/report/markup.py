"""Hostile text as markdown that shows it and does nothing else."""

from __future__ import annotations

import re

from policies.report.printable import printable

LONGEST = 600
"""Characters shown of one text; an address or a message is seldom longer than a line."""
MARKUP = re.compile(
    r"""([\\`*{}\[\]<>\#|~&$]      # anywhere
    | (?<![A-Za-z0-9])_ | _(?![A-Za-z0-9])   # emphasis, but not inside a name
    | (?<=\w):(?=//) | (?<=www)\.   # a link by itself
    | ^[-+] | (?<=^\d)\.(?=\s)     # a list
    )""",
    re.VERBOSE,
)


def code(text: str) -> str:
    """Return `text` as a code span that it cannot leave; empty stays empty."""
    text = printable(text)
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}…"
    if not text:
        return ""
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    padding = " " if "`" in text or text != text.strip() else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def prose(text: str) -> str:
    """Return text of the register as markdown that shows it as it is: no markup, no link, no mention."""
    escaped = MARKUP.sub(r"\\\1", printable(text))
    return escaped.replace("@", "@\N{ZERO WIDTH SPACE}")


def documentation(text: str) -> str:
    """Return text of our own as markdown: its code spans stay, everything else is shown as it is."""
    parts = re.split(r"(`[^`]+`)", " ".join(text.split()))  # every second part is a code span
    return "".join(code(part.strip("`")) if number % 2 else prose(part) for number, part in enumerate(parts))
