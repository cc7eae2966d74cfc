"""Keeps out of memory what libraries would hold and this cloud, of one region, never answers with.

Decides what is left out, as soon as it is imported, which must be before moto's services. No answer about the region
served changes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.loaders import JSONFileLoader
from moto.utilities import utils

from sandbox.aws.accounts import REGION

OFFERINGS = "instance_type_offerings/"
PARTITION = "aws"
LARGE_OBJECT_BYTES = 1_000_000
"""An S3 object of this size and more lies in a temporary file; a file each for smaller ones would be too many."""


def _install() -> None:
    """Leave out what belongs to other regions and partitions, and Amazon's images; hold service models plainly.

    Of images, an organisation's own are known by their id (`moto_patches.machine_images`); moto's list of Amazon's
    would be made anew in every account. It also makes every account's IAM once for each partition.
    """
    os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")  # kept: roles attach AWS's own policies
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # gives back what COPY read; its own pool keeps it
    os.environ.setdefault("MOTO_S3_DEFAULT_KEY_BUFFER_SIZE", str(LARGE_OBJECT_BYTES))
    utils.load_resource = _of_one_region(utils.load_resource)
    JSONFileLoader._load_file = _load_plainly  # type: ignore[attr-defined]  # its stubs show no private names
    from moto.iam.models import IAMBackend  # noqa: PLC0415 -- only now: it reads the variables when it is imported

    IAMBackend._init_aws_policies = _of_one_partition(IAMBackend._init_aws_policies)


def _of_one_region(original: Callable[[str], Any]) -> Callable[[str], Any]:
    def load_resource(resource: str) -> Any:
        is_elsewhere = OFFERINGS in resource and Path(resource).name.partition(".")[0] != REGION
        return [] if is_elsewhere else original(resource)

    return load_resource


def _of_one_partition(original: Callable[[Any], list[Any]]) -> Callable[[Any], list[Any]]:
    return lambda backend: original(backend) if backend.region_name == PARTITION else []


def _load_plainly(self: JSONFileLoader, full_path: str, open_method: Callable[..., Any]) -> dict[str, Any] | None:
    """Load a service model into dicts, which keep its order as OrderedDicts do, in two thirds of the memory."""
    if not Path(full_path).is_file():
        return None
    with open_method(full_path, "rb") as file:
        model: dict[str, Any] = json.loads(file.read())
    return model


_install()
