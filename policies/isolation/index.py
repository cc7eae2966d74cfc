"""Finds the few things that a pattern can meet, by the text before their wildcards."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from policies import globs
from policies.isolation.model import Asset


class Index:
    """Assets by the literal beginning of their patterns.

    A pattern meets an asset only if one beginning is a beginning of the other: a slice of the sorted beginnings, and a
    look-up for each shorter one.
    """

    def __init__(self, assets: Iterable[Asset]) -> None:
        self._sorted = sorted(
            ((globs.literal_prefix(asset.pattern), asset) for asset in assets), key=lambda pair: pair[0]
        )
        self._beginnings = [beginning for beginning, _ in self._sorted]
        self._open: dict[str, list[Asset]] = {}
        for beginning, asset in self._sorted:
            if not globs.is_literal(asset.pattern):
                self._open.setdefault(beginning, []).append(asset)
        self._lengths = sorted({len(beginning) for beginning in self._open})

    def meeting(self, pattern: str, besides: str | None = None) -> Iterator[Asset]:
        """Yield the assets that share an ARN with `pattern`, exactly; without those of the stack `besides`."""
        return (
            asset
            for asset in self._candidates(pattern)
            if asset.stack != besides and globs.overlap(pattern, asset.pattern)
        )

    def _candidates(self, pattern: str) -> Iterator[Asset]:
        beginning = globs.literal_prefix(pattern)
        for length in self._lengths:
            if length >= len(beginning):
                break
            yield from self._open.get(beginning[:length], ())
        position = bisect_left(self._beginnings, beginning)
        while position < len(self._beginnings) and self._beginnings[position].startswith(beginning):
            yield self._sorted[position][1]
            position += 1
