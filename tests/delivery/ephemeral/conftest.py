"""A development account in moto with what the platform publishes: a network without a way out, groups, a key."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from delivery.ephemeral import lifecycle, python, wish
from delivery.ephemeral.account import Account
from delivery.ephemeral.cluster import Cluster, to_json
from delivery.ephemeral.wish import Wish
from generator.names import Names
from generator.spec.project import load_environment
from tests.delivery.moto_endpoint import moto_endpoint, variables_of

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ANN = Wish("ann", "annuity", "ann@meridian.example")


@dataclass(frozen=True)
class Ground:
    """What stands in the account before anybody asks for a cluster."""

    account: Account
    subnet_ids: list[str]
    route_table_id: str

    def client(self, service: str) -> Any:
        return self.account.client(service)

    def add_cluster(self, name: str, **tags: str) -> str:
        """Start a cluster beside ours, and return its id."""
        instances = {"InstanceCount": 1, "MasterInstanceType": "m5.xlarge", "KeepJobFlowAliveWhenNoSteps": True}
        written = [{"Key": key, "Value": value} for key, value in tags.items()]
        flow = self.client("emr").run_job_flow(
            Name=name, Instances=instances, JobFlowRole="x", ServiceRole="x", Tags=written
        )
        return str(flow["JobFlowId"])

    def state(self, cluster_id: str) -> str:
        return str(self.client("emr").describe_cluster(ClusterId=cluster_id)["Cluster"]["Status"]["State"])


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """One account a file, over what other files left: moto's memory is the process's. Tests end what they start."""
    with moto_endpoint() as endpoint:
        variables = {**variables_of(endpoint), "PATH": "/usr/bin:/bin"}
        yield _platform(Account(ROOT, load_environment(ROOT, "dev"), variables, now=lambda: NOW))


def _platform(account: Account) -> Ground:
    ec2 = account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    subnet_ids = []
    for index, zone in enumerate("ab"):
        made = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.20.{index}.0/24", AvailabilityZone=f"us-east-1{zone}")
        subnet_ids.append(made["Subnet"]["SubnetId"])
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet_ids[0])  # the other has the main table
    published = {
        "private_subnet_ids": ",".join(subnet_ids),
        "emr_primary_security_group": "sg-1",
        "emr_worker_security_group": "sg-2",
        "emr_service_security_group": "sg-3",
        "platform_key_arn": "arn:aws:kms:us-east-1:111111111111:key/0a1b",
    }
    for name, value in published.items():
        parameter = Names(account.spec).parameter(name)
        account.client("ssm").put_parameter(Name=parameter, Value=value, Type="String", Overwrite=True)
    return Ground(account, subnet_ids, table)


@pytest.fixture(scope="module")
def prepared(ground: Ground) -> lifecycle.Prepared:
    """What Ann gets, decided and judged with the account at hand."""
    return lifecycle.prepare(ground.account, ANN)


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """The cluster that Ann gets, without asking any cloud."""
    spec = load_environment(ROOT, "dev")
    platform = {
        "subnet_ids": "subnet-a,subnet-b",
        "primary": "sg-1",
        "worker": "sg-2",
        "service": "sg-3",
        "key_arn": "arn:aws:kms:us-east-1:111111111111:key/0a1b",
    }
    return wish.cluster_of(ANN, spec, wish.tags_of(ROOT, ANN, spec, wish.expiry(ANN, NOW)), platform)


@pytest.fixture(scope="session")
def recorded(cluster: Cluster) -> str:
    """What the program declares for it, as JSON."""
    code, output = python.run(ROOT, lifecycle.RECORD, given=to_json(cluster), variables=os.environ)
    assert code == 0, output
    return output


@pytest.fixture
def declared(recorded: str) -> Any:
    """The same to be changed by a test."""
    return json.loads(recorded)
