"""A contract says which dataset it binds, whose it is and in which version."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.documents import Contract
from policies.check import ArtefactCheck, Block

CLASSES = ("public", "internal", "confidential", "restricted")
SAID = ("id", "name", "version", "status", "domain")


class ContractsBelongToTheirTenant(ArtefactCheck):
    """Requirement: identity, version and status are said, the domain is the tenant, classes are known ones.

    Owner, retention and classification are those of the tenant whose domain it is: its spec must say them
    (CSO_GOV_01_SPEC, CSO_S3_07_SPEC), so that every dataset has them; a column may be classified apart.
    A dataset without a contract is refused when the spec is read, and a table without one by CSO_GLU_05_COLUMNS.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.13; NAIC 668 4(D)(2)(b); SOC 2 CC8.
    """

    control = "CSO_GOV_01"
    check_id = "CSO_GOV_01_CONTRACT"
    title = "Every contract names its dataset, its tenant and its version"
    artefact = "contract"

    def judge(self, artefact: Contract) -> Iterator[str | tuple[str, int]]:
        document = artefact.document
        for key in SAID:
            if not isinstance(document.get(key), str) or not document.get(key):
                yield f"{key} is {document.get(key)!r}", artefact.line_of(key)
        tenant = artefact.path.split("/")[1] if artefact.path.startswith("tenants/") else artefact.context.stack
        if document.get("domain") != tenant:
            yield f"domain is {document.get('domain')!r}, not the tenant {tenant!r}", artefact.line_of("domain")
        objects = document.blocks("schema")
        if not objects:
            yield "schema has no object", artefact.line_of("schema")
        for item in objects:
            yield from _columns(item)


def _columns(item: Block) -> Iterator[str]:
    columns = item.blocks("properties")
    if not columns:
        yield f"{item.get('name')!r} has no properties"
    for column in columns:
        if column.get("classification") not in (None, *CLASSES):
            yield f"{item.get('name')}.{column.get('name')} is classified {column.get('classification')!r}"


check = ContractsBelongToTheirTenant()
