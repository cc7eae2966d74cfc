"""Python source as a tree: what cannot be parsed as the interpreter would read it has no verdict."""

from __future__ import annotations

import ast
import re
import warnings

from policies.errors import Undecided

CODING = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
"""As PEP 263 has it: the interpreter would decode the file by it, and so read another program than we do."""
LONGEST_SOURCE = 2_000_000


def parse(text: str, path: str) -> ast.Module:
    """Return the module's tree.

    Raises:
        Undecided: it is no Python, too large or too deep, or declares another encoding than UTF-8.
    """
    if len(text) > LONGEST_SOURCE:
        raise Undecided(f"{path} has {len(text)} characters; what is longer than {LONGEST_SOURCE} is not read")
    for line in text.splitlines()[:2]:
        declared = CODING.match(line)
        if declared and declared[1].lower().replace("_", "-") not in ("utf-8", "utf8"):
            raise Undecided(f"{path} declares the encoding {declared[1]!r}, so it is not read as it would run")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Undecided(f"{path} is not Python: {type(error).__name__}: {error}") from None
