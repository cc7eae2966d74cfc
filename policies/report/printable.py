"""Text of tenants and plans made harmless to show.

Escape sequences, line breaks, characters that turn the reading direction and lone surrogates are written out: a
terminal, an XML reader or an eye would take them for more than text.
"""

from __future__ import annotations


def printable(text: str) -> str:
    r"""Return `text` in one line, with every character that cannot be seen written as `\x1b` or `\u202e`."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")
