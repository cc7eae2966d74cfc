"""environments/<env>/release.yaml: the release that an environment should run, and nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from delivery.errors import DeliveryError

DIGEST = re.compile(r"[0-9a-f]{64}")
BRANCH = "main"


class PinUnreadable(DeliveryError):
    """A pin says something else than one release or one branch."""

    exit_code = 2


@dataclass(frozen=True)
class Pin:
    """What an environment should run.

    Attributes:
        release: digest of the one release, 64 hexadecimal digits; empty where none is pinned.
        follows: branch whose newest release it runs, named by whoever deploys; empty where one is pinned.
    """

    release: str = ""
    follows: str = ""


def pin_path(environment: str) -> Path:
    """Return the pin's path from the repository's root."""
    return Path("environments", environment, "release.yaml")


def read_pin(root: Path, environment: str) -> Pin:
    """Return what is pinned; an empty pin where there is no file.

    Raises:
        PinUnreadable: see there.
    """
    path = root / pin_path(environment)
    if not path.exists():
        return Pin()
    try:
        data = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    except (YAMLError, OSError, UnicodeDecodeError) as error:
        raise _unreadable(environment, str(error)) from error
    if not isinstance(data, dict) or len(data) != 1:
        raise _unreadable(environment, "it is no mapping of one key")
    ((key, value),) = data.items()
    if key == "release" and isinstance(value, str) and DIGEST.fullmatch(value):
        return Pin(release=value)
    if key == "follows" and value == BRANCH:
        return Pin(follows=BRANCH)
    raise _unreadable(environment, f"{key}: {value!r} names neither a release nor a branch")


def write_pin(root: Path, environment: str, digest: str) -> Path:
    """Pin `digest`, whole or not at all, and return the file's path from the root.

    Raises:
        PinUnreadable: `digest` is none.
    """
    if not DIGEST.fullmatch(digest):
        raise _unreadable(environment, f"{digest!r} is no digest of a release")
    path = pin_path(environment)
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    partial = (root / path).with_suffix(".partial")
    partial.write_text(f'release: "{digest}"\n', "utf-8")
    partial.replace(root / path)
    return path


def _unreadable(environment: str, why: str) -> PinUnreadable:
    return PinUnreadable(
        f"{pin_path(environment)}: says not what {environment} should run",
        expected="`release: <64 hexadecimal digits>`, or `follows: main`",
        why=why,
        fix=f"sluice promote --from ENVIRONMENT --to {environment}, or take the file from Git as it was",
    )
