"""Framework clauses: how the register writes them, split into framework and clause, and which controls answer each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from policies.controls import Control, Register
from policies.data import read

FRAMEWORKS = {
    "FSBP": "AWS Foundational Security Best Practices",
    "CIS AWS": "CIS AWS Foundations Benchmark",
    "NIST CSF": "NIST Cybersecurity Framework 2.0",
    "SOC 2": "SOC 2 trust services criteria",
    "NYDFS": "NYDFS 23 NYCRR 500",
    "NAIC": "NAIC Insurance Data Security Model Law",
}
OWN = "own"
OWN_TITLE = "The company's own requirements"


def split(clause: str) -> tuple[str, str]:
    """Return (framework, clause) of `FSBP EMR.3`; what belongs to no known framework is the company's own."""
    for framework in FRAMEWORKS:
        if clause.startswith(f"{framework} "):
            return framework, clause.removeprefix(framework).strip()
    return OWN, clause


def title(framework: str) -> str:
    return FRAMEWORKS.get(framework, OWN_TITLE)


@cache
def sections() -> Mapping[tuple[str, str], str]:
    """Return `{(framework, clause): what it is about}` of the laws that are listed whole."""
    listed = read("clauses")["frameworks"]
    return {(framework, clause): about for framework, items in listed.items() for clause, about in items.items()}


def index(register: Register) -> dict[tuple[str, str], list[Control]]:
    """Return `by_clause`, and without controls those sections of the listed laws that none answers."""
    found = by_clause(register)
    return {key: found.get(key, []) for key in sorted({*found, *sections()}, key=_order)}


def by_clause(register: Register) -> dict[tuple[str, str], list[Control]]:
    """Return `{(framework, clause): controls}`, frameworks in the order of FRAMEWORKS, clauses in natural order."""
    found: dict[tuple[str, str], list[Control]] = defaultdict(list)
    for control in register:
        for clause in control.clauses:
            found[split(clause)].append(control)
    return {key: found[key] for key in sorted(found, key=_order)}


def _order(key: tuple[str, str]) -> tuple[int, list[tuple[int, str]]]:
    framework, clause = key
    rank = list(FRAMEWORKS).index(framework) if framework in FRAMEWORKS else len(FRAMEWORKS)
    return rank, _natural(clause)


def _natural(text: str) -> list[tuple[int, str]]:
    """Return a sort key in which `500.9` comes before `500.15`."""
    parts: list[tuple[int, str]] = []
    digits = ""
    for char in f"{text}\0":
        if char.isdecimal():
            digits += char
            continue
        if digits:
            parts.append((int(digits), ""))
            digits = ""
        parts.append((-1, char))
    return parts
