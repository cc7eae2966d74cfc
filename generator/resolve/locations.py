"""Where data and code live in S3: the one place that composes keys and URIs.

Decides prefixes below a stack's buckets. It must not know who may reach them (`access.py`) or who uses them when.
"""

from __future__ import annotations

from dataclasses import dataclass

from generator.names import Names
from generator.resolve.run_values import AS_OF, ATTEMPT

CODE_VERSION_LENGTH = 16
"""Hex digits of the code's SHA-256 that name its version: 64 bits, as many as a reader can compare by eye."""


@dataclass(frozen=True)
class Locations:
    """S3 locations of one tenant in one environment. Every `*_prefix` is a key prefix that ends with a slash."""

    names: Names

    def prefix(self, name: str) -> str:
        """Key prefix of a source or dataset, the same in every zone."""
        return f"{name}/"

    def landing_manifest(self, source: str) -> str:
        """The control document that a source system writes last for a business date."""
        return f"s3://{self.names.bucket('landing')}/{source}/as_of={AS_OF}/manifest.json"

    def raw_attempt(self, source: str) -> str:
        """What ingestion wrote for a source in this run's attempt."""
        return f"s3://{self.names.bucket('raw')}/{source}/as_of={AS_OF}/attempt={ATTEMPT}/"

    def curated(self, dataset: str) -> str:
        """Everything ever written of a dataset."""
        return f"s3://{self.names.bucket('curated')}/{dataset}/"

    def curated_attempt(self, dataset: str) -> str:
        """What a job writes of a dataset in this run's attempt."""
        return f"{self.curated(dataset)}as_of={AS_OF}/attempt={ATTEMPT}/"

    def curated_manifest(self, dataset: str) -> str:
        """The control document that a job writes last."""
        return f"{self.curated_attempt(dataset)}_manifest.json"

    @property
    def artifacts_bucket(self) -> str:
        return self.names.platform.bucket("artifacts")

    @property
    def code_prefix(self) -> str:
        """Key prefix of all versions of the tenant's code in the artifacts bucket."""
        return f"jobs/{self.names.tenant}/"

    def code_version_prefix(self, code_version: str) -> str:
        return f"{self.code_prefix}{code_version}/"

    def code(self, code_version: str) -> str:
        """URI, without a final slash, below which jobs.zip, entry scripts and contracts.json of one version lie."""
        return f"s3://{self.artifacts_bucket}/{self.code_version_prefix(code_version)}".removesuffix("/")
