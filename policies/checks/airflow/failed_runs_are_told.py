"""Each DAG of a tenant has an alarm on its failed runs, and the pipeline a DAG beside it that fails when it is late."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import NotApplicable, PlanRule, Resource
from policies.context import PLATFORM, Context
from policies.plan import Plan

COUNTED = {"namespace": "AmazonMWAA", "metric_name": "DAGDurationFailed", "statistic": "SampleCount"}
"""Airflow gives one value for each run that fails, a time limit's included. Source: MWAA User Guide, "Metrics"."""


class FailedRunsAreTold(PlanRule):
    """Requirement: for each `dags/<tenant>/<dag id>.py` there is an alarm that any failed run of that DAG sets off and
    that tells the environment's topic; beside `<tenant>_daily` lies `<tenant>_promise`, which fails when that is late.

    Airflow 3 has no SLA, and its deadline alerts cannot be relied on (docs/decisions/0018).
    Compliant example: DAGDurationFailed of `annuity_daily`, SampleCount above 0, to meridian-prod-platform-alerts.
    Non-compliant example: the same with another DAG's id, without an action, or with a threshold of 3.
    Unknown is treated as: no verdict.
    Source: CSO catalogue AIR-03; SOC 2 CC7.2.
    """

    control = "CSO_AIR_03"
    check_id = "CSO_AIR_03_TOLD"
    title = "Failed and late runs are told"
    types = ("aws_s3_object",)

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        stack = plan.context.stack
        key = str(resource.get("key"))
        dag_id = key.removeprefix(f"dags/{stack}/").removesuffix(".py")
        if stack == PLATFORM or key != f"dags/{stack}/{dag_id}.py" or "/" in dag_id:
            raise NotApplicable("it is no tenant's DAG")
        if not any(_tells(alarm, plan.context) for alarm in plan.once(_alarms_by_dag).get(dag_id, [])):
            yield f"no alarm tells {_topic(plan.context)} of each failed run of {dag_id}"
        schema = stack.replace("-", "_")
        promise = f"dags/{stack}/{schema}_promise.py"
        if dag_id == f"{schema}_daily" and promise not in plan.once(_keys):
            yield f"{promise} is not deployed: nobody is told when {dag_id} is late"


def _alarms_by_dag(plan: Plan) -> dict[str, list[Resource]]:
    """Return {DAG: alarms on a metric of its own in this environment's Airflow}."""
    found: dict[str, list[Resource]] = {}
    for alarm in plan.of_type("aws_cloudwatch_metric_alarm"):
        watched = alarm.get("dimensions") or {}
        if watched == {"Environment": f"{plan.context.platform_name}-airflow", "DAG": watched.get("DAG")}:
            found.setdefault(str(watched["DAG"]), []).append(alarm)
    return found


def _keys(plan: Plan) -> frozenset[str]:
    return frozenset(str(item.get("key")) for item in plan.of_type("aws_s3_object"))


def _tells(alarm: Resource, context: Context) -> bool:
    return (
        all(alarm.get(name) == value for name, value in COUNTED.items())
        and (alarm.get("comparison_operator"), alarm.get("threshold")) == ("GreaterThanThreshold", 0)
        and (alarm.get("evaluation_periods"), alarm.get("datapoints_to_alarm") or 1) == (1, 1)
        and alarm.get("actions_enabled") is not False
        and _topic(context) in alarm.strings("alarm_actions")
    )


def _topic(context: Context) -> str:
    return f"arn:aws:sns:{context.region}:{context.account_id}:{context.platform_name}-alerts"


check = FailedRunsAreTold()
