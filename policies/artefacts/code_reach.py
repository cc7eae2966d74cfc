"""What hand-written code reaches beyond what its profile allows. Decides by names, for nothing is executed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.artefacts.code import PLACEHOLDER, Import, PythonCode
from policies.data.code_allowlist import Profile
from policies.globs import matches

ADDRESS = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*|\{\}):/[^\s\"'<>]*")
"""A URI, also one that an f-string puts together: `{}://{}/`."""

Problem = tuple[str, int]


def imports(code: PythonCode, profile: Profile, own: str) -> Iterator[Problem]:
    """Yield the imports that are not allowed, and what is taken from allowed modules without leave.

    Args:
        own: package whose modules may import each other, `spark_jobs.annuity`.
    """
    for found in code.reach.imports:
        module, _, name = found.path.rpartition(".")
        is_own = found.path.startswith(f"{own}.") and _is_ones_own(found, profile)
        is_taken = profile.may_take(module, name) and module not in profile.called
        if not (is_own or is_taken or found.path in profile.modules):
            yield f"imports {found.path}", found.line
        elif found.path in profile.modules and not _keeps_its_name(found, profile):
            yield f"imports {found.path} as {found.bound!r}, by which another module could take it", found.line
    for use in code.reach.uses:
        if use.path not in profile.modules:
            continue
        if not use.attribute:
            yield f"hands the module {use.path} on, where nobody sees what is taken from it", use.line
        elif not profile.may_take(use.path, use.attribute):
            yield f"takes {use.attribute!r} from {use.path}", use.line
        elif use.path in profile.called and not use.is_called:
            yield f"takes {use.attribute!r} from {use.path} without calling it", use.line


def _is_ones_own(found: Import, profile: Profile) -> bool:
    """Tell whether an import from one's own package gives what a module there may have made, and not only imported.

    `import spark_jobs.annuity.months` gives spark_jobs, and all that is below it.
    """
    parts = found.path.split(".")
    name, is_whole = parts[-1], parts[-1] == "*" or found.bound == parts[0]
    return not is_whole and not name.startswith("__") and (profile.aliases is None or not profile.is_refused(name))


def _keeps_its_name(found: Import, profile: Profile) -> bool:
    """Tell whether a module is bound by a name that is refused as an attribute, so that no other module can take it."""
    parts = found.path.split(".")
    return profile.aliases is None or found.bound in (parts[0], parts[-1], *profile.aliases)


def names(code: PythonCode, profile: Profile, *, may_compute_own: bool = False) -> Iterator[Problem]:
    """Yield the builtins and attributes that are refused.

    Args:
        may_compute_own: an object may get attributes of itself by computed names.
    """
    for name, line in code.reach.builtins:
        if name not in profile.builtins:
            yield f"uses {name!r}", line
    for name, line in code.reach.attributes:
        if profile.is_refused(name):
            yield f"uses the attribute {name!r}", line
    for function, line in code.reach.computed:
        if not (may_compute_own and function == "getattr(self)"):
            yield f"{function} is given a computed name", line


def texts(code: PythonCode, profile: Profile) -> Iterator[Problem]:
    """Yield the texts that name an address or reach what no name in the code does; documentation is left out."""
    for text, line in code.reach.texts:
        for what, pattern in profile.texts_refused.items():
            if re.search(pattern, text):
                yield f"holds {what}", line
        for address in ADDRESS.findall(text):
            if address != f"{PLACEHOLDER}:/" and not any(matches(pattern, address) for pattern in profile.addresses):
                yield f"holds the address {address[:80]!r}", line
