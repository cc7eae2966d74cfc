"""What the gateway adds to services, each through its life: made, read back, changed, deleted."""

from __future__ import annotations

import json

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.aws.accounts import Door
from sandbox.lifecycle import Sandbox

pytestmark = pytest.mark.sandbox

DEV, PROD = "111111111111", "222222222222"


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
