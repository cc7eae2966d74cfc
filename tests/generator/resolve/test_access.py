"""A role may do what its job reads and writes, and nothing more."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from generator.names import Names
from generator.resolve import resolve
from generator.resolve.access import Access, Condition, Statement, job_access, warehouse_access
from generator.resolve.locations import Locations
from tests.generator import samples

LOCATIONS = Locations(Names(samples.environment(), "claims"))
RAW, CURATED = "arn:aws:s3:::acme-prod-claims-raw", "arn:aws:s3:::acme-prod-claims-curated"


def allows(access: Access, action: str, resource: str, prefix: str | None = None) -> bool:
    """Judge a request as IAM does for Allow statements: any statement whose every part matches."""
    return any(_matches(statement, action, resource, prefix) for statement in access.statements)


def _matches(statement: Statement, action: str, resource: str, prefix: str | None) -> bool:
    if action not in statement.actions or not any(fnmatchcase(resource, pattern) for pattern in statement.resources):
        return False
    return all(
        condition.variable == "s3:prefix"
        and prefix is not None
        and any(fnmatchcase(prefix, value) for value in condition.values)
        for condition in statement.conditions
    )


@pytest.fixture
def price() -> Access:
    """The job that reads the source rates and the dataset claim, and writes priced_claim and scratch."""
    stack = resolve(samples.tenant(), samples.environment())
    return next(job.access for job in stack.jobs if job.name == "price")


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", f"{RAW}/rates/as_of=2026-10-31/attempt=a/sdc-0.json"),
        ("s3:GetObject", f"{CURATED}/claim/as_of=2026-10-31/attempt=a/_manifest.json"),
        ("s3:PutObject", f"{CURATED}/priced_claim/as_of=2026-10-31/attempt=a/part-0.parquet"),
        ("s3:DeleteObject", f"{CURATED}/scratch/_temporary/0"),
        ("s3:GetObject", "arn:aws:s3:::acme-prod-platform-artifacts/jobs/claims/0123456789abcdef/jobs.zip"),
    ],
)
def test_a_job_may_do_its_work(price: Access, action: str, resource: str) -> None:
    assert allows(price, action, resource)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", f"{RAW}/claims_in/as_of=2026-10-31/sdc-0.json"),  # a source that it does not read
        ("s3:GetObject", f"{CURATED}/claim_total/part-0.parquet"),  # a dataset that it does not read
        ("s3:GetObject", f"{CURATED}/claims/part-0.parquet"),  # a name that starts like one that it reads
        ("s3:PutObject", f"{CURATED}/claim/part-0.parquet"),  # reads, does not write
        ("s3:DeleteObject", f"{CURATED}/claim/part-0.parquet"),
        ("s3:PutObject", f"{RAW}/rates/x"),
        ("s3:GetObject", "arn:aws:s3:::acme-prod-claims-landing/rates/x"),  # only StreamSets reads landing
        ("s3:GetObject", "arn:aws:s3:::acme-prod-platform-artifacts/jobs/other/x/jobs.zip"),
        ("s3:PutObject", "arn:aws:s3:::acme-prod-platform-artifacts/jobs/claims/x/jobs.zip"),
        ("s3:GetObject", "arn:aws:s3:::acme-dev-claims-curated/claim/part-0.parquet"),  # the other environment
    ],
)
def test_a_job_may_do_nothing_else(price: Access, action: str, resource: str) -> None:
    assert not allows(price, action, resource)


def test_listing_is_limited_to_what_is_read_or_written(price: Access) -> None:
    assert allows(price, "s3:ListBucket", CURATED, "claim/as_of=2026-10-31/")
    assert allows(price, "s3:ListBucket", CURATED, "scratch/")
    assert allows(price, "s3:ListBucket", CURATED, "scratch"), "else a first HEAD of it is denied, not missing"
    assert not allows(price, "s3:ListBucket", CURATED, "claim_total/")
    assert not allows(price, "s3:ListBucket", CURATED, "")
    assert not allows(price, "s3:ListBucket", CURATED)
    assert not allows(price, "s3:ListBucket", RAW, "claims_in/")


def test_a_name_never_stands_in_a_statement_of_a_job_that_does_not_use_it() -> None:
    stack = resolve(samples.tenant(), samples.environment())
    spec = stack.tenant.spec
    every = {*spec.sources, *(dataset.name for dataset in stack.datasets)}
    for job in stack.jobs:
        used = {*spec.jobs[job.name].reads, *spec.jobs[job.name].writes}
        text = repr(job.access)
        assert [name for name in every if f"/{name}/" in text or f"'{name}/" in text] == sorted(
            used & every, key=list(every).index
        )


def test_no_statement_has_a_wildcard_action_or_a_bucket_of_all() -> None:
    stack = resolve(samples.tenant(), samples.environment())
    assert stack.loading is not None
    for access in [*(job.access for job in stack.jobs), stack.loading.access]:
        for statement in access.statements:
            assert not [action for action in statement.actions if "*" in action]
            assert not [resource for resource in statement.resources if "*" in resource.split(":::")[1].split("/")[0]]
            assert not [resource for resource in statement.resources if resource.partition("/")[2] == "*"]


def test_empty_reads_leave_no_statement_behind() -> None:
    access = job_access(LOCATIONS, [], ["claim"], ["total"])
    assert [statement.sid for statement in access.statements] == [
        "ReadCurated",
        "WriteCurated",
        "SeeWhatIsWritten",
        "ListCurated",
        "ReadCode",
    ]


def test_keys_a_job_encrypts_and_decrypts_the_warehouse_only_decrypts(price: Access) -> None:
    assert price.tenant_key_actions == ("kms:Decrypt", "kms:GenerateDataKey")
    assert price.platform_key_actions == ("kms:Decrypt",)
    loading = warehouse_access(LOCATIONS, ["claim"])
    assert loading is not None
    assert (loading.tenant_key_actions, loading.platform_key_actions) == (("kms:Decrypt",), ())


def test_the_warehouse_reads_what_is_loaded_and_only_that() -> None:
    loading = resolve(samples.tenant(), samples.environment()).loading
    assert loading is not None
    assert allows(loading.access, "s3:GetObject", f"{CURATED}/priced_claim/part-0.parquet")
    assert not allows(loading.access, "s3:GetObject", f"{CURATED}/claim/part-0.parquet")
    assert not allows(loading.access, "s3:PutObject", f"{CURATED}/priced_claim/part-0.parquet")
    assert warehouse_access(LOCATIONS, []) is None


def test_order_of_reads_does_not_matter() -> None:
    assert job_access(LOCATIONS, ["b", "a"], ["d", "c"], ["f", "e"]) == job_access(
        LOCATIONS, ["a", "b"], ["c", "d"], ["e", "f"]
    )


def test_statements_are_exactly_these() -> None:
    access = warehouse_access(LOCATIONS, ["claim"])
    assert access == Access(
        statements=(
            Statement("ReadCurated", ("s3:GetObject",), (f"{CURATED}/claim/*",)),
            Statement(
                "ListCurated",
                ("s3:ListBucket",),
                (CURATED,),
                (Condition("StringLike", "s3:prefix", ("claim/*",)),),
            ),
        ),
        tenant_key_actions=("kms:Decrypt",),
    )
