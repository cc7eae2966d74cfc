"""Which release is deployed: the one that Git pins, or, where the environment follows a branch, one built from it."""

from __future__ import annotations

from pathlib import Path

from delivery.errors import DeliveryError
from delivery.pin import DIGEST, Pin, pin_path, read_pin


class NotPinned(DeliveryError):
    """Git does not say that the environment should run this release."""

    exit_code = 1


def chosen(root: Path, environment: str, named: str, *, plan_only: bool) -> tuple[str, Pin]:
    """Return the digest of the release to deploy, and the pin that allows it.

    Args:
        named: digest that the caller asks for; empty for the pinned one.
        plan_only: nothing is applied, so that a release may be looked at before it is pinned.

    Raises:
        NotPinned, PinUnreadable: see there.
    """
    pin = read_pin(root, environment)
    if named and not DIGEST.fullmatch(named):
        raise NotPinned(f"{named!r} is no digest of a release", expected="64 hexadecimal digits")
    if pin.follows and not named:
        raise NotPinned(
            f"{environment} follows {pin.follows}: say which release of it",
            fix=f"sluice deploy --env {environment} --release DIGEST, or --release built",
        )
    if not pin.follows and not plan_only and named not in ("", pin.release):
        raise NotPinned(
            f"{environment} is to run release {pin.release[:16] or 'none'}, not {named[:16]}",
            why=f"{pin_path(environment)} decides, and it changes by a reviewed commit alone",
            fix=f"sluice promote --from ENVIRONMENT --to {environment} --release {named[:16]}…",
        )
    if not named and not pin.release:
        raise NotPinned(
            f"{environment}: no release is pinned",
            expected=f"{pin_path(environment)}",
            fix=f"sluice promote --from ENVIRONMENT --to {environment}",
        )
    return named or pin.release, pin
