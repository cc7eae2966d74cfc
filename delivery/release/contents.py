"""What a release holds: everything that a deploy needs and nothing that it does not.

Decides by path alone; it must not know what the files mean. Whoever unpacks a release can plan and apply from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from delivery.errors import NotRendered

PATTERNS = (
    "environments/*/environment.yaml",
    "environments/*/rendered/**/*",
    "modules/*/*.tf",
    "dags/**/*.py",
    "spark_jobs/**/*.py",
    "tenants/*/tenant.yaml",
    "tenants/*/contracts/*",
    "tenants/*/reports/*",
    "tenants/*/cloudformation/**/*",
    "policies/controls.yaml",
    "policies/waivers.yaml",
    "requirements/*.txt",
)
"""What is planned, what the gate needs to judge it again, and what it was judged by before."""
LEFT_BY_TOOLS = frozenset({"__pycache__", ".terraform"})
REQUIREMENT = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)", re.MULTILINE)
PROVIDER = re.compile(r'provider "[^"]*/(?P<name>[^/"]+/[^/"]+)" \{\s*version\s*=\s*"(?P<version>[^"]+)"')
TERRAFORM = re.compile(r'required_version\s*=\s*"(?P<version>[^"]+)"')


def release_files(root: Path) -> dict[str, bytes]:
    """Return `{path from the root: content}` of a release of the tree at `root`, sorted by path.

    Raises:
        NotRendered: the tree holds no rendered stack, or a file of it is a link.
    """
    paths = sorted({path for pattern in PATTERNS for path in root.glob(pattern) if _is_content(root, path)})
    if not any("/rendered/" in path.as_posix() for path in paths):
        raise NotRendered("environments: nothing is rendered there", fix="sluice render")
    links = [path.relative_to(root) for path in paths if path.is_symlink()]
    if links:
        raise NotRendered(f"{links[0]} is a link", expected="files only: a link could point at anything later")
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def _is_content(root: Path, path: Path) -> bool:
    return (path.is_file() or path.is_symlink()) and not LEFT_BY_TOOLS & set(path.relative_to(root).parts)


def tool_versions(files: dict[str, bytes]) -> dict[str, str]:
    """Return `{tool: version}` that the files of a release pin: Terraform, its providers, Python packages by lock."""
    return dict(sorted(_versions(files)))


def _versions(files: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    for path, content in files.items():
        name = path.rsplit("/", 1)[-1]
        if path.startswith("requirements/"):
            lock = name.removesuffix(".txt")
            for match in REQUIREMENT.finditer(content.decode()):
                yield f"{lock}/{match['name']}", match["version"]
        elif name == ".terraform.lock.hcl":
            for match in PROVIDER.finditer(content.decode()):
                yield f"provider/{match['name']}", match["version"]
        elif name == "versions.tf" and path.startswith("environments/"):
            for match in TERRAFORM.finditer(content.decode()):
                yield "terraform", match["version"]
