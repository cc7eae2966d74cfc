"""Import Checkov's base class without its thousand built-in checks.

`checkov.terraform.checks.resource` imports every built-in when it is imported: 2 s of CPU that the gate does not need.
Packages that are already imported (inside the `checkov` command) are left as they are.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

AGGREGATES = ("checkov.terraform", "checkov.terraform.checks", "checkov.terraform.checks.resource")
PARSER = "hcl2"
"""Imported by Checkov's base class for what the gate never asks of it: 100 ms."""


def prepare() -> None:
    """Put empty packages where Checkov's aggregating ones would be; their modules still load from Checkov's files."""
    if AGGREGATES[0] in sys.modules:
        return
    spec = find_spec("checkov")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("checkov is not installed", name="checkov")
    home = Path(next(iter(spec.submodule_search_locations)))
    if PARSER not in sys.modules:
        sys.modules[PARSER] = _Later(PARSER)
    for name in AGGREGATES:
        package = ModuleType(name)
        folder = str(home.joinpath(*name.split(".")[1:]))
        package.__path__ = [folder]
        package.__spec__ = ModuleSpec(name, None, is_package=True)
        package.__spec__.submodule_search_locations = [folder]
        sys.modules[name] = package


class _Later(ModuleType):
    """Stands for a module until something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # whoever walks over all modules asks for these, and needs none of it
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)
