"""Airflow's page is private, and all five kinds of its logs are written."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Resource, ResourceCheck

LOGS = ("dag_processing_logs", "scheduler_logs", "task_logs", "webserver_logs", "worker_logs")
LEVELS = ("INFO", "DEBUG")


class MwaaIsPrivateAndLogged(ResourceCheck):
    """Requirement: the web server is reached from the VPC alone, each of the five log types is on at INFO or finer, and
    the environment names a key.

    Compliant example: webserver_access_mode = "PRIVATE_ONLY", task_logs { enabled = true, log_level = "INFO" }, …
    Non-compliant example: no task_logs block: off, and no built-in check of Checkov says so
    Unknown is treated as: no verdict; a key that is still to be made counts as named.
    Source: SOC 2 CC7.2; 23 NYCRR 500.6."""

    control = "CSO_AIR_01"
    check_id = "CSO_AIR_01"
    title = "Airflow is private, logged and encrypted"
    types = ("aws_mwaa_environment",)

    def judge(self, resource: Resource) -> Iterator[str]:
        if resource.get("webserver_access_mode") != "PRIVATE_ONLY":
            yield f"webserver_access_mode is {resource.get('webserver_access_mode')!r}, not 'PRIVATE_ONLY'"
        if not resource.sources("kms_key") and not resource.get("kms_key"):
            yield "kms_key is not said: AWS's own key"
        for log in LOGS:
            block = resource.block("logging_configuration").block(log)
            if block.get("enabled") is not True:
                yield f"{log}.enabled is {block.get('enabled')!r}, not true"
            if block.get("log_level") not in LEVELS:
                yield f"{log}.log_level is {block.get('log_level')!r}, not INFO"


check = MwaaIsPrivateAndLogged()
