"""The summary step: reads the valued block and the ledger's totals; writes the movement and the reconciliation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from spark_jobs.annuity.summary.transform import block_summary, reconciliation
from spark_jobs.runtime import Inputs, run


def build(inputs: Inputs) -> Mapping[str, Any]:
    """Return the step's datasets by name."""
    summary = block_summary(
        policy=inputs.dataset("policy"),
        account_value=inputs.dataset("account_value"),
        payout=inputs.dataset("payout"),
        as_of=inputs.as_of,
    )
    return {"block_summary": summary, "reconciliation": reconciliation(summary, inputs.dataset("control_total"))}


def main(argv: Sequence[str] | None = None) -> None:
    """Run the step."""
    run(build, argv)


if __name__ == "__main__":
    main()
