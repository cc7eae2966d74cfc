"""Rendered files are replaced; what someone else wrote among them is not."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from generator.render.manifest import Origin, manifest_text
from generator.render.writer import Drift, RenderConflict, drift, write

STACK = PurePosixPath("environments/prod/rendered/claims")
OTHER = PurePosixPath("environments/prod/rendered/other")


def tree(stack: PurePosixPath = STACK, **files: str) -> dict[PurePosixPath, str]:
    """Return a stack with its manifest; `a__b` stands for the path a/b."""
    named = {name.replace("__", "/"): text for name, text in files.items()}
    manifest = manifest_text(Origin(stack.name, "prod", {}, {}), named)
    return {stack / "MANIFEST.json": manifest, **{stack / name: text for name, text in named.items()}}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, tree(dag__x="one\n", y="two\n"))
    return tmp_path


def test_a_first_render_adds_everything(tmp_path: Path) -> None:
    result = write(tmp_path, tree(dag__x="one\n"))
    assert result.added == (STACK / "MANIFEST.json", STACK / "dag/x")
    assert (tmp_path / STACK / "dag/x").read_text() == "one\n"


def test_a_second_render_changes_nothing(root: Path) -> None:
    stamps = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    result = write(root, tree(dag__x="one\n", y="two\n"))
    assert (result.added, result.changed, result.removed) == ((), (), ())
    assert len(result.unchanged) == 3
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == stamps


def test_a_changed_spec_changes_and_removes(root: Path) -> None:
    result = write(root, tree(y="new\n", z="three\n"))
    assert (result.added, result.removed) == ((STACK / "z",), (STACK / "dag/x",))
    assert result.changed == (STACK / "MANIFEST.json", STACK / "y")
    assert not (root / STACK / "dag").exists()


def test_a_vanished_tenant_is_removed_and_reported(root: Path) -> None:
    both = tree(dag__x="one\n", y="two\n") | tree(OTHER, x="other\n")
    write(root, both)
    result = write(root, tree(OTHER, x="other\n"))
    assert set(result.removed) == {STACK / "MANIFEST.json", STACK / "dag/x", STACK / "y"}
    assert not (root / STACK).exists()
    assert (root / OTHER / "x").exists()


def test_a_file_edited_by_hand_stops_the_render(root: Path) -> None:
    (root / STACK / "y").write_text("mine\n")
    with pytest.raises(RenderConflict) as caught:
        write(root, tree(dag__x="new\n", y="new\n"))
    assert caught.value.exit_code == 1
    assert caught.value.conflicts == (Drift(STACK / "y", "edited"),)
    assert str(caught.value) == (
        "environments/prod/rendered/claims/y: edited by hand\n"
        "  fix: rm environments/prod/rendered/claims/y && sluice render"
        "    (make the change in the spec or a template instead)\n"
        "nothing was written"
    )
    assert (root / STACK / "dag/x").read_text() == "one\n"
    assert (root / STACK / "y").read_text() == "mine\n"


def test_a_file_edited_by_hand_stops_its_removal_too(root: Path) -> None:
    (root / STACK / "y").write_text("mine\n")
    with pytest.raises(RenderConflict):
        write(root, {})
    assert (root / STACK / "dag/x").exists()


def test_a_foreign_file_stops_the_render(root: Path) -> None:
    (root / STACK / "dag/a note").write_text("mine\n")
    with pytest.raises(RenderConflict) as caught:
        write(root, tree(dag__x="one\n", y="two\n"))
    assert str(caught.value).startswith(
        "environments/prod/rendered/claims/dag/a note: not a rendered file, yet it lies among them\n"
        "  fix: rm 'environments/prod/rendered/claims/dag/a note' && sluice render"
    )


@pytest.mark.parametrize("path", ["environments/prod/rendered/stray", "environments/prod/rendered/gone/x"])
def test_a_file_beside_the_stacks_is_foreign(root: Path, path: str) -> None:
    (root / path).parent.mkdir(exist_ok=True)
    (root / path).write_text("mine\n")
    assert drift(root, tree(dag__x="one\n", y="two\n")) == [Drift(PurePosixPath(path), "foreign")]


def test_a_file_that_a_new_render_would_take_over_is_foreign_unless_equal(root: Path) -> None:
    (root / STACK / "z").write_text("three\n")
    wanted = tree(dag__x="one\n", y="two\n", z="three\n")
    assert write(root, wanted).changed == (STACK / "MANIFEST.json",)
    (root / STACK / "w").write_text("mine\n")
    with pytest.raises(RenderConflict):
        write(root, tree(dag__x="one\n", y="two\n", z="three\n", w="four\n"))


def test_a_binary_file_or_a_link_in_place_of_ours_is_edited(root: Path) -> None:
    (root / STACK / "y").write_bytes(b"\xff\xfe")
    target = root / STACK / "dag/x"
    target.unlink()
    target.symlink_to(root / STACK / "y")
    kinds = {found.path: found.kind for found in drift(root, tree(dag__x="one\n", y="two\n"))}
    assert kinds == {STACK / "dag/x": "edited", STACK / "y": "edited"}


def test_without_a_manifest_nothing_is_ours(root: Path) -> None:
    (root / STACK / "MANIFEST.json").unlink()
    kinds = {found.path: found.kind for found in drift(root, tree(dag__x="new\n", y="two\n"))}
    assert kinds == {STACK / "MANIFEST.json": "missing", STACK / "dag/x": "foreign"}


def test_line_ends_count(root: Path) -> None:
    (root / STACK / "y").write_bytes(b"two\r\n")
    assert [found.kind for found in drift(root, tree(dag__x="one\n", y="two\n"))] == ["edited"]


def test_check_names_each_kind_of_drift_and_writes_nothing(root: Path) -> None:
    (root / STACK / "y").unlink()
    found = drift(root, tree(y="two\n", z="three\n"))
    assert {f.path.name: f.kind for f in found} == {
        "MANIFEST.json": "changed",
        "x": "obsolete",
        "y": "missing",
        "z": "missing",
    }
    assert all("fix: sluice render" in str(f) for f in found)
    assert not (root / STACK / "y").exists()


def test_an_interrupted_render_is_finished_by_the_next(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The manifest comes last: files of a half-done render are not taken for edited ones."""
    written: list[str] = []
    original = Path.write_text

    def stop_at_the_manifest(path: Path, *args: object, **options: object) -> int:
        if path.name == "MANIFEST.json":
            raise KeyboardInterrupt
        written.append(path.name)
        return original(path, *args, **options)  # type: ignore[arg-type]

    wanted = tree(dag__x="new\n", y="new\n", z="new\n")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", stop_at_the_manifest)
        with pytest.raises(KeyboardInterrupt):
            write(root, wanted)
    assert sorted(written) == ["x", "y", "z"]
    assert write(root, wanted).changed == (STACK / "MANIFEST.json",)


def test_what_tools_leave_behind_is_not_looked_at(root: Path) -> None:
    for folder in ("__pycache__", ".terraform"):
        (root / STACK / folder).mkdir()
        (root / STACK / folder / "x").write_text("left")
    assert drift(root, tree(dag__x="one\n", y="two\n")) == []
