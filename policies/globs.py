"""IAM patterns: `*` is any text, `?` any one character; everything else is itself."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=65536)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(char, re.escape(char)) for char in re.sub(r"\*+", "*", pattern)), re.DOTALL)


def matches(pattern: str, text: str) -> bool:
    """Tell whether `pattern` covers the whole of `text`; case counts."""
    return _compiled(pattern).fullmatch(text) is not None
