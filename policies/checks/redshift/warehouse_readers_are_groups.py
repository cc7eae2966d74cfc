"""Who reads a tenant's tables is a group of the directory, and reads no more than tables and reports."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from policies.artefacts.sql import WarehouseSql
from policies.artefacts.warehouse_statements import kind_of, name_of
from policies.check import ArtefactCheck, NotApplicable

GROUP = re.compile(r"awsidc:[a-z][a-z0-9-]*")
LEDGER = "load_ledger"


class WarehouseReadersAreGroups(ArtefactCheck):
    """Requirement: a tenant's readers are roles that stand for groups of IAM Identity Center, never PUBLIC, a user or a
    role of another kind. They get USAGE of the tenant's schema and SELECT on its tables and views: no writing, not the
    load ledger, and no right to let others in.

    Compliant example: GRANT SELECT ON TABLE annuity.policy TO ROLE "awsidc:actuarial"
    Non-compliant example: GRANT SELECT ON TABLE annuity.policy TO PUBLIC
    Unknown is treated as: no verdict, as is SQL that cannot be parsed.
    Source: 23 NYCRR 500.7; SOC 2 CC6.1, CC6.3; Redshift Database Developer Guide, "GRANT"."""

    control = "CSO_RED_07"
    check_id = "CSO_RED_07_READERS"
    title = "Readers of a tenant's tables are groups and only read"
    artefact = "warehouse_sql"

    def judge(self, artefact: WarehouseSql) -> Iterator[tuple[str, int]]:
        if artefact.part in ("ddl", "load", "reports"):
            raise NotApplicable("it lets nobody in")
        for statement in artefact.statements:
            if not isinstance(statement.tree, exp.Grant):
                yield f"{kind_of(statement)} is no grant that can be read", statement.line
                continue
            for excess in _excess(statement.tree, artefact.schema):
                yield excess, statement.line


def _excess(grant: exp.Grant, schema: str) -> Iterator[str]:
    rights = {privilege.name.upper() for privilege in grant.args["privileges"]}
    home, _, name = name_of(grant.args["securable"]).rpartition(".")
    opens = grant.args.get("kind") == "SCHEMA" and rights == {"USAGE"} and (home, name) == ("", schema)
    reads = grant.args.get("kind") == "TABLE" and rights == {"SELECT"} and home == schema and name != LEDGER
    if not opens and not reads:
        yield f"{', '.join(sorted(rights))} on {grant.args['securable'].sql(dialect='redshift')} is more than reading"
    for principal in grant.args["principals"]:
        if principal.args.get("kind") != "ROLE" or not GROUP.fullmatch(principal.name):
            yield f"{principal.sql(dialect='redshift')} is no group's role"
    if grant.args.get("grant_option"):
        yield "WITH GRANT OPTION lets readers let others in"


check = WarehouseReadersAreGroups()
