"""What one policy statement means for everyone: whom it binds, what it covers, what narrows it.

Sound in one direction: a Deny counts only when it provably binds everyone, whatever else it says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policies.documents import Statement
from policies.globs import literal_prefix, matches

NOT_EQUAL = frozenset({"stringnotequals", "stringnotlike", "arnnotequals", "arnnotlike"})
EQUAL = frozenset({"stringequals", "stringlike", "arnequals", "arnlike"})
IF_EXISTS = "ifexists"

Test = tuple[str, str, tuple[str, ...]]


def binds_everyone(statement: Statement) -> bool:
    """Tell whether the statement speaks about every principal: `"*"` or `{"AWS": "*"}`, which are the same."""
    return any("*" in statement.principals.get(kind, ()) for kind in ("*", "AWS"))


def tests(statement: Statement) -> Iterator[Test]:
    """Yield (operator, key, values) of every condition, operator and key in lower case. All of them must hold."""
    for operator, keys in statement.conditions.items():
        for key, values in keys.items():
            yield operator.lower(), key, values


def differs(test: Test, key: str) -> bool:
    """Tell whether the test holds when `key` is absent or has none of the test's values."""
    operator, tested, _ = test
    return tested == key.lower() and operator.removesuffix(IF_EXISTS) in NOT_EQUAL


def pins(test: Test, key: str) -> bool:
    """Tell whether the test holds only when `key` is there and has one of the test's values."""
    operator, tested, _ = test
    return tested == key.lower() and operator in EQUAL


def covers(statement: Statement, resource: str) -> bool:
    """Tell whether the statement provably speaks about `resource`, by Resource or NotResource."""
    if statement.not_resources:
        return not any(matches(pattern, resource) for pattern in statement.not_resources)
    return any(matches(pattern, resource) for pattern in statement.resources)


def covers_everything_below(statement: Statement, prefix: str) -> bool:
    """Tell whether the statement speaks about every resource that begins with `prefix`."""
    if statement.not_resources:
        return False  # what an exception leaves out is not worth a proof: write Resource
    return any(pattern.endswith("*") and matches(pattern, prefix) for pattern in statement.resources)


def denies_to_everyone(statements: Iterable[Statement], actions: Iterable[str], resource: str) -> bool:
    """Tell whether each action on `resource` is denied to everyone; a resource that ends in `/` means all below it."""
    chosen = [statement for statement in statements if not statement.is_allow and binds_everyone(statement)]
    reach = covers_everything_below if resource.endswith("/") else covers
    return all(
        any(statement.covers_action(action) and reach(statement, resource) for statement in chosen)
        for action in actions
    )


def covers_nothing_outside(statement: Statement, prefixes: Iterable[str]) -> bool:
    """Tell whether every resource of the statement lies below one of `prefixes`."""
    prefixes = tuple(prefixes)
    return (
        bool(prefixes and statement.resources)
        and not statement.not_resources
        and all(literal_prefix(resource).startswith(prefixes) for resource in statement.resources)
    )


def services_via(statement: Statement) -> frozenset[str] | None:
    """Return the services, `s3` of `s3.us-east-1.amazonaws.com`, to which a key's use is tied; None when to none.

    A pattern of services ties to none.
    """
    pinned = [test[2] for test in tests(statement) if pins(test, "kms:ViaService")]
    if not pinned or any(set(value) & set("*?") for value in pinned[0]):
        return None
    return frozenset(value.split(".")[0] for value in pinned[0])


def holds(statement: Statement, key: str, value: str) -> bool:
    """Tell whether a condition asks that `key` is there and is `value`: a Bool, or an equality with no other value."""
    return any(
        tested == key.lower() and values == (value,) and (operator == "bool" or operator in EQUAL)
        for operator, tested, values in tests(statement)
    )


def holds_unless(statement: Statement, key: str, allowed: Iterable[str]) -> bool:
    """Tell whether the conditions hold whenever `key` is there with a value that is not allowed; `key` in lower case.

    Whether they hold when it is absent is left open: `Null` may excuse that.
    """
    allowed = frozenset(allowed)
    found = list(tests(statement))
    others = [test for test in found if test != ("null", key, ("false",))]
    if not allowed:
        return bool(found) and not others
    return len(others) == 1 and differs(others[0], key) and set(others[0][2]) <= allowed
