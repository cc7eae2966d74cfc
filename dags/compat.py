"""Names that Airflow moved between 3.0 and 3.3, each from where the running version has it.

The only module that knows more than one Airflow.
"""

from __future__ import annotations

try:
    from airflow.sdk.exceptions import (
        AirflowException,
        AirflowFailException,
        AirflowRescheduleException,
        AirflowSkipException,
        DownstreamTasksSkipped,
        TaskDeferralTimeout,
    )
except ImportError:  # before 3.2
    from airflow.exceptions import (  # type: ignore[attr-defined,no-redef,unused-ignore]
        AirflowException,
        AirflowFailException,
        AirflowRescheduleException,
        AirflowSkipException,
        DownstreamTasksSkipped,
        TaskDeferralTimeout,
    )

__all__ = [
    "AirflowException",
    "AirflowFailException",
    "AirflowRescheduleException",
    "AirflowSkipException",
    "DownstreamTasksSkipped",
    "TaskDeferralTimeout",
]
