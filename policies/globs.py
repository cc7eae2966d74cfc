"""IAM patterns: `*` is any text, `?` any one character; everything else is itself.

Questions about all texts at once (do two patterns meet, does one lie within others) are answered exactly and with an
example: by the product of the patterns' position-set automata, determinised as far as it is walked.
"""

from __future__ import annotations

import itertools
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from policies.errors import Undecided

MOST_STATES = 200_000
"""A question that needs more is undecided; those of real policies need some hundred."""

SPARE = "xyzabcdefghijklmnopqrstuvw0123456789"


@lru_cache(maxsize=65536)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(char, re.escape(char)) for char in _collapsed(pattern)), re.DOTALL)


def _collapsed(pattern: str) -> str:
    return re.sub(r"\*+", "*", pattern)


def matches(pattern: str, text: str) -> bool:
    """Tell whether `pattern` covers the whole of `text`; case counts."""
    if "?" in pattern:
        return _compiled(pattern).fullmatch(text) is not None
    first, *others = pattern.split("*")
    if not others:
        return text == first
    *middle, last = others
    end = len(text) - len(last)
    if not (text.startswith(first) and text.endswith(last)):
        return False
    position = len(first)
    for part in middle:  # each as early as it can stand leaves most room for the next
        position = text.find(part, position, end)
        if position < 0:
            return False
        position += len(part)
    return position <= end


def is_literal(pattern: str) -> bool:
    """Tell whether `pattern` covers one text only."""
    return "*" not in pattern and "?" not in pattern


@lru_cache(maxsize=65536)
def literal_prefix(pattern: str) -> str:
    """Return what every text that `pattern` covers begins with: the part before the first wildcard."""
    return pattern.replace("?", "*").partition("*")[0]


def overlap(*patterns: str) -> bool:
    """Tell whether some text is covered by all `patterns`."""
    return witness(patterns) is not None


def within(pattern: str, others: Iterable[str]) -> bool:
    """Tell whether every text that `pattern` covers is covered by one of `others`."""
    return witness((pattern,), others) is None


def witness(positive: Iterable[str], negative: Iterable[str] = ()) -> str | None:
    """Return a shortest text that all of `positive` cover and none of `negative`; None proves that there is none.

    Raises:
        Undecided: the question needs more than MOST_STATES states.
    """
    return _witness(tuple(sorted(set(positive))), tuple(sorted(set(negative))))


@lru_cache(maxsize=65536)
def _witness(positive: tuple[str, ...], negative: tuple[str, ...]) -> str | None:
    if "*" in negative or not _prefixes_agree(positive):
        return None
    for pattern in positive:
        if is_literal(pattern):
            fits = all(matches(other, pattern) for other in positive)
            return pattern if fits and not any(matches(other, pattern) for other in negative) else None
    shared = max((literal_prefix(pattern) for pattern in positive), key=len, default="")
    negative = tuple(pattern for pattern in negative if _prefixes_agree((shared, pattern)))
    found = _search(
        [Automaton.of(pattern) for pattern in positive], [Automaton.of(pattern) for pattern in negative], shared
    )
    return None if found is None else shared + found


def _prefixes_agree(patterns: tuple[str, ...]) -> bool:
    """Tell whether the texts before the first wildcards allow a common text; a quick no for most questions."""
    ordered = sorted((literal_prefix(pattern) for pattern in patterns), key=len)
    return all(longer.startswith(shorter) for shorter, longer in itertools.pairwise(ordered))


@dataclass(frozen=True)
class Automaton:
    """A pattern as a machine whose state is the set of positions it may stand at, one bit each.

    Attributes:
        start: positions before the first character.
        accepting: bit of the position after the last character.
        stars: bits of positions at a `*`, which stay where they are on any character.
        singles: bits of positions at a `?`, which move on with any character.
        literals: `{character: bits of positions that move on with it}`.
        forever: bit of a last `*`: from there on every text is covered.
    """

    start: int
    accepting: int
    stars: int
    singles: int
    literals: Mapping[str, int]
    forever: int

    @classmethod
    @lru_cache(maxsize=65536)
    def of(cls, pattern: str) -> Automaton:
        chars = _collapsed(pattern)
        stars = singles = 0
        literals: dict[str, int] = {}
        for position, char in enumerate(chars):
            if char == "*":
                stars |= 1 << position
            elif char == "?":
                singles |= 1 << position
            else:
                literals[char] = literals.get(char, 0) | 1 << position
        forever = 1 << len(chars) - 1 if chars.endswith("*") else 0
        start = 1 | ((1 & stars) << 1)
        return cls(start, 1 << len(chars), stars, singles, literals, forever)

    def step(self, state: int, char: str) -> int:
        """Return the positions after reading `char`; 0 when no text that begins so is covered."""
        moving = self.singles | self.literals.get(char, 0)
        after = ((state & moving) << 1) | (state & self.stars)
        return after | ((after & self.stars) << 1)  # a `*` may also be empty

    def expects(self, state: int) -> Iterator[str]:
        """Yield the characters that lead on otherwise than any other character would."""
        return (char for char, bits in self.literals.items() if bits & state)


State = tuple[tuple[int, ...], tuple[int, ...]]


def _search(positive: list[Automaton], negative: list[Automaton], read: str) -> str | None:
    """Return the shortest continuation of `read` that makes a witness: breadth first over the product."""
    spare = _character_of_none([*positive, *negative])
    start: State | None = (tuple(a.start for a in positive), tuple(a.start for a in negative))
    for char in read:
        start = start and _follow(positive, negative, start, char)
    if start is None:
        return None
    came_from: dict[State, tuple[State, str] | None] = {start: None}
    queue = deque([start])
    while queue:
        state = queue.popleft()
        if _is_witness(positive, negative, state):
            return _text_to(state, came_from)
        wanted, refused = state
        alphabet = {char for a, bits in zip(positive, wanted, strict=True) for char in a.expects(bits)}
        alphabet.update(char for a, bits in zip(negative, refused, strict=True) for char in a.expects(bits))
        for char in (*sorted(alphabet), spare):
            following = _follow(positive, negative, state, char)
            if following is not None and following not in came_from:
                came_from[following] = (state, char)
                queue.append(following)
        if len(came_from) > MOST_STATES:
            raise Undecided(f"patterns too intricate to compare: more than {MOST_STATES} states")
    return None


def _character_of_none(automata: list[Automaton]) -> str:
    """Return a character that no pattern names: it stands for all of those."""
    used = {char for automaton in automata for char in automaton.literals}
    return next((char for char in SPARE if char not in used), "\uffff")


def _is_witness(positive: list[Automaton], negative: list[Automaton], state: State) -> bool:
    covered = all(bits & a.accepting for a, bits in zip(positive, state[0], strict=True))
    return covered and not any(bits & a.accepting for a, bits in zip(negative, state[1], strict=True))


def _follow(positive: list[Automaton], negative: list[Automaton], state: State, char: str) -> State | None:
    """Return the state after `char`; None when no continuation can be a witness."""
    wanted = []
    for automaton, bits in zip(positive, state[0], strict=True):
        after = automaton.step(bits, char)
        if not after:
            return None
        wanted.append(after)
    refused = tuple(automaton.step(bits, char) for automaton, bits in zip(negative, state[1], strict=True))
    if any(bits & automaton.forever for automaton, bits in zip(negative, refused, strict=True)):
        return None
    return tuple(wanted), refused


def _text_to(state: State, came_from: dict[State, tuple[State, str] | None]) -> str:
    text: list[str] = []
    step = came_from[state]
    while step is not None:
        state, char = step
        text.append(char)
        step = came_from[state]
    return "".join(reversed(text))
