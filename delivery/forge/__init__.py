"""The one comment under a change that a forge shows: found again by a hidden marker, updated in place.

`open_forge` gives the forge; which products there are, and nothing else about them, is known here.
"""

from __future__ import annotations

from collections.abc import Mapping

from delivery.forge.api import Api
from delivery.forge.base import Forge
from delivery.forge.bitbucket import Bitbucket
from delivery.forge.github import GitHub
from delivery.forge.gitlab import GitLab

FORGES: Mapping[str, type[Forge]] = {"github": GitHub, "gitlab": GitLab, "bitbucket": Bitbucket}


def open_forge(name: str, repository: str, token: str, api: str = "") -> Forge:
    """Return the forge `name`, one of FORGES.

    Args:
        repository: as the product writes it: owner/name, group/subgroup/name, workspace/name.
        api: base address of its API; the product's public one when empty.

    Raises:
        ForgeRefused: the address is no HTTPS address, so that the token would travel in the clear.
    """
    product = FORGES[name]
    return product(Api(api or product.api, product.headers(token), token), repository)
