"""Repositories of terraform_data alone, which need no provider, and an S3 to keep their state in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from moto.moto_api._internal import moto_api_backend
from mypy_boto3_s3 import S3Client

from tests.delivery.moto_endpoint import moto_endpoint, variables_of

BUCKET = "state"
LEDGER_BUCKET = "meridian-prod-platform-ledger"
ROOT_TF = """
resource "terraform_data" "first" {
  input = "made first"
}
resource "terraform_data" "slow" {
  input = terraform_data.first.output
  provisioner "local-exec" {
    command = "sleep ${var.seconds}"
  }
}
variable "seconds" {
  type    = number
  default = 0
}
"""

MakeStack = Callable[..., Path]


@pytest.fixture(scope="module", autouse=True)
def empty_moto() -> None:
    """Let each file begin with nothing: all servers of a process share moto's one memory."""
    moto_api_backend.reset()


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, str]]:
    """Variables that point at an S3 with one bucket for state; one a file, for other files' mocks empty all of moto."""
    with moto_endpoint() as endpoint:
        variables = variables_of(endpoint)
        client(variables).create_bucket(Bucket=BUCKET)
        yield variables


@pytest.fixture
def ledger_s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Client]:
    """An S3 inside this process with production's ledger bucket, empty for each test."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket=LEDGER_BUCKET)
        yield s3


def client(variables: dict[str, str]) -> S3Client:
    return boto3.client(
        "s3",
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


@pytest.fixture
def repository(tmp_path: Path) -> MakeStack:
    """Return a function that renders a stack below a temporary root: `repository("dev", "platform", seconds=3)`."""

    def make(environment: str, stack: str, seconds: int = 0, root_tf: str = ROOT_TF) -> Path:
        folder = tmp_path / "environments" / environment / "rendered" / stack / "terraform"
        folder.mkdir(parents=True)
        (folder / "main.tf").write_text(root_tf)
        (folder / "terraform.tfvars.json").write_text(json.dumps({"seconds": seconds} if seconds else {}))
        key = f"{tmp_path.name}/{environment}/{stack}.tfstate"
        backend = {"bucket": BUCKET, "key": key, "region": "us-east-1", "use_lockfile": True}
        (folder / "backend.tf.json").write_text(json.dumps({"terraform": {"backend": {"s3": backend}}}))
        (folder / ".terraform.lock.hcl").write_text("")
        for name in ("runtime", stack):
            (tmp_path / "spark_jobs" / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / "spark_jobs" / "__init__.py").touch()
        return tmp_path

    return make
