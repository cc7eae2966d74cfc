"""Puts a step's logs where EMR puts them: gzipped, below the cluster's LogUri. Must not know why a step ended."""

from __future__ import annotations

import gzip
import logging
import re
from dataclasses import dataclass
from pathlib import Path

from moto.core.exceptions import ServiceException
from moto.s3.models import s3_backends

NAMES = ("controller", "stdout", "stderr")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LogFolder:
    """Where the logs of one step go: `<LogUri>/<cluster>/steps/<step>/` in a bucket that the account may write."""

    account: str
    bucket: str
    prefix: str

    @classmethod
    def of(cls, account: str, log_uri: str | None, cluster_id: str, step_id: str) -> LogFolder | None:
        """Return the folder, or None for a cluster that keeps no logs."""
        if not log_uri:
            return None
        bucket, _, base = re.sub(r"^s3[an]?://", "", log_uri).partition("/")
        prefix = "/".join(part for part in (base.strip("/"), cluster_id, "steps", step_id) if part)
        return cls(account, bucket, prefix)

    def uri(self, name: str) -> str:
        return f"s3://{self.bucket}/{self.prefix}/{name}.gz"

    def ship(self, folder: Path) -> None:
        """Write the logs that exist in a step's folder. As on EMR, logs that cannot be written fail no step."""
        for name in NAMES:
            path = folder / name
            if not path.exists():
                continue
            try:
                s3_backends[self.account]["aws"].put_object(
                    self.bucket, f"{self.prefix}/{name}.gz", gzip.compress(path.read_bytes(), mtime=0)
                )
            except ServiceException as error:
                _log.warning("%s: not written: %s", self.uri(name), error)
                return
