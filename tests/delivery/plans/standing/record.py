"""Keeps plans as deploys do, for tests: `python -m tests.delivery.plans.standing.record PLAN FILE`.

PLAN is the output of `terraform show -json`. Beside this lie the first plans of the rendered dev environment,
`created-…`, and those of the same stacks once they were applied, `applied-…`; both were made in the local cloud.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

from delivery.plan_essence import essence

if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    target.write_bytes(gzip.compress(essence(json.loads(source.read_bytes())), 9, mtime=0))
