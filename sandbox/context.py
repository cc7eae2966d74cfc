"""What every service of the local cloud is given: where it answers, where it keeps state, what it shares with others.

Holds values only; it must not know how a service works.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.faults import Faults
    from sandbox.postgres import PostgresServer


@dataclass(frozen=True)
class Context:
    """The running local cloud, as its services see it.

    Attributes:
        endpoint: base address of the one HTTP server, for example `http://127.0.0.1:5055`, without a slash at the end.
        state: folder of this local cloud; a service keeps its files in a subfolder of its own. Removed by `down`.
        postgres: the database server behind Redshift and the data authority; None in tests that need neither.
        faults: failures that someone asked for.
    """

    endpoint: str
    state: Path
    postgres: PostgresServer | None
    faults: Faults
