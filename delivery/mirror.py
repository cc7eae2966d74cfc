"""Where Terraform gets its providers from: a mirror on this machine where there is one, else the registry.

Decides the CLI configuration alone; it must not know which providers a stack uses.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

REGISTRY = "registry.terraform.io"
IMPLIED_DIRECTORIES = (
    "~/.terraform.d/plugins",
    "~/.local/share/terraform/plugins",
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
)
"""Terraform's implied mirror directories, source: CLI configuration, "Implied Local Mirror Directories"."""
SHARED_PREFIXES = ("/opt", "/usr/share", "/usr/local/share", "/usr/lib", "/srv")
COLLECTION = {"GOGC": "off", "GOMEMLIMIT": "1GiB"}
"""Go's settings for Terraform and its providers: collect garbage only beyond a gigabyte. Most of what they hold is the
provider's schemas, which each command reads anew and needs to its end; looking through them again and again was a third
of a command's CPU time."""


def find_mirror(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return the folder that holds an unpacked `registry.terraform.io`, if this machine has one.

    `SLUICE_PROVIDER_MIRROR` wins and must then hold a mirror.

    Raises:
        FileNotFoundError: `SLUICE_PROVIDER_MIRROR` names a folder without `registry.terraform.io`.
    """
    named = environment.get("SLUICE_PROVIDER_MIRROR")
    if named:
        if not (Path(named) / REGISTRY).is_dir():
            raise FileNotFoundError(f"SLUICE_PROVIDER_MIRROR={named!r} holds no folder {REGISTRY}")
        return Path(named)
    return next((folder for folder in _candidates() if (folder / REGISTRY).is_dir()), None)


def _candidates() -> Iterable[Path]:
    yield from (Path(folder).expanduser() for folder in IMPLIED_DIRECTORIES)
    for prefix in SHARED_PREFIXES:
        yield Path(prefix)
        if Path(prefix).is_dir():
            yield from sorted(path for path in Path(prefix).iterdir() if path.is_dir())


def cli_configuration(mirror: Path | None) -> str:
    """Return the text of a Terraform CLI configuration that installs from `mirror`, and the rest from the registry."""
    if mirror is None:
        return ""
    held = sorted(path.relative_to(mirror).as_posix() for path in (mirror / REGISTRY).glob("*/*") if path.is_dir())
    include = "".join(f'      "{name}",\n' for name in held)
    return (
        "provider_installation {\n"
        f'  filesystem_mirror {{\n    path    = "{mirror.as_posix()}"\n    include = [\n{include}    ]\n  }}\n'
        f"  direct {{\n    exclude = [\n{include}    ]\n  }}\n}}\n"
    )


def terraform_environment(cache: Path | None = None, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the variables with which Terraform runs unattended and finds its providers.

    A CLI configuration of the user's own and settings of Go's collector are left in force; a TF_CLI_CONFIG_FILE that
    names no file is replaced.

    Args:
        cache: folder for the written configuration; `.sluice/cache` below the working directory when absent.
    """
    variables = {"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1", "TF_INPUT": "0"}
    if not COLLECTION.keys() & environment.keys():
        variables |= COLLECTION
    named = environment.get("TF_CLI_CONFIG_FILE")
    if named and Path(named).is_file():
        return variables
    folder = cache or Path(".sluice/cache").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    written = folder / "terraform.rc"
    text = cli_configuration(find_mirror(environment))
    if not written.is_file() or written.read_text() != text:
        partial = written.with_suffix(f".{os.getpid()}.{threading.get_ident()}")  # stacks are planned side by side
        partial.write_text(text)
        partial.replace(written)  # a half-written file must never be read
    return variables | {"TF_CLI_CONFIG_FILE": str(written)}
