"""Which of a failed job's many words are its own last ones."""

import pytest

from sandbox.emr.failure import MESSAGE_LIMIT, failure_message

TRACEBACK = """rows read: 199
Traceback (most recent call last):
  File "job.py", line 3, in <module>
    main()
TrailerMismatch: policies as_of 2026-10-31: trailer says 200 details, file holds 199
"""
LOG = "26/11/23 02:42:03 WARN SparkConf: something\n"


def test_the_exception_of_a_traceback() -> None:
    expected = "TrailerMismatch: policies as_of 2026-10-31: trailer says 200 details, file holds 199"
    assert failure_message(TRACEBACK, LOG, 1) == expected


def test_a_message_of_several_lines_stays_whole_and_logs_stay_out() -> None:
    text = TRACEBACK + "  expected: 200\n  fix:      deliver the file again\n" + LOG + "unrelated\n"
    assert failure_message(text, "", 1).splitlines() == [
        "TrailerMismatch: policies as_of 2026-10-31: trailer says 200 details, file holds 199",
        "  expected: 200",
        "  fix:      deliver the file again",
    ]


def test_the_last_of_several_tracebacks_counts() -> None:
    first = TRACEBACK.replace("TrailerMismatch: policies", "KeyError: first")
    between = "\nDuring handling of the above exception, another exception occurred:\n\n"
    assert failure_message(first + between + TRACEBACK, "", 1).startswith("TrailerMismatch: policies")


def test_a_java_stack_behind_a_python_exception_is_left_out() -> None:
    text = TRACEBACK + "\tat org.apache.spark.SparkContext.run(SparkContext.scala)\n\t... 3 more\n"
    assert failure_message(text, "", 1).endswith("file holds 199")


@pytest.mark.parametrize(
    ("stderr", "message"),
    [
        ('Exception in thread "main" java.io.FileNotFoundException: s3://b/job.py\n\tat a.b(c)\n', "s3://b/job.py"),
        ("Error: Failed to load class org.x.Main.\n" + LOG, "Failed to load class org.x.Main."),
        ("the key is wrong\n" + LOG, "the key is wrong"),
        (LOG, "the job ended with exit code 3 and said nothing"),
    ],
)
def test_without_a_traceback(stderr: str, message: str) -> None:
    assert failure_message("", stderr, 3).endswith(message)


def test_a_signal_is_named() -> None:
    assert failure_message(TRACEBACK, "", -9) == "the step's process was killed by SIGKILL"


def test_a_message_has_an_end() -> None:
    assert len(failure_message(TRACEBACK + "x" * 5000, "", 1)) == MESSAGE_LIMIT
