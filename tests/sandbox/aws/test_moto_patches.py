"""What moto alone answers otherwise than AWS, and the Terraform provider notices."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from sandbox.aws.accounts import Door

pytestmark = pytest.mark.sandbox

DEV, PROD = "111111111111", "222222222222"


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
