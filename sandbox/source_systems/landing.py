"""Putting a delivery into a landing bucket as a source system does: data first, the manifest last."""

from __future__ import annotations

import json
from typing import Any

from sandbox.source_systems.generate import LandingSet


def land(s3_client: Any, bucket: str, landing: LandingSet) -> list[str]:
    """Upload every file and then its manifest; returns the keys in the order of upload.

    Args:
        s3_client: boto3 S3 client with the source system's credentials.
        bucket: the tenant's landing bucket.
        landing: what `generate` made.
    """
    keys = []
    for file in landing.files:
        manifest = json.dumps(file.manifest(), indent=1).encode()
        for key, body in ((file.key, file.content), (file.manifest_key, manifest)):
            s3_client.put_object(Bucket=bucket, Key=key, Body=body, ChecksumAlgorithm="SHA256")
            keys.append(key)
    return keys
