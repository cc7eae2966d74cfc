"""How the model says what is wrong with a value, when a shape alone cannot.

Decides nothing; carries four clauses through pydantic to `spec/validation.py`, which adds the place.
"""

from __future__ import annotations

from pydantic_core import PydanticCustomError


def mistake(kind: str, problem: str, *, expected: str, why: str, fix: str) -> PydanticCustomError:
    """Return an error for a validator to raise. `{value}` in `problem` stands for the offending value, quoted."""
    context = {"problem": problem, "expected": expected, "why": why, "fix": fix}
    # Braces would be taken for fields of the template; the message is never shown, the context is.
    return PydanticCustomError("sluice", kind, {"kind": kind, **context})
