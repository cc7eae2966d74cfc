"""The valuation step: reads the conformed block; writes account values and payouts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from spark_jobs.annuity.valuation.transform import value_block
from spark_jobs.runtime import Inputs, run


def build(inputs: Inputs) -> Mapping[str, Any]:
    """Return the step's datasets by name."""
    return value_block(inputs.dataset("policy"), inputs.dataset("policy_transaction"), inputs.as_of)


def main(argv: Sequence[str] | None = None) -> None:
    """Run the step."""
    run(build, argv)


if __name__ == "__main__":
    main()
