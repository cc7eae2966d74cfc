"""How long Amazon supports an EMR release, as policies/data/emr_releases.yaml says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from policies.data import FOLDER, read
from policies.errors import RegisterBroken


@dataclass(frozen=True)
class Release:
    """One release.

    Attributes:
        supported_until: last day of standard support.
        is_confirmed: whether that day was read on the release's own page.
    """

    label: str
    supported_until: date
    is_confirmed: bool


@dataclass(frozen=True)
class Support:
    """What is wrong with a release on a day: `problem` fails, `warning` passes for now; both empty when neither."""

    problem: str = ""
    warning: str = ""


@cache
def releases() -> Mapping[str, Release]:
    """Return `{label: release}`.

    Raises:
        RegisterBroken: an entry has no date, or a day to warn is no number.
    """
    facts = read("emr_releases")
    if not isinstance(facts.get("warn_days"), int) or not isinstance(facts.get("releases"), dict):
        raise RegisterBroken(f"{FOLDER}/emr_releases.yaml: expected `warn_days`, a number, and `releases`")
    return {release.label: release for release in _entries(facts["releases"])}


def _entries(entries: Mapping[str, object]) -> Iterator[Release]:
    for label, entry in entries.items():
        until = entry.get("standard_support_until") if isinstance(entry, dict) else None
        confirmed = entry.get("confirmed") if isinstance(entry, dict) else None
        if not isinstance(until, date) or not isinstance(confirmed, bool):
            raise RegisterBroken(
                f"{FOLDER}/emr_releases.yaml: {label} does not say standard_support_until and confirmed"
            )
        yield Release(label, until, confirmed)


def support(label: str, today: date) -> Support:
    """Tell whether a release is in standard support.

    Args:
        today: the day of the judgement.
    """
    release = releases().get(label)
    if release is None:
        return Support(problem=f"release {label!r} is not in policies/data/emr_releases.yaml")
    until = release.supported_until
    if today >= until:
        return Support(problem=f"standard support of {label} ends or ended on {until}")
    if today + timedelta(days=read("emr_releases")["warn_days"]) >= until:
        return Support(warning=f"standard support of {label} ends on {until}, in {(until - today).days} days")
    if not release.is_confirmed:
        return Support(warning=f"the support end of {label}, {until}, was not read on its own page")
    return Support()
