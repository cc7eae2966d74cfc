"""How a source system writes a file: header, details, trailer with the count and the totals.

Totals run over details with the right number of fields whose text is a number, as the trailer's rule says.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

FIELD_COUNTS = {"policies": 26, "transactions": 6, "gl_totals": 4}
TOTALS = {
    "policies": {"single_premium": 9, "annual_income": 19},
    "transactions": {"amount": 6},
    "gl_totals": {"amount": 4},
}
"""{source: {column that the trailer totals: its position in the record}}."""
_NUMBER = re.compile(r"^-?\d{1,16}(\.\d{1,2})?$")


@dataclass(frozen=True)
class SourceFile:
    """One file of one source, ready to be landed."""

    source: str
    as_of: date
    name: str
    content: bytes
    records: int
    """Lines, header and trailer included."""

    @property
    def key(self) -> str:
        return f"{self.source}/as_of={self.as_of}/{self.name}"

    @property
    def manifest_key(self) -> str:
        return f"{self.source}/as_of={self.as_of}/manifest.json"

    def manifest(self) -> dict[str, Any]:
        """The document that a source system lands last."""
        digest = hashlib.sha256(self.content).hexdigest()
        entry = {"key": self.key, "bytes": len(self.content), "sha256": digest, "records": self.records}
        return {"source": self.source, "as_of": self.as_of.isoformat(), "files": [entry]}


def source_file(source: str, as_of: date, details: list[list[str]]) -> SourceFile:
    """Return the file that holds the details, each a list of fields with its record type first."""
    lines = [["H", source, as_of.isoformat(), "1"], *details, trailer(source, details)]
    content = "".join("|".join(line) + "\n" for line in lines).encode()
    name = f"{source}_{as_of:%Y%m%d}_001.dat"
    return SourceFile(source, as_of, name, content, len(lines))


def trailer(source: str, details: list[list[str]]) -> list[str]:
    """Return the trailer's fields."""
    whole = [detail for detail in details if len(detail) == FIELD_COUNTS[source] + 1]
    totals = {
        column: sum((Decimal(detail[at]) for detail in whole if _NUMBER.match(detail[at])), Decimal("0.00"))
        for column, at in TOTALS[source].items()
    }
    return ["T", str(len(details)), *(f"{column}={total}" for column, total in totals.items())]
