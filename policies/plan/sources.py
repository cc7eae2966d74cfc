"""What an unknown value is made of: its expression followed through variables, outputs, locals and modules.

A plan's JSON lists the references of each expression, not the expression. Two assumptions follow (docs/decisions/0010):
an unknown that is traced to one attribute alone *is* that attribute, possibly changed by a text function; and
`x[each.key]` is the instance of x with that key. Whatever is less certain has more sources, or none: it stays unknown.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policies.plan.addresses import Key, Reference, Step, child_address, module_steps, outermost
from policies.plan.expressions import expressions_at, repetition
from policies.plan.hcl import Code
from policies.plan.projection import ResourceChange, plain

Sources = frozenset[str] | None
"""Attributes of managed or data resources; None when they cannot be told."""

KNOWN: Sources = frozenset()
MOST_SOURCES = 64
KNOWN_ROOTS = frozenset({"path", "count", "terraform"})


@dataclass(frozen=True)
class Scope:
    """Where an expression stands: a module instance, and the key and repetition of the block around it."""

    module: str
    key: Key = None
    repetition: tuple[str, ...] = ()


class Tracer:
    """Follows the unknown values of one plan.

    Args:
        configuration: the plan's `configuration`, decoded.
        changes: its `resource_changes`.
        code: reads locals, which a plan leaves out; without it nothing is traced through a local.
    """

    def __init__(
        self, configuration: Mapping[str, Any], changes: Iterable[ResourceChange], code: Code | None = None
    ) -> None:
        self._root: dict[str, Any] = configuration.get("root_module") or {}
        self._code = code
        self._instances: dict[tuple[str, str, str, str], dict[Key, ResourceChange]] = {}
        for change in changes:
            if not change.deposed:
                where = (change.module_address, change.mode, change.type, change.name)
                self._instances.setdefault(where, {})[change.index] = change
        addresses = {where[0] for where in self._instances}
        self._existing = {"", *(step[2] for address in addresses for step in module_steps(address))}
        self._modules: dict[str, dict[str, Any]] = {"": self._root}
        self._blocks: dict[str, dict[str, dict[str, Any]]] = {}
        self._masks: dict[str, Any] = {}
        self._dynamic: dict[tuple[Path, str, str, str], bool] = {}
        self._memo: dict[tuple[str, Scope], Sources] = {}

    def of(self, change: ResourceChange, path: tuple[Step, ...], siblings: Callable[[int], int]) -> Sources:
        """Return what the unknown value at `path` of a resource is made of.

        Args:
            siblings: how many blocks the plan has where `path[:depth]` stands, for a given depth.
        """
        block = self._block(change.module_address, change.mode, change.type, change.name)
        if block is None:
            return None
        nodes = expressions_at(block.get("expressions") or {}, path, siblings)
        if nodes is None:
            return None
        if nodes == [None] and len(path) == 1 and self._may_be_dynamic(change, str(path[0])):
            return None
        scope = Scope(change.module_address, change.index, repetition(block))
        itself = frozenset({f"{change.address}.{'.'.join(map(str, path))}"})
        return self._union(itself if node is None else self._expression(node, scope) for node in nodes)

    def says(self, change: ResourceChange, attribute: str) -> bool:
        """Tell whether a resource's code writes an attribute, or a block of that name; also when that is unclear."""
        block = self._block(change.module_address, change.mode, change.type, change.name)
        if block is None:
            return True
        return attribute in (block.get("expressions") or {}) or self._may_be_dynamic(change, attribute)

    def _may_be_dynamic(self, change: ResourceChange, attribute: str) -> bool:
        """Tell whether an attribute that the configuration leaves out may be said by a `dynamic` block.

        Without the code it is taken for one that the provider computes.
        """
        folder = self.folder(change.module_address)
        if self._code is None or folder is None:
            return False
        where = (folder, change.type, change.name, attribute)
        if where not in self._dynamic:
            self._dynamic[where] = self._code.may_say(*where)
        return self._dynamic[where]

    def folder(self, module: str) -> Path | None:
        """Return the folder of a module's code; None for one that comes from elsewhere, or when code is not at hand."""
        if self._code is None:
            return None
        folder = self._code.root.as_posix()
        parent = ""
        for call, _, address in module_steps(module):
            source = (self._config(parent).get("module_calls") or {}).get(call, {}).get("source", "")
            if not source.startswith(("./", "../")):
                return None
            folder, parent = posixpath.normpath(posixpath.join(folder, source)), address
        return Path(folder)

    def _expression(self, node: Any, scope: Scope) -> Sources:
        """Return the sources of an expression, or of every expression in a block."""
        if isinstance(node, list):
            return self._union(self._expression(item, scope) for item in node)
        if not isinstance(node, dict):
            return None
        if "references" in node:
            return self._references(node["references"], scope)
        if "constant_value" in node:
            return KNOWN
        return self._union(self._expression(item, scope) for item in node.values()) if node else None

    def _references(self, texts: Iterable[str], scope: Scope) -> Sources:
        texts = list(texts)
        by_key = any(text in ("each.key", "count.index") for text in texts)
        return self._union(self._resolve(reference, scope, by_key) for reference in outermost(texts))

    def _union(self, parts: Iterable[Sources]) -> Sources:
        found: frozenset[str] = frozenset()
        for part in parts:
            if part is None or len(found) + len(part) > MOST_SOURCES:
                return None
            found |= part
        return found

    def _resolve(self, reference: Reference, scope: Scope, by_key: bool) -> Sources:
        memo = (f"{reference.text}{'[]' if by_key else ''}", scope)
        if memo not in self._memo:
            self._memo[memo] = None  # a circle can only come from text that looks like a reference: not traced
            self._memo[memo] = self._resolve_anew(reference, scope, by_key)
        return self._memo[memo]

    def _resolve_anew(self, reference: Reference, scope: Scope, by_key: bool) -> Sources:
        root = reference.name(0)
        if root == "var":
            return self._variable(reference.name(1), scope)
        if root == "local":
            return self._local(reference.name(1), scope)
        if root == "each":
            return KNOWN if reference.name(1) == "key" else self._references(scope.repetition, scope)
        if root in KNOWN_ROOTS:
            return KNOWN
        if root == "module":
            return self._output(reference, scope, by_key)
        return self._resource(reference, scope, by_key)

    def _variable(self, name: str | None, scope: Scope) -> Sources:
        """Follow a variable into the call of its module; the root's variables are known."""
        steps = module_steps(scope.module)
        if not steps:
            return KNOWN
        call_name, key, _ = steps[-1]
        parent = steps[-2][2] if len(steps) > 1 else ""
        call = (self._config(parent).get("module_calls") or {}).get(call_name)
        if call is None:
            return None
        node = (call.get("expressions") or {}).get(name)
        if node is None:
            return KNOWN  # its default
        return self._expression(node, Scope(parent, key, repetition(call)))

    def _local(self, name: str | None, scope: Scope) -> Sources:
        folder = self.folder(scope.module)
        if self._code is None or folder is None or name is None:
            return None
        texts = self._code.references_of_local(folder, name)
        if texts is None:
            return None
        own = Scope(scope.module)
        return self._references([text for text in texts if self._is_reference(text, own)], own)

    def _is_reference(self, text: str, scope: Scope) -> bool:
        """Tell a reference from text that only looks like one: Terraform has resolved every real one."""
        root, _, rest = text.removeprefix("data.").partition(".")
        name = rest.split(".")[0].split("[")[0]
        config = self._config(scope.module)
        if text.startswith("data."):
            return f"data.{root}.{name}" in self._block_index(scope.module)
        if root == "var":
            return name in (config.get("variables") or {})
        if root == "module":
            return name in (config.get("module_calls") or {})
        if root == "local":
            return True
        return f"{root}.{name}" in self._block_index(scope.module)

    def _output(self, reference: Reference, scope: Scope, by_key: bool) -> Sources:
        """Follow `module.call[key].output`; where the key or the output is not said, all of them."""
        call_name = reference.name(1)
        call = (self._config(scope.module).get("module_calls") or {}).get(call_name)
        if call is None or call_name is None:
            return None
        key, at = reference.key(2)
        if key is None and by_key and child_address(scope.module, call_name, scope.key) in self._existing:
            key = scope.key
        child = Scope(child_address(scope.module, call_name, key))
        if child.module not in self._existing:
            return None  # a repeated module, and nobody says which instance; or one without resources
        outputs = (call.get("module") or {}).get("outputs") or {}
        name = reference.name(at)
        chosen = [outputs.get(name)] if name is not None else list(outputs.values())
        return self._union(self._expression(output and output.get("expression"), child) for output in chosen)

    def _resource(self, reference: Reference, scope: Scope, by_key: bool) -> Sources:
        """Return the unknown attributes of the instances that `type.name[key].attribute` can mean."""
        mode, at = ("data", 1) if reference.name(0) == "data" else ("managed", 0)
        type, name = reference.name(at), reference.name(at + 1)
        if type is None or name is None or self._block(scope.module, mode, type, name) is None:
            return None
        instances = self._instances.get((scope.module, mode, type, name), {})
        key, at = reference.key(at + 2)
        if key is None and by_key and scope.key in instances:
            key = scope.key
        chosen = list(instances.values()) if key is None else [instances[key]] if key in instances else []
        return self._union(frozenset(self._unknown(change, reference.rest(at))) for change in chosen)

    def _unknown(self, change: ResourceChange, path: tuple[Step, ...]) -> Iterable[str]:
        """Yield the attributes of one instance at `path` that are unknown; of the whole instance where it is empty."""
        mask = self.mask(change)
        if not path:
            yield from (f"{change.address}.{name}" for name, part in mask.items() if _has_unknown(part))
            return
        part: Any = mask
        for step in path:
            if part is True:
                break
            if isinstance(part, list):
                part = part[step] if isinstance(step, int) and step < len(part) else None
            else:
                part = part.get(step) if isinstance(part, dict) else None
        if _has_unknown(part):
            yield f"{change.address}.{'.'.join(map(str, path))}"

    def mask(self, change: ResourceChange) -> dict[str, Any]:
        """Return a resource's `after_unknown`, decoded once."""
        if change.address not in self._masks:
            self._masks[change.address] = plain(change.change.after_unknown) or {}
        found: dict[str, Any] = self._masks[change.address]
        return found

    def _config(self, module: str) -> dict[str, Any]:
        """Return the configuration of a module instance; instances of one call share it."""
        if module not in self._modules:
            config = self._root
            for call, _, _ in module_steps(module):
                config = ((config.get("module_calls") or {}).get(call) or {}).get("module") or {}
            self._modules[module] = config
        return self._modules[module]

    def _block_index(self, module: str) -> dict[str, dict[str, Any]]:
        if module not in self._blocks:
            resources = self._config(module).get("resources") or []
            self._blocks[module] = {resource["address"]: resource for resource in resources}
        return self._blocks[module]

    def _block(self, module: str, mode: str, type: str, name: str) -> dict[str, Any] | None:
        return self._block_index(module).get(f"data.{type}.{name}" if mode == "data" else f"{type}.{name}")


def _has_unknown(part: Any) -> bool:
    if isinstance(part, dict):
        return any(map(_has_unknown, part.values()))
    if isinstance(part, list):
        return any(map(_has_unknown, part))
    return part is True
