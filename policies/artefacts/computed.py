"""Whether a value that is known only after the apply is the provider's own: nothing is written there."""

from __future__ import annotations

from policies.check import Resource


def is_computed(resource: Resource, path: str) -> bool:
    """Tell whether the provider alone will say the value at `path`.

    The plan's reader gives a value that no expression makes itself as its only source. Blocks that Terraform could
    have been told and was not, such as a cluster's steps, stay empty then.
    """
    return resource.is_unknown(path) and resource.sources(path) == {f"{resource.address}.{path}"}
