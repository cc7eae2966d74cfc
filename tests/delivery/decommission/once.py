"""One decommission as a process of its own, so that a test can kill it: CHECKOUT TENANT DAYS [LOCK]."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from bench.slim_release import NoAirflow, Silence
from delivery import aws
from delivery.decommission.carry_out import Order
from delivery.decommission.run import Decommission, Places
from delivery.supervision import Interruption
from generator.spec import load_environment


def main(checkout: Path, tenant: str, days: int, lock: str = "") -> int:
    """Decommission `tenant` as if `days` had passed, without that lock, and print the evidence."""
    variables = dict(os.environ)
    spec = load_environment(checkout, "prod")
    clients = cache(lambda service: aws.client(service, spec, variables))
    places = Places(spec, clients, NoAirflow(), None, variables, Interruption(), Silence(), lambda text: None)
    now = datetime.now(UTC)
    work = Decommission(checkout, tenant, places, today=now.date() + timedelta(days=days))
    decision = work.decide(lock)
    work.drain(0)
    print(json.dumps(work.carry_out(decision, Order("ann@example.com", "DATA-1", now.isoformat()))))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), *sys.argv[4:]))
