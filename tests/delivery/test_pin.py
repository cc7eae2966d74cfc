"""What an environment should run is said in one line, or it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from delivery.pin import Pin, PinUnreadable, pin_path, read_pin, write_pin

DIGEST = "0123456789abcdef" * 4


def test_what_is_pinned_is_read_back(tmp_path: Path) -> None:
    assert read_pin(tmp_path, "prod") == Pin()
    assert write_pin(tmp_path, "prod", DIGEST) == pin_path("prod")
    assert read_pin(tmp_path, "prod") == Pin(release=DIGEST)
    assert [path.name for path in (tmp_path / "environments/prod").iterdir()] == ["release.yaml"]


def test_a_digest_of_digits_alone_stays_text(tmp_path: Path) -> None:
    write_pin(tmp_path, "prod", "1" * 64)
    assert read_pin(tmp_path, "prod").release == "1" * 64


@pytest.mark.parametrize(
    "text",
    [
        "",
        "release:",
        f"release: {DIGEST[:-1]}",
        f"release: {DIGEST}0",
        f"release: {DIGEST.upper()}",
        "release: 1111111111111111111111111111111111111111111111111111111111111111",
        "follows: develop",
        f"release: {DIGEST}\nfollows: main",
        f"- release: {DIGEST}",
        "release: [",
        "latest: true",
    ],
)
def test_anything_else_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / pin_path("prod")
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(PinUnreadable):
        read_pin(tmp_path, "prod")


def test_only_a_digest_is_written(tmp_path: Path) -> None:
    with pytest.raises(PinUnreadable):
        write_pin(tmp_path, "prod", "main")
    assert not (tmp_path / pin_path("prod")).exists()
