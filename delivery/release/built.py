"""Which release this checkout has built last: a note beside the bundle, so that later steps need no digest told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from delivery.errors import DeliveryError
from delivery.pin import DIGEST

NOTE = Path("dist/release.json")
WORD = "built"
"""What stands for the digest on a command line."""


class NothingBuilt(DeliveryError):
    """This checkout has built no release, or one that is gone."""

    exit_code = 2


@dataclass(frozen=True)
class Built:
    """The last build. `path` is the bundle's."""

    digest: str
    path: Path


def note_built(root: Path, built: Built) -> None:
    """Remember `built`."""
    (root / NOTE).parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"digest": built.digest, "path": str(built.path)}, indent=1) + "\n"
    partial = (root / NOTE).with_suffix(".partial")
    partial.write_text(text, "utf-8")
    partial.replace(root / NOTE)


def last_built(root: Path) -> Built:
    """Return the last build.

    Raises:
        NothingBuilt: see there.
    """
    try:
        data = json.loads((root / NOTE).read_text("utf-8"))
        built = Built(data["digest"], Path(data["path"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NothingBuilt(
            f"{NOTE}: says of no release that it was built here", why=str(error), fix="sluice release build"
        ) from error
    if not DIGEST.fullmatch(built.digest) or not (root / built.path).is_file():
        raise NothingBuilt(f"{NOTE}: names {built.path}, which is not there", fix="sluice release build")
    return built


def digest_of(root: Path, named: str) -> str:
    """Return the digest that a command line names: itself, or that of the last build for `built`.

    Raises:
        NothingBuilt: see there.
    """
    return last_built(root).digest if named == WORD else named
