"""A contract says all that a table is made of, and points at no other tenant's storage."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.artefacts.documents import Contract
from policies.check import ArtefactCheck

TYPE = re.compile(r"string|varchar\(\d+\)|int|bigint|decimal\(\d+, ?\d+\)|date|timestamp|boolean")
KINDS = ("table", "file")


class ContractsMakeTables(ArtefactCheck):
    """Requirement: one object of kind table or file, each column with a name and a physical type, each name once.

    Where `servers` say a location, it is in a bucket of the contract's own tenant.
    Unknown is treated as: no verdict.
    Source: SOC 2 PI1.
    """

    control = "CSO_GLU_05"
    check_id = "CSO_GLU_05_CONTRACT"
    title = "Contracts say a table's columns, and no other tenant's storage"
    artefact = "contract"

    def judge(self, artefact: Contract) -> Iterator[str | tuple[str, int]]:
        objects = artefact.document.blocks("schema")
        if len(objects) != 1:
            yield f"schema has {len(objects)} objects where one dataset was expected", artefact.line_of("schema")
        for item in objects:
            if item.get("physicalType") not in KINDS:
                yield f"physicalType is {item.get('physicalType')!r}, none of {', '.join(KINDS)}"
            columns = [(column.get("name"), column.get("physicalType")) for column in item.blocks("properties")]
            names = [name for name, _ in columns]
            if len(set(names)) != len(names) or not all(names):
                yield f"a column has no name, or another's: {names}"
            for name, kind in columns:
                if not TYPE.fullmatch(str(kind)):
                    yield f"column {name}: physicalType is {kind!r}"
        home = re.compile(
            rf"s3://[a-z0-9-]+-{re.escape(str(artefact.document.get('domain')))}-(landing|raw|curated)/.*"
        )
        for server in artefact.document.blocks("servers"):
            location = server.get("location")
            if location is not None and not home.fullmatch(str(location)):
                yield f"location {location!r} is in no bucket of this tenant", artefact.line_of("servers")


check = ContractsMakeTables()
