"""The platform on one machine: the local cloud, its accounts, one Airflow for each environment, and source systems.

Joins the sandbox to the product's own environments. It is the only place outside `sandbox/` that knows it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import boto3

from generator.model import EnvironmentSpec
from generator.names import Names
from generator.spec import load_environment, load_environments
from policies.artefacts.places import ACCOUNT_VALUES
from sandbox import lifecycle, source_systems
from sandbox.airflow import web as airflow_web
from sandbox.airflow.local import DagRun, LocalAirflow
from sandbox.aws.accounts import ENTRY_ROLE, AccountStack
from sandbox.lifecycle import Sandbox
from sandbox.source_systems.file_format import SourceFile

STATE = Path(".sluice/sandbox")
AIRFLOW_PYTHON = Path(".venv/airflow/bin/python")
SOURCE_SYSTEMS_ACCOUNT = "333333333333"
JENKINS_ROLE = "arn:aws:iam::123456789012:role/sluice-jenkins"
"""Beginning of the ARNs of the roles that Jenkins would have in the local cloud's management account."""


class SandboxNotRunning(Exception):
    """A command needs the local cloud, and it is down."""

    exit_code = 2


def start(root: Path) -> Sandbox:
    """Start the local cloud, and do in each account what people do once on AWS: bootstrap, the authority's schema."""
    from authority.schema import migrate  # noqa: PLC0415 -- SQLAlchemy is slow to load, and most uses start nothing

    running = lifecycle.up(root / STATE)
    environments = load_environments(root)
    running.prepare([_account_stack(root, spec) for spec in environments.values()], JENKINS_ROLE)
    for name in environments:
        migrate(running.authority_url(name))
    return running


def _account_stack(root: Path, spec: EnvironmentSpec) -> AccountStack:
    """Return what `sluice bootstrap` would make in an environment's account, trusting the laptop's own Jenkins."""
    from delivery.bootstrap.account import account_of  # noqa: PLC0415 -- it reads with all that the gate has

    account = account_of(
        root, spec, "" if (root / ACCOUNT_VALUES.format(environment=spec.environment)).is_file() else JENKINS_ROLE
    )
    wanted = account.wanted()
    return AccountStack(spec.account_id, wanted.name, wanted.template, wanted.parameters, wanted.tags)


def stop(root: Path) -> None:
    """Stop it and all it started; nothing is left."""
    for home in (root / STATE / "airflow").glob("*"):
        airflow_web.stop(home)
    lifecycle.down(root / STATE)


def require(root: Path) -> Sandbox:
    """Return the running local cloud.

    Raises:
        SandboxNotRunning: it is down.
    """
    running = lifecycle.find(root / STATE)
    if running is None:
        raise SandboxNotRunning("the local cloud is not running\n  fix:      sluice sandbox up")
    return running


def host_environment() -> dict[str, str]:
    """Return this process's variables without any that name another cloud or its credentials."""
    return {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}


def names(root: Path, environment: str, tenant: str) -> Names:
    return Names(load_environment(root, environment), tenant)


def airflow(root: Path, running: Sandbox, environment: str, name: str = "") -> LocalAirflow:
    """Return the environment's Airflow; its platform must have been applied.

    Args:
        name: another than the environment's gives a second Airflow, independent of the first.
    """
    spec = load_environment(root, environment)
    variables = running.airflow_environment(environment, spec.account_id)
    local = _airflow_at(root, running, name or environment, variables)
    local.prepare()
    return local


def prepare_airflow(root: Path, running: Sandbox, environment: str) -> None:
    """Make an Airflow's database and pools ahead of time; it needs nothing of the environment for that."""
    _airflow_at(root, running, environment, {}).prepare()


def _airflow_at(root: Path, running: Sandbox, name: str, variables: dict[str, str]) -> LocalAirflow:
    home = (root / STATE / "airflow" / name).absolute()
    return LocalAirflow(home, (root / AIRFLOW_PYTHON).absolute(), variables, running.airflow_database(name))


def run_dag(
    root: Path,
    running: Sandbox,
    environment: str,
    dag_id: str,
    as_of: str,
    restate: str | None = None,
    listener: Callable[[dict[str, Any]], None] = lambda event: None,
) -> DagRun:
    """Take the applied DAGs from the environment's bucket and run one."""
    local = airflow(root, running, environment)
    local.sync(names(root, environment, "platform").bucket("airflow"))
    return local.run(dag_id, as_of, {"restate": restate} if restate else None, listener)


def start_web(root: Path, running: Sandbox, environment: str) -> str:
    """Keep the environment's Airflow running with its web page, its DAGs as applied; return the address."""
    local = airflow(root, running, environment)
    local.sync(names(root, environment, "platform").bucket("airflow"))
    return airflow_web.start(local)


def land(root: Path, running: Sandbox, environment: str, as_of: str, policies: int, seed: int) -> list[str]:
    """Land one business date's files of the annuity tenant and return a line for each source."""
    bucket = names(root, environment, "annuity").bucket("landing")
    landing = source_systems.generate(date.fromisoformat(as_of), policies=policies, seed=seed)
    return source_systems.land(client(running, "s3", SOURCE_SYSTEMS_ACCOUNT), bucket, landing)


def land_files(
    root: Path, running: Sandbox, environment: str, tenant: str, as_of: date, files: Mapping[str, Path]
) -> list[str]:
    """Land one file a source of any tenant, each with its manifest; return a line for each object.

    Args:
        files: `{source: file}`, landed under the names that they have.
    """
    made = [
        SourceFile(source, as_of, path.name, content := path.read_bytes(), len(content.splitlines()))
        for source, path in files.items()
    ]
    landing = source_systems.LandingSet(as_of, tuple(made), {})
    bucket = names(root, environment, tenant).bucket("landing")
    return source_systems.land(client(running, "s3", SOURCE_SYSTEMS_ACCOUNT), bucket, landing)


def organisations(root: Path) -> dict[str, str]:
    """Return `{account: id of its AWS organization}` of the environments, and of the account that Jenkins is in."""
    specs = load_environments(root).values()
    found = {spec.account_id: spec.organisation_id for spec in specs}
    return {JENKINS_ROLE.split(":")[4]: next(iter(found.values())), **found}


def client(running: Sandbox, service: str, account_id: str, role: str = ENTRY_ROLE) -> Any:
    """Return a boto3 client of the local cloud that acts in `account_id` as `role`, else as who administers it."""
    variables = running.account_environment(account_id, role)
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        region_name=variables["AWS_DEFAULT_REGION"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=variables.get("AWS_SESSION_TOKEN"),
    )
