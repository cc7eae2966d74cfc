"""Bucket policies that CloudFormation makes: moto passes them over with a warning, and the bucket has none."""

from __future__ import annotations

import json
from typing import Any

from moto.core.common_models import CloudFormationModel
from moto.s3.models import s3_backends

PARTITION = "aws"


class BucketPolicy(CloudFormationModel):  # type: ignore[misc]  # moto is not typed here
    """A policy that a template gives a bucket. moto finds it by its base class."""

    def __init__(self, bucket: str) -> None:
        self.bucket = bucket

    @property
    def physical_resource_id(self) -> str:
        return f"{self.bucket}-policy"

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::S3::BucketPolicy"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **_: Any
    ) -> BucketPolicy:
        said = cloudformation_json["Properties"]
        policy = json.dumps(said["PolicyDocument"]).encode()
        s3_backends[account_id][PARTITION].put_bucket_policy(said["Bucket"], policy)
        return cls(said["Bucket"])

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource: Any, new_resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> BucketPolicy:
        return cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> None:
        s3_backends[account_id][PARTITION].delete_bucket_policy(cloudformation_json["Properties"]["Bucket"])
