"""The Terraform override file with which unchanged roots reach the local cloud.

Terraform merges an override into the provider block of the root: what is named here replaces, everything else
(region, default tags, assume_role) stays. Source: Terraform documentation, "Override Files".
"""

from __future__ import annotations

from pathlib import Path

FILE_NAME = "provider_override.tf"
TEMPLATE = """\
# Written by the local cloud. Not for any other.
provider "aws" {{
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  max_retries                 = 2

  # MWAA's client puts "api." before the endpoint's host, a name that only a proxy can resolve.
  http_proxy = "{endpoint}"
  no_proxy   = "127.0.0.1"
}}
"""


def write(folder: Path, endpoint: str) -> Path:
    """Write the override file into a folder of its own and return the folder.

    Args:
        folder: created unless it exists.
        endpoint: base address of the local cloud, for example `http://127.0.0.1:5055`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE_NAME).write_text(TEMPLATE.format(endpoint=endpoint))
    return folder
