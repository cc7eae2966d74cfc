"""What a failed step says went wrong: the job's own last words, found in its output. Pure text."""

from __future__ import annotations

import re
import signal

MESSAGE_LIMIT = 1000
_TRACEBACK = re.compile(r"^Traceback \(most recent call last\):$", re.MULTILINE)
_LOG_LINE = re.compile(r"^\d\d/\d\d/\d\d \d\d:\d\d:\d\d (TRACE|DEBUG|INFO|WARN|ERROR|FATAL) ")
_JVM_EXCEPTION = re.compile(r'^(?:Exception in thread "[^"]*" |Error: |Caused by: )(.+)$', re.MULTILINE)
_STACK_FRAME = re.compile(r"^\s+at |^\s*\.\.\. \d+ more|^JVM stacktrace:")


def failure_message(stdout: str, stderr: str, exit_code: int) -> str:
    """Return why a job ended with an exit code other than 0, at most 1000 characters.

    PySpark merges Python's stderr into stdout, so that is where a traceback is looked for first: its exception with
    the lines that continue it. Then the JVM's own exception, then the last line that is not a log message.

    Args:
        exit_code: as `subprocess` gives it: negative for a signal.
    """
    if exit_code < 0:
        return f"the step's process was killed by {signal.Signals(-exit_code).name}"
    for text in (stdout, stderr):
        message = _python_exception(text) or _jvm_exception(text)
        if message:
            return message[:MESSAGE_LIMIT]
    spoken = [line for text in (stderr, stdout) for line in text.splitlines() if line.strip() and not _is_noise(line)]
    return (spoken[-1].strip() if spoken else f"the job ended with exit code {exit_code} and said nothing")[
        :MESSAGE_LIMIT
    ]


def _python_exception(text: str) -> str:
    """Return the exception of the last traceback: the first unindented line behind it, and what continues that."""
    tracebacks = list(_TRACEBACK.finditer(text))
    if not tracebacks:
        return ""
    lines = text[tracebacks[-1].end() :].splitlines()
    start = next((number for number, line in enumerate(lines) if line[:1].strip()), None)
    if start is None:
        return ""
    message: list[str] = []
    for line in lines[start:]:
        if _is_noise(line):
            break
        message.append(line.rstrip())
    return "\n".join(message).strip()


def _jvm_exception(text: str) -> str:
    found = _JVM_EXCEPTION.findall(text)
    return found[0].strip() if found else ""


def _is_noise(line: str) -> bool:
    return _LOG_LINE.match(line) is not None or _STACK_FRAME.match(line) is not None
