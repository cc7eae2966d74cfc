"""Actions that open ways which no plan shows: who may do one of them leaves the proof undecided."""

from __future__ import annotations

from collections.abc import Iterator

from policies.isolation.access import By, way
from policies.isolation.model import Asset, Problem, World
from policies.isolation.reach import Reach, may

OUT_OF_SIGHT = {
    "arn:aws:iam::{account}:user/*": (
        "iam:CreateUser",
        "iam:CreateAccessKey",
        "iam:CreateLoginProfile",
        "iam:UpdateLoginProfile",
        "iam:PutUserPolicy",
        "iam:AttachUserPolicy",
    ),
    "arn:aws:iam::{account}:role/*": ("iam:CreateRole",),
    "arn:aws:iam::{account}:group/*": ("iam:AddUserToGroup", "iam:PutGroupPolicy", "iam:AttachGroupPolicy"),
    "arn:aws:iam::{account}:*provider/*": (
        "iam:CreateSAMLProvider",
        "iam:UpdateSAMLProvider",
        "iam:CreateOpenIDConnectProvider",
        "iam:AddClientIDToOpenIDConnectProvider",
    ),
    "arn:aws:s3:{region}:{account}:accesspoint/*": ("s3:CreateAccessPoint", "s3:PutAccessPointPolicy"),
    "arn:aws:s3:{region}:{account}:access-grants/*": ("s3:CreateAccessGrant", "s3:GetDataAccess"),
    "arn:aws:cloudformation:{region}:{account}:*": (
        "cloudformation:CreateStack",
        "cloudformation:UpdateStack",
        "cloudformation:ExecuteChangeSet",
        "cloudformation:CreateStackInstances",
        "cloudformation:UpdateStackSet",
    ),
    "arn:aws:cloudtrail:{region}:{account}:trail/*": (
        "cloudtrail:StopLogging",
        "cloudtrail:UpdateTrail",
        "cloudtrail:DeleteTrail",
        "cloudtrail:PutEventSelectors",
    ),
    "arn:aws:elasticmapreduce:{region}:{account}:*": (
        "elasticmapreduce:GetOnClusterAppUIPresignedURL",
        "elasticmapreduce:GetPersistentAppUIPresignedURL",
        "elasticmapreduce:StartNotebookExecution",
    ),
    "arn:aws:ec2:{region}:*": (
        "ec2:CreateSnapshot",
        "ec2:CreateSnapshots",
        "ec2:CopySnapshot",
        "ec2:ModifySnapshotAttribute",
        "ec2:CreateImage",
        "ec2:AttachVolume",
        "ebs:GetSnapshotBlock",
    ),
    "arn:aws:emr-*:{region}:{account}:*": ("emr-containers:StartJobRun", "emr-serverless:StartJobRun"),
    "arn:aws:glue:{region}:{account}:*": (
        "glue:PutResourcePolicy",
        "glue:DeleteResourcePolicy",
        "glue:CreateTrigger",
        "glue:UpdateTrigger",
        "glue:StartTrigger",
        "glue:StartWorkflowRun",
    ),
    "arn:aws:rds:{region}:{account}:*": (
        "rds:ModifyDBInstance",
        "rds:RestoreDBInstanceFromDBSnapshot",
        "rds:RestoreDBInstanceToPointInTime",
        "rds:CreateDBInstanceReadReplica",
        "rds:CreateDBSnapshot",
        "rds:ModifyDBSnapshotAttribute",
        "rds:StartExportTask",
    ),
    "arn:aws:rds-db:{region}:{account}:dbuser:*": ("rds-db:connect",),
    "arn:aws:redshift:{region}:{account}:*": (
        "redshift:ModifyCluster",
        "redshift:RestoreFromClusterSnapshot",
        "redshift:AuthorizeSnapshotAccess",
        "redshift:AuthorizeDataShare",
        "redshift:CreateScheduledAction",
    ),
    "arn:aws:backup:{region}:{account}:*": (
        "backup:StartRestoreJob",
        "backup:StartCopyJob",
        "backup:PutBackupVaultAccessPolicy",
    ),
    "*": (
        "lakeformation:GrantPermissions",
        "lakeformation:BatchGrantPermissions",
        "lakeformation:PutDataLakeSettings",
        "lakeformation:AddLFTagsToResource",
        "lakeformation:GetDataAccess",
        "logs:PutAccountPolicy",
        "ram:CreateResourceShare",
        "sso:AttachManagedPolicyToPermissionSet",
        "sso:CreateAccountAssignment",
        "sso:PutInlinePolicyToPermissionSet",
        "identitystore:CreateGroupMembership",
    ),
}
"""`{resource: actions}`."""


def out_of_sight(who: Reach, tenant: str, world: World) -> Iterator[Problem]:
    """Yield a problem for each Allow by which `who` opens a way that no plan shows."""
    for rule in who.allows:
        for pattern, wanted in OUT_OF_SIGHT.items():
            if not may(rule.statement, *wanted):
                continue
            arn = pattern.format(region=world.region, account=world.account)
            found = way(who, rule, By.IDENTITY, Asset("", "", "", arn), wanted)
            if found:
                why = f"{rule} lets {who.label} {found.action}, and the plans cannot show what comes of it"
                yield Problem(tenant, who.role.address, why)
