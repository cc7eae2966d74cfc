"""What a template's parameters are in one environment: the platform's own, and those of the file beside the template.

The gate judges with these values and a deploy sends these values: what is judged is what is made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from policies.context import Context
from policies.errors import Undecided

TYPES = (str, int, float, bool)


def platform_parameters(context: Context) -> dict[str, str]:
    """Return the parameters that a template gets from its environment where it declares them."""
    known = {
        "Organisation": context.organisation,
        "OrganisationId": context.organisation_id,
        "Environment": context.environment,
        "Tenant": context.stack,
    }
    return {name: value for name, value in known.items() if value}


def given_parameters(declared: Mapping[str, Any], context: Context, text: str = "", path: str = "") -> dict[str, str]:
    """Return `{parameter: value}` of what is not left to the template's defaults.

    Args:
        declared: the template's section Parameters.
        text: the file `<template>.<environment>.json`; empty where there is none.
        path: of that file, for messages.

    Raises:
        Undecided: the file is no mapping of declared parameters to plain values, or sets one of the platform's.
    """
    own = {name: value for name, value in platform_parameters(context).items() if name in declared}
    return {**own, **_from_file(declared, own, text, path)} if text else own


def _from_file(declared: Mapping[str, Any], own: Mapping[str, str], text: str, path: str) -> dict[str, str]:
    try:
        values = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise Undecided(f"{path} holds no parameters: {error}") from None
    if not isinstance(values, dict):
        raise Undecided(f"{path} holds {type(values).__name__}, not a mapping of parameters to values")
    for name, value in values.items():
        if name not in declared:
            raise Undecided(f"{path}: the template has no parameter {name!r}")
        if name in own:
            raise Undecided(f"{path}: {name} is the platform's to say")
        if not isinstance(value, TYPES):
            raise Undecided(f"{path}: {name} is {type(value).__name__}, not a text, number or truth value")
    return {name: _text(value) for name, value in values.items()}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a parameter stands twice")
    return dict(pairs)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
