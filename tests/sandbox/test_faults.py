"""Faults: what may be asked for, and who gets which."""

import threading

import pytest

from sandbox.faults import Fault, Faults, InvalidFaultError


def test_a_fault_strikes_as_often_as_it_was_asked_to() -> None:
    faults = Faults()
    faults.add(Fault("emr_step_failure", match="^conform/", times=2))
    assert faults.take("emr_step_failure", "valuation/1") is None
    assert faults.take("emr_no_capacity", "conform/1") is None
    assert faults.take("emr_step_failure", "conform/1") is not None
    assert [fault.times for fault in faults.list()] == [1]
    assert faults.take("emr_step_failure", "conform/1") is not None
    assert faults.take("emr_step_failure", "conform/1") is None


def test_the_oldest_fault_strikes_first() -> None:
    faults = Faults()
    faults.add(Fault("emr_slow_step", options={"seconds": 1}))
    faults.add(Fault("emr_slow_step", options={"seconds": 2}))
    taken = [faults.take("emr_slow_step", "any") for _ in range(2)]
    assert [fault.seconds("seconds", 0) for fault in taken if fault] == [1, 2]


def test_threads_never_share_a_strike() -> None:
    faults = Faults()
    struck: list[Fault] = []
    faults.add(Fault("s3_error", times=50))

    def take() -> None:
        struck.extend(fault for _ in range(20) if (fault := faults.take("s3_error", "bucket/key")))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(struck) == 50
    assert faults.list() == []


def test_json_there_and_back() -> None:
    fault = Fault("emr_slow_step", match="conform", times=3, options={"seconds": 2.5})
    assert fault.to_json() == {"kind": "emr_slow_step", "match": "conform", "times": 3, "seconds": 2.5}
    assert Fault.from_json(fault.to_json()) == fault
    assert Fault.from_json('{"kind": "emr_no_capacity"}') == Fault("emr_no_capacity")


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({}, "kind"),
        ([], "kind"),
        ("{", "body"),
        ({"kind": "emr_no_capacty"}, "kind"),
        ({"kind": "s3_error", "match": "("}, "match"),
        ({"kind": "s3_error", "times": 0}, "times"),
        ({"kind": "s3_error", "times": True}, "times"),
        ({"kind": "emr_slow_step", "second": 1}, "options.second"),
    ],
)
def test_what_nothing_could_suffer_is_refused(document: object, where: str) -> None:
    with pytest.raises(InvalidFaultError) as caught:
        Fault.from_json(document)  # type: ignore[arg-type]
    assert caught.value.where == where


def test_a_typo_gets_the_nearest_kind() -> None:
    with pytest.raises(InvalidFaultError, match="did you mean 'emr_no_capacity'"):
        Fault("emr_no_capacty")
