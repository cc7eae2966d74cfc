"""Which JDK is taken, and what is said when there is none."""

from pathlib import Path

import pytest

from sandbox.emr.spark.java import JavaNotFoundError, find_jdk


def jdk(home: Path, version: str, *programs: str) -> Path:
    """A JDK as far as it is looked at: `java` says its version, the other programs exist."""
    (home / "bin").mkdir(parents=True)
    for program in ("java", *programs):
        (home / "bin" / program).write_text(f"#!/bin/sh\necho '    java.runtime.version = {version}' >&2\n")
        (home / "bin" / program).chmod(0o755)
    return home


def test_java_home_outweighs_path(tmp_path: Path) -> None:
    chosen = jdk(tmp_path / "chosen", "17.0.9+9", "javac")
    other = jdk(tmp_path / "other", "17.0.1+1", "javac")
    assert find_jdk({"JAVA_HOME": str(chosen), "PATH": str(other / "bin")}).version == "17.0.9+9"


def test_java_on_path_is_followed_to_its_home(tmp_path: Path) -> None:
    home = jdk(tmp_path / "jdk", "17.0.9+9", "javac")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").symlink_to(home / "bin" / "java")
    assert find_jdk({"PATH": str(tmp_path / "bin")}).home == home


@pytest.mark.parametrize(
    ("version", "programs", "problem"),
    [("21.0.2+13", ("javac",), "Java '21.0.2"), ("1.8.0_402", ("javac",), "Java '1.8"), ("17.0.9+9", (), "is a JRE")],
)
def test_another_java_is_refused(tmp_path: Path, version: str, programs: tuple[str, ...], problem: str) -> None:
    home = jdk(tmp_path / "jdk", version, *programs)
    with pytest.raises(JavaNotFoundError, match=problem) as error:
        find_jdk({"JAVA_HOME": str(home)})
    assert "fix:" in str(error.value)


def test_no_java_at_all(tmp_path: Path) -> None:
    with pytest.raises(JavaNotFoundError, match="JAVA_HOME is not set"):
        find_jdk({"PATH": str(tmp_path)})
    with pytest.raises(JavaNotFoundError, match="does not exist"):
        find_jdk({"JAVA_HOME": str(tmp_path)})
