"""The conform step: reads policies, transactions and gl_totals; writes what is good and an account of what is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from spark_jobs.annuity.conform.transform import conform
from spark_jobs.runtime import Inputs, run


def build(inputs: Inputs) -> Mapping[str, Any]:
    """Return the step's datasets by name."""
    conformed = conform(
        policies=inputs.source("policies"),
        transactions=inputs.source("transactions"),
        gl_totals=inputs.source("gl_totals"),
        as_of=inputs.as_of,
    )
    return {
        "policy": conformed.policy,
        "policy_transaction": conformed.policy_transaction,
        "control_total": conformed.control_total,
        "rejected_record": conformed.rejected_record,
    }


def main(argv: Sequence[str] | None = None) -> None:
    """Run the step."""
    run(build, argv)


if __name__ == "__main__":
    main()
