"""Finds the JDK that runs Spark here: version 17, by JAVA_HOME or PATH. Must not know what it is used for."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

VERSION = 17


class JavaNotFoundError(RuntimeError):
    """No JDK of the right version is on this machine, or not where it is looked for."""

    exit_code = 3

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"java: {problem}\n"
            f"  expected: a JDK {VERSION} named by JAVA_HOME, or its java first on PATH\n"
            f"  why:      EMR 7 runs Spark 3.5 on Java {VERSION}, and Spark 3.5 does not start on a newer one\n"
            f"  fix:      install a JDK {VERSION} (for example openjdk-{VERSION}-jdk-headless) and set JAVA_HOME"
        )


@dataclass(frozen=True)
class Jdk:
    """A JDK by its home folder; `version` is the full one, for example `17.0.15+6-Debian-1deb12u1`."""

    home: Path
    version: str

    @property
    def java(self) -> Path:
        return self.home / "bin" / "java"

    @property
    def javac(self) -> Path:
        return self.home / "bin" / "javac"


def find_jdk(environment: Mapping[str, str] | None = None) -> Jdk:
    """Return the JDK that JAVA_HOME names, or else the one of `java` on PATH.

    Raises:
        JavaNotFoundError: there is none, it has another version, or it is a runtime without a compiler.
    """
    variables = os.environ if environment is None else environment
    return _jdk(variables.get("JAVA_HOME", ""), variables.get("PATH", os.defpath))


@cache
def _jdk(java_home: str, path: str) -> Jdk:
    if java_home:
        home = Path(java_home)
    else:
        java = shutil.which("java", path=path)
        if java is None:
            raise JavaNotFoundError("JAVA_HOME is not set and there is no java on PATH")
        home = Path(java).resolve().parents[1]
    jdk = Jdk(home, _version(home / "bin" / "java"))
    if re.match(rf"{VERSION}\b", jdk.version) is None:
        raise JavaNotFoundError(f"{str(home)!r} holds Java {jdk.version!r}")
    if not jdk.javac.exists():
        raise JavaNotFoundError(f"{str(home)!r} holds no compiler (bin/javac): it is a JRE")
    return jdk


def _version(java: Path) -> str:
    if not java.exists():
        raise JavaNotFoundError(f"{str(java)!r} does not exist")
    settings = subprocess.run(
        [java, "-XshowSettings:properties", "-version"], capture_output=True, text=True, check=False
    ).stderr
    found = re.search(r"java\.runtime\.version = (\S+)", settings)
    if found is None:
        raise JavaNotFoundError(f"{str(java)!r} does not say which version it is")
    return found.group(1)
