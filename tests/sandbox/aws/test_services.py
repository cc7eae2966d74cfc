"""What the gateway adds to services, each through its life: made, read back, changed, deleted."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.aws.accounts import Door
from sandbox.lifecycle import Sandbox

pytestmark = pytest.mark.sandbox

DEV, PROD = "111111111111", "222222222222"


@pytest.fixture
def door(sandbox: Sandbox) -> Door:
    return Door(sandbox.endpoint)


@pytest.fixture
def cluster(door: Door) -> dict[str, Any]:
    """An idle cluster of fleets in dev: {"client", "id"}."""
    iam, emr = door.client("iam", DEV), door.client("emr", DEV)
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    for role in ("gateway-node", "gateway-service"):
        try:
            iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust)
        except iam.exceptions.EntityAlreadyExistsException:
            return {"client": emr, "id": _start(emr)}
    iam.create_instance_profile(InstanceProfileName="gateway-node")
    iam.add_role_to_instance_profile(InstanceProfileName="gateway-node", RoleName="gateway-node")
    return {"client": emr, "id": _start(emr)}


def _start(emr: Any) -> str:
    volume = {"VolumeSpecification": {"VolumeType": "gp3", "SizeInGB": 64}, "VolumesPerInstance": 2}
    primary = {
        "InstanceFleetType": "MASTER",
        "Name": "primary",
        "TargetOnDemandCapacity": 1,
        "InstanceTypeConfigs": [
            {"InstanceType": "m6i.xlarge", "EbsConfiguration": {"EbsBlockDeviceConfigs": [volume]}}
        ],
    }
    answer = emr.run_job_flow(
        Name="gateway",
        ReleaseLabel="emr-7.14.0",
        JobFlowRole="gateway-node",
        ServiceRole="gateway-service",
        LogEncryptionKmsKeyId="arn:aws:kms:us-east-1:111111111111:key/1",
        Instances={
            "InstanceFleets": [primary],
            "Ec2SubnetIds": ["subnet-a", "subnet-b"],
            "KeepJobFlowAliveWhenNoSteps": True,
            "UnhealthyNodeReplacement": True,
        },
        AutoTerminationPolicy={"IdleTimeout": 3600},
        ManagedScalingPolicy=_scaling(8),
    )
    return str(answer["JobFlowId"])


def _scaling(most: int) -> dict[str, Any]:
    limits = {"UnitType": "InstanceFleetUnits", "MinimumCapacityUnits": 1, "MaximumCapacityUnits": most}
    return {"ComputeLimits": limits}


def test_emr_cluster_shows_what_it_was_started_with(cluster: dict[str, Any]) -> None:
    shown = cluster["client"].describe_cluster(ClusterId=cluster["id"])["Cluster"]
    assert shown["InstanceCollectionType"] == "INSTANCE_FLEET"
    assert shown["Ec2InstanceAttributes"]["RequestedEc2SubnetIds"] == ["subnet-a", "subnet-b"]
    assert shown["LogEncryptionKmsKeyId"].endswith("key/1")
    assert shown["UnhealthyNodeReplacement"] is True


def test_emr_fleets_are_listed_added_and_resized(cluster: dict[str, Any]) -> None:
    emr, cluster_id = cluster["client"], cluster["id"]
    emr.get_waiter("cluster_running").wait(ClusterId=cluster_id, WaiterConfig={"Delay": 1})
    (primary,) = emr.list_instance_fleets(ClusterId=cluster_id)["InstanceFleets"]
    assert (primary["Status"]["State"], primary["ProvisionedOnDemandCapacity"]) == ("RUNNING", 1)
    devices = [each["Device"] for each in primary["InstanceTypeSpecifications"][0]["EbsBlockDevices"]]
    assert devices == ["/dev/sdb", "/dev/sdc"]
    task = {
        "InstanceFleetType": "TASK",
        "TargetSpotCapacity": 1,
        "InstanceTypeConfigs": [{"InstanceType": "r5.xlarge"}],
    }
    fleet_id = emr.add_instance_fleet(ClusterId=cluster_id, InstanceFleet=task)["InstanceFleetId"]
    emr.modify_instance_fleet(
        ClusterId=cluster_id, InstanceFleet={"InstanceFleetId": fleet_id, "TargetSpotCapacity": 4}
    )
    fleets = {each["Id"]: each for each in emr.list_instance_fleets(ClusterId=cluster_id)["InstanceFleets"]}
    assert fleets[fleet_id]["ProvisionedSpotCapacity"] == 4
    emr.terminate_job_flows(JobFlowIds=[cluster_id])
    emr.get_waiter("cluster_terminated").wait(ClusterId=cluster_id, WaiterConfig={"Delay": 1})
    ended = emr.list_instance_fleets(ClusterId=cluster_id)["InstanceFleets"]
    assert {each["Status"]["State"] for each in ended} == {"TERMINATED"}


def test_emr_policies_are_put_read_and_removed(cluster: dict[str, Any]) -> None:
    emr, cluster_id = cluster["client"], cluster["id"]
    assert emr.get_managed_scaling_policy(ClusterId=cluster_id)["ManagedScalingPolicy"] == _scaling(8)
    assert emr.get_auto_termination_policy(ClusterId=cluster_id)["AutoTerminationPolicy"] == {"IdleTimeout": 3600}
    emr.put_managed_scaling_policy(ClusterId=cluster_id, ManagedScalingPolicy=_scaling(20))
    emr.put_auto_termination_policy(ClusterId=cluster_id, AutoTerminationPolicy={"IdleTimeout": 60})
    assert emr.get_managed_scaling_policy(ClusterId=cluster_id)["ManagedScalingPolicy"] == _scaling(20)
    emr.remove_managed_scaling_policy(ClusterId=cluster_id)
    emr.remove_auto_termination_policy(ClusterId=cluster_id)
    assert "ManagedScalingPolicy" not in emr.get_managed_scaling_policy(ClusterId=cluster_id)
    assert "AutoTerminationPolicy" not in emr.get_auto_termination_policy(ClusterId=cluster_id)


def test_emr_cluster_of_another_account_is_unknown(door: Door, cluster: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="is not valid"):
        door.client("emr", PROD).list_instance_fleets(ClusterId=cluster["id"])


def test_emr_studio(door: Door) -> None:
    emr = door.client("emr", DEV)
    studio_id = emr.create_studio(
        Name="notebooks", AuthMode="IAM", VpcId="vpc-1", SubnetIds=["subnet-a"], ServiceRole="r",
        WorkspaceSecurityGroupId="sg-1", EngineSecurityGroupId="sg-2", DefaultS3Location="s3://b/notebooks",
    )["StudioId"]  # fmt: skip
    emr.update_studio(StudioId=studio_id, Description="of engineers")
    assert emr.describe_studio(StudioId=studio_id)["Studio"]["Description"] == "of engineers"
    assert [each["StudioId"] for each in emr.list_studios()["Studios"]] == [studio_id]
    mapping = {"StudioId": studio_id, "IdentityType": "USER", "IdentityName": "ada"}
    emr.create_studio_session_mapping(**mapping, SessionPolicyArn="arn:aws:iam::111111111111:policy/p1")
    emr.update_studio_session_mapping(**mapping, SessionPolicyArn="arn:aws:iam::111111111111:policy/p2")
    assert emr.get_studio_session_mapping(**mapping)["SessionMapping"]["SessionPolicyArn"].endswith("p2")
    emr.delete_studio_session_mapping(**mapping)
    emr.delete_studio(StudioId=studio_id)
    with pytest.raises(ClientError, match="does not exist"):
        emr.describe_studio(StudioId=studio_id)


def test_ec2_instance_keeps_its_protection_groups_and_monitoring(door: Door) -> None:
    ec2 = door.client("ec2", DEV)
    subnet = ec2.describe_subnets()["Subnets"][0]
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=subnet["VpcId"])["GroupId"]
    interface = {
        "DeviceIndex": 0,
        "SubnetId": subnet["SubnetId"],
        "AssociatePublicIpAddress": False,
        "Groups": [group],
    }
    arguments = {"MinCount": 1, "MaxCount": 1, "DisableApiTermination": True, "NetworkInterfaces": [interface]}
    (instance,) = ec2.run_instances(ImageId="ami-0a1b2c3d4e5f60718", **arguments)["Instances"]
    which = {"InstanceIds": [instance["InstanceId"]]}
    ec2.monitor_instances(**which)
    shown = ec2.describe_instances(**which)["Reservations"][0]["Instances"][0]
    assert [each["GroupId"] for each in shown["SecurityGroups"]] == [group]
    assert shown["Monitoring"] == {"State": "enabled"}
    assert "Association" not in shown["NetworkInterfaces"][0]
    with pytest.raises(ClientError, match="may not be terminated"):
        ec2.terminate_instances(**which)


def test_ec2_rules_keep_their_descriptions_and_absent_ones_are_revoked_in_peace(door: Door) -> None:
    ec2 = door.client("ec2", DEV)
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    group = ec2.create_security_group(GroupName="rules", Description="d", VpcId=vpc)["GroupId"]
    peers = {
        "UserIdGroupPairs": [{"GroupId": group, "Description": "among themselves"}],
        "PrefixListIds": [{"PrefixListId": "pl-63a5400a", "Description": "S3"}],
    }
    permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[{**permission, **peers}])
    mine = [{"Name": "group-id", "Values": [group]}]
    rules = [
        each for each in ec2.describe_security_group_rules(Filters=mine)["SecurityGroupRules"] if not each["IsEgress"]
    ]
    assert {each["Description"] for each in rules} == {"among themselves", "S3"}
    absent = {"IpRanges": [{"CidrIp": "10.0.0.0/8"}], "PrefixListIds": peers["PrefixListIds"]}
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[{**permission, **absent}])
    rules = [
        each for each in ec2.describe_security_group_rules(Filters=mine)["SecurityGroupRules"] if not each["IsEgress"]
    ]
    assert [each["Description"] for each in rules] == ["among themselves"]


def test_rds_instances_are_told_apart_and_parameters_have_a_source(door: Door) -> None:
    rds = door.client("rds", DEV)
    group = {"DBParameterGroupName": "authority"}
    rds.create_db_parameter_group(**group, DBParameterGroupFamily="postgres18", Description="d")
    ssl = {"ParameterName": "rds.force_ssl", "ParameterValue": "1", "ApplyMethod": "immediate"}
    rds.modify_db_parameter_group(**group, Parameters=[ssl])
    assert rds.describe_db_parameters(**group)["Parameters"][0]["Source"] == "user"
    instances = [
        rds.create_db_instance(
            DBInstanceIdentifier=name, DBInstanceClass="db.m6g.large", Engine="postgres", AllocatedStorage=20,
            MasterUsername="admin1", ManageMasterUserPassword=True, EnablePerformanceInsights=True,
        )["DBInstance"]
        for name in ("one", "two")
    ]  # fmt: skip
    assert instances[0]["DbiResourceId"] != instances[1]["DbiResourceId"]
    assert instances[0]["PerformanceInsightsEnabled"] is True
    assert instances[0]["CACertificateIdentifier"] == "rds-ca-rsa2048-g1"
    assert instances[0]["MasterUserSecret"]["SecretArn"]


def test_glue_connection_has_a_type_and_an_end(door: Door) -> None:
    glue = door.client("glue", DEV)
    connection = {"Name": "warehouse", "ConnectionType": "NETWORK", "ConnectionProperties": {}}
    glue.create_connection(ConnectionInput=connection)
    assert glue.get_connection(Name="warehouse")["Connection"]["ConnectionType"] == "NETWORK"
    glue.delete_connection(ConnectionName="warehouse")
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.delete_connection(ConnectionName="warehouse")


def test_s3_access_logs_need_the_statement_that_allows_their_prefix(door: Door) -> None:
    s3 = door.client("s3", DEV)
    for bucket in ("logged", "logs"):
        s3.create_bucket(Bucket=bucket)
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": ["logging.s3.amazonaws.com"]},
        "Action": ["s3:PutObject"],
        "Resource": ["arn:aws:s3:::logs/s3/*"],
    }
    s3.put_bucket_policy(Bucket="logs", Policy=json.dumps({"Version": "2012-10-17", "Statement": [allow]}))
    target = {"TargetBucket": "logs", "TargetPrefix": "s3/logged/"}
    s3.put_bucket_logging(Bucket="logged", BucketLoggingStatus={"LoggingEnabled": target})
    assert s3.get_bucket_logging(Bucket="logged")["LoggingEnabled"] == target
    elsewhere = {**target, "TargetPrefix": "elsewhere/"}
    with pytest.raises(ClientError, match="InvalidTargetBucketForLogging"):
        s3.put_bucket_logging(Bucket="logged", BucketLoggingStatus={"LoggingEnabled": elsewhere})


def test_redshift_cluster_with_managed_password_parameters_and_roles(door: Door) -> None:
    redshift, secrets = door.client("redshift", DEV), door.client("secretsmanager", DEV)
    group = {"ParameterGroupName": "warehouse"}
    redshift.create_cluster_parameter_group(**group, ParameterGroupFamily="redshift-1.0", Description="d")
    ssl = {"ParameterName": "require_ssl", "ParameterValue": "true"}
    redshift.modify_cluster_parameter_group(**group, Parameters=[ssl])
    listed = redshift.describe_cluster_parameters(**group, Source="user")["Parameters"]
    assert [(each["ParameterName"], each["ParameterValue"]) for each in listed] == [("require_ssl", "true")]
    redshift.create_cluster(
        ClusterIdentifier="warehouse", NodeType="ra3.xlplus", MasterUsername="admin", ManageMasterPassword=True,
        NumberOfNodes=2, ClusterType="multi-node", ClusterParameterGroupName="warehouse",
    )  # fmt: skip
    (cluster,) = redshift.describe_clusters(ClusterIdentifier="warehouse")["Clusters"]
    assert [node["NodeRole"] for node in cluster["ClusterNodes"]] == ["LEADER", "COMPUTE-0", "COMPUTE-1"]
    assert (cluster["ClusterAvailabilityStatus"], cluster["MultiAZ"]) == ("Available", "Disabled")
    secret = json.loads(secrets.get_secret_value(SecretId=cluster["MasterPasswordSecretArn"])["SecretString"])
    assert secret["username"] == "admin"
    assert len(secret["password"]) >= 32
    role = "arn:aws:iam::111111111111:role/warehouse"
    redshift.modify_cluster_iam_roles(ClusterIdentifier="warehouse", AddIamRoles=[role])
    (cluster,) = redshift.describe_clusters(ClusterIdentifier="warehouse")["Clusters"]
    assert [each["IamRoleArn"] for each in cluster["IamRoles"]] == [role]
    redshift.delete_cluster(ClusterIdentifier="warehouse", SkipFinalClusterSnapshot=True)
    redshift.delete_cluster_parameter_group(**group)
    with pytest.raises(secrets.exceptions.ResourceNotFoundException):
        secrets.describe_secret(SecretId=cluster["MasterPasswordSecretArn"])


def test_redshift_snapshot_schedule(door: Door) -> None:
    redshift = door.client("redshift", DEV)
    schedule = {"ScheduleIdentifier": "nightly"}
    redshift.create_snapshot_schedule(**schedule, ScheduleDefinitions=["rate(12 hours)"])
    redshift.modify_snapshot_schedule(**schedule, ScheduleDefinitions=["rate(8 hours)"])
    redshift.modify_cluster_snapshot_schedule(ClusterIdentifier="c", **schedule)
    (shown,) = redshift.describe_snapshot_schedules(ClusterIdentifier="c")["SnapshotSchedules"]
    assert shown["ScheduleDefinitions"] == ["rate(8 hours)"]
    redshift.delete_snapshot_schedule(**schedule)
    assert redshift.describe_snapshot_schedules(**schedule)["SnapshotSchedules"] == []
    with pytest.raises(ClientError, match="SnapshotScheduleNotFound"):
        redshift.delete_snapshot_schedule(**schedule)


def test_mwaa_environment(sandbox: Sandbox, door: Door) -> None:
    credentials = door.credentials(PROD)
    mwaa = boto3.client(
        "mwaa", region_name="us-east-1", endpoint_url=sandbox.endpoint, config=Config(inject_host_prefix=False),
        aws_access_key_id=credentials["AWS_ACCESS_KEY_ID"], aws_secret_access_key=credentials["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=credentials["AWS_SESSION_TOKEN"],
    )  # fmt: skip
    arn = mwaa.create_environment(
        Name="airflow", DagS3Path="dags/", ExecutionRoleArn=f"arn:aws:iam::{PROD}:role/airflow", Tags={"a": "b"},
        SourceBucketArn="arn:aws:s3:::airflow", NetworkConfiguration={"SubnetIds": ["subnet-a", "subnet-b"]},
        LoggingConfiguration={"TaskLogs": {"Enabled": True, "LogLevel": "WARNING"}},
    )["Arn"]  # fmt: skip
    assert arn == f"arn:aws:airflow:us-east-1:{PROD}:environment/airflow"
    mwaa.update_environment(Name="airflow", MaxWorkers=4)
    shown = mwaa.get_environment(Name="airflow")["Environment"]
    assert (shown["Status"], shown["MaxWorkers"], shown["MinWorkers"]) == ("AVAILABLE", 4, 1)
    assert shown["LoggingConfiguration"]["TaskLogs"]["LogLevel"] == "WARNING"
    assert shown["LoggingConfiguration"]["WorkerLogs"]["Enabled"] is False
    mwaa.tag_resource(ResourceArn=arn, Tags={"c": "d"})
    mwaa.untag_resource(ResourceArn=arn, tagKeys=["a"])
    assert mwaa.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"c": "d"}
    assert mwaa.list_environments()["Environments"] == ["airflow"]
    mwaa.delete_environment(Name="airflow")
    with pytest.raises(mwaa.exceptions.ResourceNotFoundException):
        mwaa.get_environment(Name="airflow")


def test_budget_with_subscribers_and_tags(door: Door) -> None:
    budgets = door.client("budgets", DEV)
    notification = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0}
    people = [{"SubscriptionType": "EMAIL", "Address": f"{name}@meridian.example"} for name in ("a", "b")]
    budgets.create_budget(
        AccountId=DEV, ResourceTags=[{"Key": "owner", "Value": "platform"}],
        Budget={"BudgetName": "monthly", "BudgetLimit": {"Amount": "100", "Unit": "USD"}, "TimeUnit": "MONTHLY", "BudgetType": "COST"},  # noqa: E501
        NotificationsWithSubscribers=[{"Notification": notification, "Subscribers": people[:1]}],
    )  # fmt: skip
    which = {"AccountId": DEV, "BudgetName": "monthly", "Notification": notification}
    budgets.create_subscriber(**which, Subscriber=people[1])
    assert budgets.describe_subscribers_for_notification(**which)["Subscribers"] == people
    tags = budgets.list_tags_for_resource(ResourceARN=f"arn:aws:budgets::{DEV}:budget/monthly")["ResourceTags"]
    assert tags == [{"Key": "owner", "Value": "platform"}]
    budgets.delete_subscriber(**which, Subscriber=people[0])
    assert budgets.describe_subscribers_for_notification(**which)["Subscribers"] == people[1:]
    budgets.delete_budget(AccountId=DEV, BudgetName="monthly")
    with pytest.raises(budgets.exceptions.NotFoundException):
        budgets.describe_subscribers_for_notification(**which)


def test_ebs_default_key(door: Door) -> None:
    ec2 = door.client("ec2", PROD)
    assert ec2.get_ebs_default_kms_key_id()["KmsKeyId"].endswith(":alias/aws/ebs")
    key = door.client("kms", PROD).create_key()["KeyMetadata"]["Arn"]
    ec2.modify_ebs_default_kms_key_id(KmsKeyId=key)
    assert ec2.get_ebs_default_kms_key_id()["KmsKeyId"] == key
    assert ec2.reset_ebs_default_kms_key_id()["KmsKeyId"].endswith(":alias/aws/ebs")


def test_anomaly_monitor_and_subscription(door: Door) -> None:
    costs = door.client("ce", DEV)
    monitor = {"MonitorName": "services", "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}
    arn = costs.create_anomaly_monitor(AnomalyMonitor=monitor)["MonitorArn"]
    costs.update_anomaly_monitor(MonitorArn=arn, MonitorName="all services")
    assert costs.get_anomaly_monitors()["AnomalyMonitors"][0]["MonitorName"] == "all services"
    assert door.client("ce", PROD).get_anomaly_monitors()["AnomalyMonitors"] == []
    subscription = costs.create_anomaly_subscription(
        AnomalySubscription={"SubscriptionName": "s", "MonitorArnList": [arn], "Frequency": "DAILY",
                             "Subscribers": [{"Type": "EMAIL", "Address": "a@meridian.example"}]}
    )["SubscriptionArn"]  # fmt: skip
    assert costs.get_anomaly_subscriptions(SubscriptionArnList=[subscription])["AnomalySubscriptions"]
    costs.delete_anomaly_subscription(SubscriptionArn=subscription)
    costs.delete_anomaly_monitor(MonitorArn=arn)
    assert costs.get_anomaly_monitors(MonitorArnList=[arn])["AnomalyMonitors"] == []
