"""A report's SELECT, as far as it can be judged without a database.

Decides that a report holds exactly one query: report SQL runs with the loader's rights over the tenant's schema, so a
second statement in it could do what no report may.
"""

from __future__ import annotations

import re

from generator.errors import SluiceError

TOKEN = re.compile(
    r"""(?P<skipped>
          '(?:[^'\\]|''|\\.)*'      # string; Redshift reads a backslash as an escape
        | "(?:[^"]|"")*"            # quoted identifier
        | --[^\n]*                  # comment to the line's end
        | /\*.*?\*/                 # comment
        | \s+ )
      | (?P<unclosed> ['"] | /\* )
      | (?P<semicolon> ; )
      | (?P<word> \w+ )
      | (?P<other> . )""",
    re.VERBOSE | re.DOTALL,
)
OPENING_WORDS = ("select", "with")
WRITING_WORDS = ("into", "insert", "update", "delete", "merge", "truncate", "drop", "alter", "create", "grant", "copy")
"""None of them can stand in a plain query outside a quoted name."""


class ReportError(SluiceError):
    """A report is not one plain query."""

    def __init__(self, tenant: str, report: str, found: str) -> None:
        super().__init__(
            f"tenants/{tenant}/reports/{report}.sql: {found}\n"
            "  expected: one SELECT (or WITH … SELECT) without a semicolon inside\n"
            "  why:      a report becomes a view, made with the loader's rights\n"
            f"  fix:      keep only the query in {report}.sql; quote a column that is called like a statement"
        )
        self.tenant, self.report, self.found = tenant, report, found


def single_query(tenant: str, report: str, sql: str) -> str:
    """Return the query without surrounding space and final semicolon.

    Raises:
        ReportError: it is empty, does not start with SELECT or WITH, holds a second statement or a word that writes,
            or a quote or comment is not closed.
    """
    text = sql.strip().removesuffix(";").rstrip()
    if re.search(r";[ \t\r]*\n", text):
        raise ReportError(tenant, report, "';' at the end of a line, where a script is split into statements")
    first_word = None
    for token in TOKEN.finditer(text):
        kind, found = token.lastgroup, token.group().lower()
        if kind == "unclosed":
            raise ReportError(tenant, report, f"{found!r} is not closed")
        if kind == "semicolon":
            raise ReportError(tenant, report, f"';' after {text[: token.start()][-30:]!r} starts a second statement")
        if kind == "word":
            first_word = first_word or found
            if found in WRITING_WORDS:
                raise ReportError(tenant, report, f"{token.group()!r} does not belong in a query")
    if first_word not in OPENING_WORDS:
        raise ReportError(tenant, report, f"it starts with {first_word!r}")
    return text
