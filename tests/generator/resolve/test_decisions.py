"""Decisions about a stack, one by one."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from generator.model import EnvironmentSpec, Job
from generator.model.environment import OWN_TAGS
from generator.names import NameTooLong
from generator.resolve import resolve, resolve_platform
from generator.resolve.compute import capacity, run_order
from generator.resolve.schedule import schedule
from generator.resolve.stack import Capacity, Stack
from tests.generator import samples


@pytest.fixture
def prod() -> Stack:
    return resolve(samples.tenant(), samples.environment())


def job(reads: str, writes: str, **changes: Any) -> Job:
    return Job.model_validate({"reads": tuple(reads.split()), "writes": tuple(writes.split()), **changes})


def test_resolving_is_idempotent(prod: Stack) -> None:
    assert resolve(samples.tenant(), samples.environment()) == prod


def test_a_tenant_has_its_own_cluster_only_where_clusters_are_transient(prod: Stack) -> None:
    dev = resolve(samples.tenant(), samples.environment("dev", "long_running"))
    assert (prod.cluster_task, dev.cluster_task) == ("create_cluster", "find_cluster")
    assert dev.capacity is None


def test_an_environment_may_set_no_tag_that_sluice_sets(prod: Stack) -> None:
    """An environment's own are refused by these names, so that none has no effect in silence."""
    own = {*prod.tags, *resolve_platform(samples.environment()).tags} - samples.environment().tags.keys()
    assert {*OWN_TAGS} == own | {"managed-by"}


def test_mandatory_tags_win_over_the_environments_own() -> None:
    environment = samples.environment(tags={"owner": "someone", "business-unit": "claims"})
    assert resolve(samples.tenant(), environment).tags == {
        "business-unit": "claims",
        "cost-centre": "CC-1",
        "data-class": "confidential",
        "env": "prod",
        "owner": "claims@acme.example",
        "tenant": "claims",
    }


def test_jobs_come_in_an_order_in_which_they_can_run(prod: Stack) -> None:
    assert [(job.name, job.after) for job in prod.jobs] == [("clean", ()), ("price", ("clean",)), ("total", ("clean",))]


def test_run_order_is_by_depth_not_by_name() -> None:
    jobs = {"a_last": job("y", "z"), "m_middle": job("x", "y"), "z_first": job("landed", "x")}
    assert run_order(jobs) == (("z_first", ()), ("m_middle", ("z_first",)), ("a_last", ("m_middle",)))


def test_a_step_names_code_inputs_and_outputs_of_its_own_attempt(prod: Stack) -> None:
    arguments = next(job.arguments for job in prod.jobs if job.name == "price")
    as_of, attempt = "{{ params.as_of or ds }}", "{{ ti.xcom_pull(task_ids='open_run')['attempt'] }}"
    run = f"as_of={as_of}/attempt={attempt}/"
    code = "s3://acme-prod-platform-artifacts/jobs/claims/0123456789abcdef"
    settings = [argument for flag, argument in pairwise(arguments) if flag == "--conf"]
    assert settings[-2:] == [
        "spark.hadoop.fs.s3a.encryption.algorithm=SSE-KMS",
        "spark.hadoop.fs.s3a.encryption.key=arn:aws:kms:eu-west-1:444444444444:alias/acme-prod-claims",
    ]
    assert arguments[: arguments.index("--conf")] == ("spark-submit", "--deploy-mode", "cluster", "--master", "yarn")
    assert arguments[arguments.index("--py-files") :] == (
        *("--py-files", f"{code}/jobs.zip", f"{code}/claims/price/job.py"),
        *("--job", "price", "--as-of", as_of, "--attempt", attempt),
        *("--code-version", "0123456789abcdef", "--contracts", f"{code}/contracts.json"),
        *("--read", f"claim=s3://acme-prod-claims-curated/claim/{run}"),
        *("--read", f"rates=s3://acme-prod-claims-raw/rates/{run}"),
        *("--write", f"priced_claim=s3://acme-prod-claims-curated/priced_claim/{run}"),
        *("--write", f"scratch=s3://acme-prod-claims-curated/scratch/{run}"),
    )


def test_an_entrypoint_of_ones_own_is_kept() -> None:
    jobs = {"clean": {"reads": ("claims_in",), "writes": ("claim",), "entrypoint": "shared/clean"}}
    changes: dict[str, Any] = {"jobs": jobs, "publishes": ("claim",), "warehouse": (), "reports": {}}
    stack = resolve(samples.tenant(**changes), samples.environment())
    assert stack.jobs[0].entrypoint == "shared/clean"
    assert any(argument.endswith("/shared/clean/job.py") for argument in stack.jobs[0].arguments)


def test_nothing_is_loaded_when_no_table_is_wanted() -> None:
    assert resolve(samples.tenant(warehouse=(), reports={}), samples.environment()).loading is None


def test_a_source_knows_who_lands_it(prod: Stack) -> None:
    assert {source.name: source.producer_role_arn for source in prod.sources} == {
        "claims_in": "arn:aws:iam::555555555555:role/orbit-export",
        "rates": "arn:aws:iam::555555555555:role/orbit-export",
    }
    unknown = resolve(samples.tenant(), samples.environment(source_systems={}))
    assert {source.producer_role_arn for source in unknown.sources} == {None}


CLUSTER: dict[str, Any] = {"mode": "transient", "worker_types": samples.WORKERS, "core_units": 2}


@pytest.mark.parametrize(
    ("jobs", "max_units", "expected"),
    [
        ({"a": job("s", "x")}, 10, Capacity(2, 0, False, 1)),  # four executors fit on the two core nodes
        ({"a": job("s", "x", compute="medium")}, 10, Capacity(2, 4, False, 1)),
        ({"a": job("s", "x", compute="large")}, 10, Capacity(2, 8, False, 1)),  # would like 14
        ({"a": job("s", "x"), "b": job("s", "y")}, 10, Capacity(2, 2, False, 2)),  # side by side
        ({"a": job("s", "x"), "b": job("x", "y")}, 10, Capacity(2, 0, False, 1)),  # one after the other
        ({"a": job("s", "x", time_critical=True)}, 10, Capacity(2, 0, True, 1)),
        ({f"j{n}": job("s", f"x{n}") for n in range(12)}, 100, Capacity(2, 22, False, 10)),
    ],
)
def test_capacity_is_the_widest_moment_within_the_limit(
    jobs: dict[str, Job], max_units: int, expected: Capacity
) -> None:
    cluster = EnvironmentSpec.model_validate(
        samples.environment().model_dump() | {"cluster": {**CLUSTER, "max_units": max_units}}
    ).cluster
    assert capacity(jobs, cluster) == expected


@pytest.mark.parametrize(("minutes", "wait", "step"), [(90, 30, 60), (5, 5, 5), (1440, 480, 960)])
def test_timeouts_follow_the_deadline(minutes: int, wait: int, step: int) -> None:
    timing = schedule(samples.spec(deadline_minutes=minutes))
    assert (timing.wait_minutes, timing.ingest_minutes, timing.step_minutes) == (wait, wait, step)


def test_a_word_for_a_schedule_becomes_cron() -> None:
    assert schedule(samples.spec(schedule="daily")).cron == "0 4 * * *"


def test_a_name_that_is_too_long_for_aws_is_told() -> None:
    jobs = {"a" * 30: {"reads": ("claims_in",), "writes": ("claim",)}}
    changes: dict[str, Any] = {"jobs": jobs, "publishes": ("claim",), "warehouse": (), "reports": {}}
    with pytest.raises(NameTooLong):
        resolve(samples.tenant("a" * 20, **changes), samples.environment("e" * 20))


def test_the_platform_is_tagged_like_a_tenant() -> None:
    assert resolve_platform(samples.environment()).tags == {
        "business-unit": "claims",
        "cost-centre": "platform",
        "data-class": "internal",
        "env": "prod",
        "owner": "platform@acme.example",
        "tenant": "platform",
    }
