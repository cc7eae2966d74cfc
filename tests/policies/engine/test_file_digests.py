"""Digests are read anew as soon as a file may have changed, and whatever cannot be trusted is read anew."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from policies import file_digests
from policies.file_digests import READ_AT_ONCE, FileDigests


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A folder `tree` with two files, and the list of those whose content was read."""
    for name in ("a", "b"):
        (tmp_path / "tree" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "tree" / name).write_text(name)
    done: list[str] = []
    real = file_digests._content

    def content(path: str) -> bytes:
        done.append(path.rpartition("/")[2])
        return real(path)

    monkeypatch.setattr(file_digests, "_content", content)
    monkeypatch.setattr(file_digests, "SETTLED_NS", -1)  # files of this very moment count as settled
    return done


def below(root: Path, *places: str, memory: str | None = "memory") -> dict[str, str]:
    files = FileDigests(root, root / memory if memory else None)
    found = files.below(places or ("tree",), {"skipped"})
    files.remember()
    return found


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_what_has_not_changed_is_not_read_again(tmp_path: Path, read: list[str]) -> None:
    first = below(tmp_path)
    assert first == {"tree/a": digest("a"), "tree/b": digest("b")}
    assert below(tmp_path) == first
    assert read == ["a", "b"]


def test_a_changed_file_of_equal_size_is_read(tmp_path: Path, read: list[str]) -> None:
    below(tmp_path)
    times = (tmp_path / "tree/a").stat()
    (tmp_path / "tree/a").write_text("c")
    os.utime(tmp_path / "tree/a", ns=(times.st_atime_ns, times.st_mtime_ns))  # its time of change stays
    assert below(tmp_path)["tree/a"] == digest("c")
    assert read == ["a", "b", "a"]


def test_a_file_that_was_just_changed_is_read_again(
    tmp_path: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_digests, "SETTLED_NS", 3_600_000_000_000)
    below(tmp_path)
    below(tmp_path)
    assert read == ["a", "b", "a", "b"]


@pytest.mark.parametrize("damage", [b"", b"x" * 64, None])
def test_a_damaged_memory_is_not_believed(tmp_path: Path, read: list[str], damage: bytes | None) -> None:
    below(tmp_path)
    content = (tmp_path / "memory").read_bytes()
    (tmp_path / "memory").write_bytes(
        damage if damage is not None else content.replace(digest("a").encode(), b"0" * 64)
    )
    assert below(tmp_path)["tree/a"] == digest("a")
    assert read == ["a", "b", "a", "b"]


def test_without_a_memory_everything_is_read(tmp_path: Path, read: list[str]) -> None:
    below(tmp_path, memory=None)
    below(tmp_path, memory=None)
    assert read == ["a", "b", "a", "b"]


@pytest.mark.usefixtures("read")
def test_places(tmp_path: Path) -> None:
    (tmp_path / "tree/skipped").mkdir()
    (tmp_path / "tree/skipped/c").touch()
    (tmp_path / "tree/link").symlink_to("a")
    (tmp_path / "tree/empty").touch()
    (tmp_path / "large").write_bytes(b"x" * (2 * READ_AT_ONCE + 7))
    found = below(tmp_path, "tree", "large", "missing")
    assert list(found) == ["tree/a", "tree/b", "tree/empty", "tree/link", "large"]
    assert found["tree/link"] == "link a"
    assert found["tree/empty"] == digest("")
    assert found["large"] == digest("x" * (2 * READ_AT_ONCE + 7))
