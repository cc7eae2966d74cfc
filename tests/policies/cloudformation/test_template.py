"""Templates in Terraform's words: what the same checks say about a sound one, and about one with one thing wrong."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from policies.artefacts.cloudformation import Template
from policies.check import Context, PlanRule, Resource, ResourceCheck, Undecided, Unknown, Warn
from policies.checks.emr import (
    emr_cluster_driver_on_demand,
    emr_cluster_scaling_bounded,
    emr_cluster_without_ssh_key,
    emr_data_at_rest_encrypted,
    emr_no_shell_ingress,
    emr_task_fleet_diversified,
)
from policies.data import cloudformation_types
from policies.data.cloudformation_types import types_of
from policies.plan import Plan

GOOD = (Path(__file__).parent / "good.yaml").read_text()
CONTEXT = Context("prod", "annuity", dt.date(2026, 11, 23), True, "meridian", "222222222222", "us-east-1", ("annuity",))


def template(text: str) -> Template:
    return Template("tenants/annuity/cloudformation/store.yaml", text, CONTEXT)


def one(found: Template, type: str) -> Resource:
    return found.as_plan().of_type(type)[0]


def problems(check: ResourceCheck | PlanRule, text: str, type: str) -> list[str]:
    plan = template(text).as_plan()
    found = (
        check.judge(plan.of_type(type)[0], plan) if isinstance(check, PlanRule) else check.judge(plan.of_type(type)[0])
    )
    return [problem for problem in found if not isinstance(problem, Warn)]


def test_a_bucket_becomes_all_its_terraform_resources() -> None:
    plan = template(GOOD).as_plan()
    bucket = one(template(GOOD), "aws_s3_bucket")
    for type in ("policy", "versioning", "public_access_block", "ownership_controls", "logging"):
        assert len(plan.referring(bucket, f"aws_s3_bucket_{type}", "bucket")) == 1, type
    encryption = one(template(GOOD), "aws_s3_bucket_server_side_encryption_configuration")
    default = encryption.block("rule").block("apply_server_side_encryption_by_default")
    assert default.get("kms_master_key_id") == one(template(GOOD), "aws_kms_key").get("arn")


def test_functions_are_worked_out() -> None:
    found = template(GOOD)
    policy = one(found, "aws_s3_bucket_policy").policy("policy")
    bucket = "arn:aws:s3:::meridian-prod-annuity-rejected"
    assert policy.statements[0].resources == (bucket, f"{bucket}/*")
    role = one(found, "aws_iam_role")
    assert role.get("permissions_boundary") == "arn:aws:iam::222222222222:policy/meridian-prod-annuity-boundary"
    rule = one(found, "aws_s3_bucket_lifecycle_configuration").block("rule")
    assert rule.block("expiration").get("days") == 2555
    assert one(found, "aws_s3_bucket_logging").get("target_bucket") == "meridian-prod-platform-logs"


@pytest.mark.parametrize(
    "value",
    [
        "!Ref NoDefault",
        "!Ref FromStore",
        "!Ref AWS::StackName",
        "!ImportValue key",
        "!If [Small, a, b]",
        "!Sub '${NoDefault}-x'",
        "!GetAtt Elsewhere.Arn",
        "!Ref Elsewhere",
        "'{{resolve:ssm:/meridian/prod/x}}'",
        "!Select [3, [a, b]]",
        "!FindInMap [No, such, map]",
        "!Join ['-', !Split ['/', a/b]]",
        "{'Fn::Transform': {Name: 'AWS::Include'}}",
    ],
)
def test_what_a_template_does_not_show_is_unknown(value: str) -> None:
    text = f"""
Parameters:
  NoDefault: {{Type: String}}
  FromStore: {{Type: 'AWS::SSM::Parameter::Value<String>', Default: /meridian/prod/x}}
Resources:
  Queue: {{Type: AWS::SQS::Queue, Properties: {{QueueName: {value}}}}}
"""
    with pytest.raises(Undecided):
        one(template(text), "aws_sqs_queue").get("name")


def test_a_name_that_is_not_there_yet_still_links() -> None:
    found = template("""
Resources:
  Data: {Type: AWS::S3::Bucket, Properties: {VersioningConfiguration: {Status: Enabled}}}
  Policy: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: !Ref Data, PolicyDocument: {Statement: []}}}
""")
    bucket = one(found, "aws_s3_bucket")
    assert isinstance(bucket.values["bucket"], Unknown)
    assert [item.name for item in found.as_plan().referring(bucket, "aws_s3_bucket_policy", "bucket")] == ["Policy"]
    assert [item.name for item in found.as_plan().referring(bucket, "aws_s3_bucket_versioning", "bucket")] == ["Data"]


def test_the_tenants_own_plan_stands_beside() -> None:
    key = Resource("module.key.aws_kms_key.this", "aws_kms_key", {"arn": "arn:x"}, CONTEXT)
    found = template(GOOD)
    plan = found.as_plan(Plan(CONTEXT, [key], {"region": "us-east-1"}))
    assert key in plan.of_type("aws_kms_key")
    assert key not in found.resources


@pytest.mark.parametrize(
    "text", ["[", "a: 1\na: 2", "Resources: [1]", "Resources: {A: 7}", "7", "{<<: {a: 1}, a: 2}", "{a: &x 1, b: *x}"]
)
def test_what_is_no_template_is_undecided(text: str) -> None:
    with pytest.raises(Undecided):
        _ = template(text).resources


def test_versions_of_policies_stay_text() -> None:
    policy = one(template(GOOD), "aws_kms_key").document("policy")
    assert policy.get("Version") == "2012-10-17"


def test_findings_have_a_line() -> None:
    found = template(GOOD)
    path, line = found.locate(one(found, "aws_iam_role").address)
    assert path == found.path
    assert GOOD.splitlines()[line - 1] == "  Reader:"


CLUSTER = """
Resources:
  Cluster:
    Type: AWS::EMR::Cluster
    Properties:
      Name: x
      ReleaseLabel: emr-7.14.0
      Configurations:
        - Classification: yarn-site
          ConfigurationProperties:
            yarn.node-labels.enabled: "true"
            yarn.node-labels.am.default-node-label-expression: ON_DEMAND
      Instances:
        Ec2SubnetIds: [subnet-1]
        EmrManagedMasterSecurityGroup: sg-1
        EmrManagedSlaveSecurityGroup: sg-2
        ServiceAccessSecurityGroup: sg-3
        MasterInstanceFleet: {TargetOnDemandCapacity: 1, InstanceTypeConfigs: [{InstanceType: m5.xlarge}]}
        CoreInstanceFleet: {TargetOnDemandCapacity: 2, InstanceTypeConfigs: [{InstanceType: m5.xlarge}]}
        TaskInstanceFleets:
          - TargetSpotCapacity: 4
            LaunchSpecifications:
              SpotSpecification:
                {AllocationStrategy: capacity-optimized, TimeoutAction: SWITCH_TO_ON_DEMAND, TimeoutDurationMinutes: 10}
            InstanceTypeConfigs:
              [{InstanceType: m5.xlarge}, {InstanceType: m6g.xlarge}, {InstanceType: m6i.xlarge},
               {InstanceType: r5.xlarge}, {InstanceType: c5.xlarge}]
      ManagedScalingPolicy:
        ComputeLimits:
          UnitType: InstanceFleetUnits
          MinimumCapacityUnits: 2
          MaximumCapacityUnits: 6
          MaximumCoreCapacityUnits: 2
          MaximumOnDemandCapacityUnits: 2
"""


def test_clusters_are_judged_by_emrs_checks() -> None:
    assert problems(emr_cluster_driver_on_demand.check, CLUSTER, "aws_emr_cluster") == []
    assert problems(emr_cluster_scaling_bounded.check, CLUSTER, "aws_emr_cluster") == []
    assert problems(emr_cluster_without_ssh_key.check, CLUSTER, "aws_emr_cluster") == []
    assert problems(emr_task_fleet_diversified.check, CLUSTER, "aws_emr_instance_fleet") == []


@pytest.mark.parametrize(
    ("check", "type", "old", "new"),
    [
        (emr_cluster_driver_on_demand.check, "aws_emr_cluster", "expression: ON_DEMAND", "expression: CORE"),
        (
            emr_cluster_scaling_bounded.check,
            "aws_emr_cluster",
            "MaximumCoreCapacityUnits: 2",
            "MaximumCoreCapacityUnits: 6",
        ),
        (emr_cluster_without_ssh_key.check, "aws_emr_cluster", "Ec2SubnetIds", "Ec2KeyName: ops, Ec2SubnetIds"),
        (emr_task_fleet_diversified.check, "aws_emr_instance_fleet", "capacity-optimized", "lowest-price"),
        (emr_task_fleet_diversified.check, "aws_emr_instance_fleet", "r5.xlarge}", "r5.xlarge, BidPrice: '0.1'}"),
    ],
)
def test_one_thing_wrong_in_a_cluster_is_found(check: ResourceCheck, type: str, old: str, new: str) -> None:
    text = CLUSTER.replace(old, new.replace(", ", "\n        ") if "Ec2KeyName" in new else new, 1)
    assert text != CLUSTER
    assert len(problems(check, text, type)) == 1


def test_a_security_configuration_is_a_document() -> None:
    text = """
Resources:
  Configuration:
    Type: AWS::EMR::SecurityConfiguration
    Properties: {SecurityConfiguration: {EncryptionConfiguration: {EnableAtRestEncryption: false, Note: SSE-KMS}}}
"""
    found = problems(emr_data_at_rest_encrypted.check, text, "aws_emr_security_configuration")
    assert "EnableAtRestEncryption is not true" in found


def test_ingress_of_a_security_group() -> None:
    text = """
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: x
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 20, ToPort: 30, CidrIp: 10.0.0.0/8}]
"""
    assert problems(emr_no_shell_ingress.check, text, "aws_security_group") == ["port 22 is let in"]


def test_every_mapped_type_makes_what_some_check_may_ask_for() -> None:
    for name, mapped in cloudformation_types.types().items():
        assert all(part.type.startswith("aws_") for part in mapped.makes), name
    assert types_of("aws_s3_bucket_versioning") == ("AWS::S3::Bucket",)
    assert set(types_of("aws_emr_instance_fleet")) == {"AWS::EMR::Cluster", "AWS::EMR::InstanceFleetConfig"}
