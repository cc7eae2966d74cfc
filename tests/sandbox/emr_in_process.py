"""A local EMR for tests: served from this process, with the roles, buckets and faults that clusters need."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
from moto.emr.models import emr_backends
from moto.iam.models import iam_backends
from moto.s3.models import s3_backends
from moto.sts.models import sts_backends
from werkzeug.serving import make_server

from sandbox.aws.gateway import Gateway
from sandbox.aws.http import RequestHandler
from sandbox.context import Context
from sandbox.emr import backend as emr
from sandbox.emr.backend import LocalEmrBackend
from sandbox.faults import Fault, Faults
from tests.sandbox.aws_in_process import REGION, client

ACCOUNT = "111111111111"
RUNTIME_ROLE = f"arn:aws:iam::{ACCOUNT}:role/tenant/annuity/job-conform"
LOGS = "meridian-test-platform-logs"
TERMINAL = ("COMPLETED", "FAILED", "CANCELLED")


@dataclass
class LocalEmr:
    """Clients of one account, and what clusters of it are usually given."""

    endpoint: str
    state: Path
    faults: Faults
    session: Any

    def client(self, service: str) -> Any:
        return self.session.client(service, endpoint_url=self.endpoint, region_name=REGION)

    @property
    def emr(self) -> Any:
        return self.client("emr")

    def run(self, name: str = "test", **parameters: Any) -> str:
        """Start a cluster that stays until it is told; returns its id."""
        instances = {"KeepJobFlowAliveWhenNoSteps": True, **parameters.pop("Instances", {})}
        answer = self.emr.run_job_flow(
            Name=name,
            ReleaseLabel="emr-7.14.0",
            **{
                "JobFlowRole": "nodes",
                "ServiceRole": "service",
                "LogUri": f"s3://{LOGS}/emr/",
                "Instances": instances,
                **parameters,
            },
        )
        return str(answer["JobFlowId"])

    def add(self, cluster: str, *arguments: str, name: str = "step", action: str = "CONTINUE", **more: Any) -> str:
        """Add a step that runs a command; returns its id."""
        answer = self.emr.add_job_flow_steps(
            JobFlowId=cluster,
            Steps=[
                {
                    "Name": name,
                    "ActionOnFailure": action,
                    "HadoopJarStep": {"Jar": "command-runner.jar", "Args": list(arguments)},
                }
            ],
            **more,
        )
        return str(answer["StepIds"][0])

    def cluster(self, cluster: str) -> dict[str, Any]:
        return dict(self.emr.describe_cluster(ClusterId=cluster)["Cluster"])

    def step(self, cluster: str, step: str) -> dict[str, Any]:
        return dict(self.emr.describe_step(ClusterId=cluster, StepId=step)["Step"])

    def until(self, cluster: str, *states: str, seconds: float = 20) -> dict[str, Any]:
        """Wait for a cluster to be in one of some states; returns its Status."""
        return self._until(lambda: self.cluster(cluster), states, seconds)

    def until_step(self, cluster: str, step: str, *states: str, seconds: float = 20) -> dict[str, Any]:
        """Wait for a step to be in one of some states, by default any last one; returns its Status."""
        return self._until(lambda: self.step(cluster, step), states or TERMINAL, seconds)

    def log(self, cluster: str, step: str, name: str) -> str:
        """Return a log of a step, as EMR keeps it."""
        key = f"emr/{cluster}/steps/{step}/{name}.gz"
        return gzip.decompress(self.client("s3").get_object(Bucket=LOGS, Key=key)["Body"].read()).decode()

    @staticmethod
    def _until(describe: Any, states: tuple[str, ...], seconds: float) -> dict[str, Any]:
        end = time.monotonic() + seconds
        while True:
            status: dict[str, Any] = describe()["Status"]
            if status["State"] in states:
                return status
            assert time.monotonic() < end, f"still {status} after {seconds} s, not one of {states}"
            time.sleep(0.05)

    def suffer(self, kind: str, match: str = ".*", **options: Any) -> None:
        self.faults.add(Fault(kind, match=match, options=options))


@contextmanager
def local_emr(state: Path) -> Iterator[LocalEmr]:
    """Serve a local EMR whose clusters start within half a second."""
    faults = Faults()
    gateway = Gateway(faults)
    server = make_server("127.0.0.1", 0, gateway, threaded=True, request_handler=RequestHandler)
    server.daemon_threads = True  # type: ignore[attr-defined]  # of socketserver.ThreadingMixIn
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    emr.install(Context(endpoint, state, None, faults))
    LocalEmrBackend.runtime = replace(LocalEmrBackend.runtime, provision_seconds=0.2, bootstrap_seconds=0.1)
    try:
        yield _account(endpoint, state, faults)
    finally:
        emr.stop()
        server.shutdown()
        thread.join()
        server.server_close()
        for backends in (emr_backends, iam_backends, s3_backends, sts_backends):
            backends[ACCOUNT].reset()  # moto's state is the process's: the next module starts afresh


def _account(endpoint: str, state: Path, faults: Faults) -> LocalEmr:
    keys = client("sts", endpoint).assume_role(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/deploy", RoleSessionName="tests", DurationSeconds=3600
    )["Credentials"]
    session = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], REGION)
    local = LocalEmr(endpoint, state, faults, session)
    iam = local.client("iam")
    for name, path in (("service", "/"), ("nodes", "/"), ("job-conform", "/tenant/annuity/")):
        iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument="{}")
    iam.create_instance_profile(InstanceProfileName="nodes")
    iam.add_role_to_instance_profile(InstanceProfileName="nodes", RoleName="nodes")
    local.client("s3").create_bucket(Bucket=LOGS)
    local.emr.create_security_configuration(
        Name="runtime-roles",
        SecurityConfiguration=json.dumps(
            {"AuthorizationConfiguration": {"IAMConfiguration": {"EnableApplicationScopedIAMRole": True}}}
        ),
    )
    return local
