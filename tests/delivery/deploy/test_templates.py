"""Tenants' CloudFormation stacks in whole deploys: Git makes, changes and deletes them; data goes by approval alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from delivery import aws
from delivery.cloudformation.approving import Destructive
from delivery.deploy import templates
from delivery.deploy.permission import ApprovalNeeded
from delivery.deploy.place import Hands
from delivery.deploy.run import deploy
from delivery.deploy.templates import SameName, StacksLeft, _require_other_names
from delivery.errors import Interrupted
from delivery.supervision import Interruption
from delivery.workspace import StackId
from sandbox.aws.services.cloudformation import cloudformation as service
from tests.delivery.cloudformation.conftest import wanted
from tests.delivery.deploy.conftest import REPOSITORY, Silent, World, make_world

pytestmark = pytest.mark.terraform
LINTED: list[set[str]] = []
"""What cfn-lint was asked about."""
TOPIC = """
Parameters:
  Organisation: {Type: String}
  Environment: {Type: String}
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties: {TopicName: !Sub "${Organisation}-${Environment}-annuity-events"}
"""
MORE = TOPIC + "  More: {Type: AWS::SNS::Topic, Properties: {TopicName: annuity-more}}\n"
QUEUE = """  Queue:
    Type: AWS::SQS::Queue
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties: {QueueName: annuity-in}
"""


@pytest.fixture(scope="module")
def shared(s3: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world whose tenant has a spec, so that it can have templates; its dev is deployed without one."""
    service.install()  # moto keeps the protection of stacks, and lets nobody change it
    made = make_world(s3, tmp_path_factory.mktemp("templates"))
    shutil.copytree(REPOSITORY / "tenants/annuity", made.root / "tenants/annuity")
    for name in ("annuity", "runtime"):
        shutil.copytree(REPOSITORY / "spark_jobs" / name, made.root / "spark_jobs" / name, dirs_exist_ok=True)
    made.commit("a tenant")
    made.deploy("dev", made.publish(made.build(), "dev"))
    with pytest.MonkeyPatch.context() as patched:  # cfn-lint takes seconds, and has tests of its own
        patched.setattr(templates, "lint", lambda root, paths, region: LINTED.append(set(paths)))
        yield made


@pytest.fixture
def tenant(shared: World) -> Iterator[World]:
    """The shared world without a template, and without a stack."""
    LINTED.clear()
    yield shared
    shutil.rmtree(shared.root / "tenants/annuity/cloudformation", ignore_errors=True)
    for environment in ("dev", "prod"):
        account = cloud(shared, environment)
        for name in stacks(shared, environment):
            account.delete_stack(StackName=name)


def cloud(world: World, environment: str = "dev") -> Any:
    return aws.client("cloudformation", world.place(environment).spec, world.variables)


def stacks(world: World, environment: str = "dev") -> dict[str, str]:
    """`{stack: status}` of the account."""
    return {item["StackName"]: item["StackStatus"] for item in cloud(world, environment).describe_stacks()["Stacks"]}


def waiting(world: World, environment: str = "dev") -> list[str]:
    """Change sets that somebody could still execute."""
    account = cloud(world, environment)
    return [
        item["ChangeSetName"]
        for name in stacks(world, environment)
        for item in account.list_change_sets(StackName=name)["Summaries"]
        if item["StackName"] == name and item["ExecutionStatus"] == "AVAILABLE"
    ]


def write(world: World, text: str, name: str = "events") -> None:
    """Have Git hold a template; an empty text takes it away."""
    path = world.root / f"tenants/annuity/cloudformation/{name}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text) if text else path.unlink()
    world.commit(name)


def name_of(world: World, name: str = "events", environment: str = "dev") -> str:
    return f"{world.place(environment).spec.organisation}-{environment}-annuity-{name}"


def released(world: World) -> str:
    return world.publish(world.build(), "dev")


def test_git_makes_changes_and_deletes_a_stack(tenant: World) -> None:
    world, name = tenant, name_of(tenant)
    key = f"dev/{name}"
    tags = {"env": "dev", "tenant": "left", "sluice-template": "events"}
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    cloud(world).create_stack(StackName="of-a-tenant-that-left", TemplateBody="Resources: {}", Tags=listed)
    write(world, TOPIC)
    assert world.deploy("dev", released(world)).state == "verified"
    assert stacks(world) == {"of-a-tenant-that-left": "CREATE_COMPLETE", name: "CREATE_COMPLETE"}
    assert world.judged == [["dev/annuity"]]  # a template is judged beside the plan of its tenant
    assert [{"tenants/annuity/cloudformation/events.yaml"}] == LINTED
    assert world.place("dev").ledger.history()[-2].plans.keys() == {key}

    assert world.deploy("dev", released(world)).state == "unchanged"
    assert (world.judged, len(LINTED)) == ([], 1)

    write(world, MORE)
    assert world.deploy("dev", released(world)).state == "verified"
    assert stacks(world)[name] == "UPDATE_COMPLETE"
    assert [line for line in world.watcher.said if line.startswith("apply")] == [f"apply {key}"]

    write(world, "")
    assert world.deploy("dev", released(world)).state == "verified"
    assert list(stacks(world)) == ["of-a-tenant-that-left"]
    assert waiting(world) == []


def test_nobody_asked_nothing_lost(tenant: World) -> None:
    """Without approvers, data goes only by the digest of that very change set, given to the verb of its own."""
    world = tenant
    write(world, TOPIC + QUEUE)
    world.deploy("dev", released(world))
    write(world, TOPIC)
    events = world.events("dev")
    with pytest.raises(Destructive, match="remove Queue") as refused:
        world.deploy("dev", released(world))
    (plan,) = refused.value.plans
    verb = f"sluice cloudformation apply --env dev --tenant annuity --approve {plan.digest}"
    assert verb in refused.value.fix
    assert refused.value.exit_code == 1
    assert (waiting(world), world.events("dev")) == ([], events)
    outcome = world.deploy("dev", released(world), plan_only=True)
    assert [shown.digest for shown in outcome.batch.templates] == [plan.digest]
    assert waiting(world) == []


def test_production_approves_terraform_and_templates_by_one_request(tenant: World) -> None:
    world, key = tenant, f"prod/{name_of(tenant, environment='prod')}"
    write(world, TOPIC + QUEUE)
    world.pinned()
    world.deploy(plan_only=True)
    assert world.request().deploy.plans.keys() == {"prod/platform"}
    world.approve()
    with pytest.raises(ApprovalNeeded, match=f"2 plans wait for approval: prod/annuity, {key}"):
        world.deploy()
    assert (stacks(world, "prod"), waiting(world, "prod")) == ({}, [])
    assert "prod/annuity: its CloudFormation stacks wait for it" in world.watcher.said
    assert world.judged == [["prod/platform"], ["prod/annuity", "prod/platform"]]
    assert "add" in world.request().summaries[key]["counts"]
    assert key in (world.root / ".sluice/deploy/prod/summary.md").read_text()
    world.approve()
    assert world.deploy().state == "verified"
    assert list(stacks(world, "prod").values()) == ["CREATE_COMPLETE"]

    write(world, TOPIC)
    world.pinned()
    with pytest.raises(ApprovalNeeded):
        world.deploy()
    assert world.request().deploy.plans.keys() == {key}
    assert [item["address"] for item in world.request().summaries[key]["destructive"]] == ["Queue"]
    world.approve()
    by_hand(world, MORE + QUEUE)
    with pytest.raises(ApprovalNeeded) as refused:
        world.deploy()
    assert f"{key}: the plan is another one now" in refused.value.reasons[0]
    world.approve()
    assert world.deploy().state == "verified"
    assert waiting(world, "prod") == []

    for text, left in (("", 0), (TOPIC + QUEUE, 1)):  # it goes, and comes again: that is approved anew
        write(world, text)
        world.pinned()
        world.deploy(plan_only=True)
        assert waiting(world, "prod") == []
        world.approve()
        assert world.deploy().state == "verified"
        assert len(stacks(world, "prod")) == left


def by_hand(world: World, text: str) -> None:
    """Have somebody change the stack of production in the console."""
    values = {"Organisation": world.place("prod").spec.organisation, "Environment": "prod"}
    account, name = cloud(world, "prod"), name_of(world, environment="prod")
    tags = account.describe_stacks(StackName=name)["Stacks"][0]["Tags"]
    parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]
    account.update_stack(StackName=name, TemplateBody=text, Parameters=parameters, Tags=tags)


class RollsBack:
    """moto's client, whose stacks roll back as soon as a change set is executed."""

    def __init__(self, real: Any) -> None:
        self.real, self.has_failed = real, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def execute_change_set(self, **_: str) -> None:
        self.has_failed = True

    def describe_stacks(self, **which: str) -> Any:
        found = self.real.describe_stacks(**which)
        for stack in found["Stacks"] if self.has_failed else ():
            stack |= {"StackStatus": "ROLLBACK_COMPLETE", "StackStatusReason": "The topic is not wanted"}
        return found


def test_a_stack_that_fails_fails_the_deploy_and_is_made_by_the_next(
    tenant: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, name = tenant, name_of(tenant)
    write(world, TOPIC)
    write(world, MORE.replace("events", "facts"), "facts")
    with monkeypatch.context() as patched:
        real = aws.client
        patched.setattr(aws, "client", lambda *arguments: RollsBack(real(*arguments)))
        with pytest.raises(StacksLeft, match="ROLLBACK_COMPLETE") as failed:
            world.deploy("dev", released(world))
    assert "The topic is not wanted" in str(failed.value)
    assert f"not tried, because a stack before them failed: dev/{name_of(world, 'facts')}" in str(failed.value)
    assert failed.value.exit_code == 3
    assert world.events("dev")[-2:] == ["started", "failed"]
    assert f"dev/{name}: was not done" in world.place("dev").ledger.history()[-1].note
    assert waiting(world) == []

    assert world.deploy("dev", released(world)).state == "verified"
    assert set(stacks(world).values()) == {"CREATE_COMPLETE"}


class Interrupting(Silent):
    """Somebody who presses Ctrl-C when the change set of a stack is there."""

    def __init__(self, interruption: Interruption) -> None:
        super().__init__()
        self.interruption = interruption

    def planned(self, stack: StackId, text: str, **_: Any) -> None:
        if stack.name.endswith("-events"):
            self.interruption.request()


def test_an_interruption_leaves_nothing(tenant: World) -> None:
    world, interruption, events = tenant, Interruption(), tenant.events("dev")
    write(world, TOPIC)
    watcher = Interrupting(interruption)
    hands = Hands(world._gate, world._smoke, watcher, watcher.said.append, "me", interruption)
    with pytest.raises(Interrupted):
        deploy(world.place("dev"), hands, released(world))
    assert (stacks(world), world.events("dev")) == ({}, events)


def test_an_environment_without_templates_pays_one_call(tenant: World, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    world, real = tenant, aws.client

    def recorded(*arguments: Any) -> Any:
        made = real(*arguments)
        made.meta.events.register("before-call.cloudformation", lambda model, **_: calls.append(model.name))
        return made

    monkeypatch.setattr(aws, "client", recorded)
    world.deploy("dev", released(world), plan_only=True)
    assert calls == ["DescribeStacks"]


def test_a_stack_is_never_called_as_a_tenant() -> None:
    item = wanted("store")
    with pytest.raises(SameName, match=item.name):
        _require_other_names([item], {item.name, "platform"})
