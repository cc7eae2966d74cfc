"""Acting in an account: as the role that is asked for, where the variables point, renewed by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from delivery import aws
from delivery.envelope import KeyUnusable, signer_of
from generator.model import EnvironmentSpec
from generator.spec import load_environment

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def spec() -> EnvironmentSpec:
    return load_environment(REPOSITORY, "prod")


@pytest.mark.parametrize(("role", "name"), [(None, "sluice-deploy"), (aws.PLAN_ROLE, "sluice-plan")])
def test_a_client_acts_in_the_environments_account(
    s3: dict[str, str], spec: EnvironmentSpec, role: str | None, name: str
) -> None:
    identity = aws.client("sts", spec, s3, role).get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::222222222222:assumed-role/{name}/sluice-prod"


def test_credentials_renew_themselves(
    s3: dict[str, str], spec: EnvironmentSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = aws.session(spec, s3).get_credentials()
    assert credentials is not None
    first = credentials.get_frozen_credentials().access_key
    assert credentials.get_frozen_credentials().access_key == first
    later = datetime.now(UTC) + timedelta(minutes=52)  # moto gives an hour
    monkeypatch.setattr("botocore.credentials._local_now", lambda: later)
    monkeypatch.setattr(credentials, "_time_fetcher", lambda: later)
    assert credentials.get_frozen_credentials().access_key != first


def test_a_service_can_have_an_endpoint_of_its_own(s3: dict[str, str], spec: EnvironmentSpec) -> None:
    variables = {**s3, "AWS_ENDPOINT_URL_MWAA": "http://127.0.0.1:1"}
    assert aws.client("mwaa", spec, variables).meta.endpoint_url == "http://127.0.0.1:1"
    assert aws.client("s3", spec, variables).meta.endpoint_url == s3["AWS_ENDPOINT_URL"]


def test_without_credentials_it_says_so(spec: EnvironmentSpec, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (*aws.STATIC.values(), "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(aws.NoCredentials, match="no AWS credentials are set"):
        aws.session(spec, {})


def test_a_key_is_used_in_the_account_that_has_it(
    s3: dict[str, str], spec: EnvironmentSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in s3.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    kms = aws.client("kms", spec, s3)
    made = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/meridian-release", TargetKeyId=made)
    signer = signer_of("awskms:alias/meridian-release", aws.session(spec, s3))
    assert signer.public_key.scheme == "ecdsa-sha2-nistp256"
    with pytest.raises(KeyUnusable, match="cannot be used"):
        signer_of("awskms:alias/meridian-release")
