"""A release is the same bytes wherever it is built, and nothing else is taken for one."""

from __future__ import annotations

import gzip
import io
import shutil
import tarfile
from pathlib import Path

import pytest

from delivery.errors import NotRendered
from delivery.release import bundle, contents
from delivery.release.bundle import BundleBroken, Release
from delivery.release.difference import compare

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def release() -> Release:
    files = contents.release_files(ROOT)
    return Release(files, contents.tool_versions(files), {"verdicts.json": b"{}\n"})


def test_it_holds_what_a_deploy_needs(release: Release) -> None:
    assert release.stacks == ["dev/annuity", "dev/platform", "prod/annuity", "prod/platform"]
    expected = {
        "environments/prod/rendered/annuity/terraform/.terraform.lock.hcl",
        "environments/prod/rendered/annuity/dag/annuity_daily.py",
        "modules/bucket/main.tf",
        "dags/emr.py",
        "spark_jobs/annuity/conform/job.py",
        "tenants/annuity/contracts/policy.odcs.yaml",
    }
    assert expected <= release.files.keys()
    assert not any("tests/" in path or path.startswith("sandbox/") for path in release.files)
    assert release.tools["provider/hashicorp/aws"].startswith("5.100.")
    assert release.tools["airflow/apache-airflow"] == "3.3.2"
    assert release.tools["terraform"]


def test_equal_trees_give_equal_bytes_wherever_they_lie(release: Release, tmp_path: Path) -> None:
    copy = bundle.unpack(release, tmp_path / "elsewhere")
    for path in copy.rglob("*"):
        path.touch()
    files = contents.release_files(copy)
    again = Release(files, contents.tool_versions(files), release.evidence)
    assert again.digest == release.digest
    assert bundle.pack(again) == bundle.pack(release)
    assert bundle.write(release, tmp_path).name == bundle.write(again, tmp_path / "two").name


def test_a_bundle_is_read_back_as_it_was_written(release: Release, tmp_path: Path) -> None:
    found = bundle.read(bundle.write(release, tmp_path))
    assert found == release
    assert found.digest == release.digest


def test_every_changed_file_changes_the_digest(release: Release) -> None:
    small = Release(dict(list(release.files.items())[:20]), release.tools, release.evidence)
    digests = {small.digest}
    for path in small.files:
        digests.add(Release({**small.files, path: b"changed"}, small.tools, small.evidence).digest)
        digests.add(Release({k: v for k, v in small.files.items() if k != path}, small.tools, small.evidence).digest)
    digests.add(Release(small.files, {}, small.evidence).digest)
    digests.add(Release(small.files, small.tools, {}).digest)
    assert len(digests) == 1 + 20 + 20 + 2


def archive(entries: list[tuple[str, bytes, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as target:
        for name, data, kind in entries:
            entry = tarfile.TarInfo(name)
            entry.size, entry.type, entry.linkname = len(data), kind, "/etc/passwd"
            target.addfile(entry, io.BytesIO(data))
    return gzip.compress(buffer.getvalue())


MANIFEST = b'{"format": 1, "files": {}, "evidence": {}, "tools": {}}'


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"not an archive", id="foreign"),
        pytest.param(archive([]), id="no manifest"),
        pytest.param(archive([("release.json", b"{", tarfile.REGTYPE)]), id="manifest is no JSON"),
        pytest.param(archive([("release.json", b"[]", tarfile.REGTYPE)]), id="manifest is a list"),
        pytest.param(
            archive([("release.json", MANIFEST, tarfile.REGTYPE), ("tree/x", b"y", tarfile.REGTYPE)]),
            id="unlisted file",
        ),
        pytest.param(
            archive([("release.json", MANIFEST, tarfile.REGTYPE), ("elsewhere", b"y", tarfile.REGTYPE)]),
            id="stray file",
        ),
        pytest.param(archive([("tree/../../x", b"y", tarfile.REGTYPE)]), id="path leaves the folder"),
        pytest.param(archive([("/etc/x", b"y", tarfile.REGTYPE)]), id="absolute path"),
        pytest.param(archive([("tree/x", b"", tarfile.SYMTYPE)]), id="link"),
        pytest.param(
            archive([("release.json", MANIFEST, tarfile.REGTYPE), ("release.json", MANIFEST, tarfile.REGTYPE)]),
            id="twice",
        ),
    ],
)
def test_what_is_no_release_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "sluice.tar.gz"
    path.write_bytes(content)
    with pytest.raises(BundleBroken, match="not a release as it was built"):
        bundle.read(path)


def test_a_truncated_or_edited_bundle_is_refused(release: Release, tmp_path: Path) -> None:
    small = Release(dict(list(release.files.items())[:5]))
    whole = bundle.pack(small)
    edited = gzip.compress(gzip.decompress(whole).replace(b"import", b"impart", 1))
    for content in (whole[: len(whole) // 2], whole[:-1], edited):
        path = tmp_path / "sluice.tar.gz"
        path.write_bytes(content)
        with pytest.raises(BundleBroken):
            bundle.read(path)


def test_a_tree_without_rendered_stacks_or_with_links_is_no_release(tmp_path: Path) -> None:
    with pytest.raises(NotRendered, match="nothing is rendered"):
        contents.release_files(tmp_path)
    shutil.copytree(ROOT / "environments", tmp_path / "environments")
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags/linked.py").symlink_to("/etc/passwd")
    with pytest.raises(NotRendered, match=r"linked\.py is a link"):
        contents.release_files(tmp_path)


def test_difference_is_told_by_stack(release: Release) -> None:
    files = dict(release.files)
    del files["dags/emr.py"]
    files["modules/bucket/main.tf"] += b"\n"
    renamed = {path.replace("/rendered/annuity/", "/rendered/pension/"): data for path, data in files.items()}
    found = compare(release, Release(renamed, {**release.tools, "terraform": "9"}))
    assert found.gone_stacks == ("dev/annuity", "prod/annuity")
    assert found.new_stacks == ("dev/pension", "prod/pension")
    assert [name for name, _, _ in found.tools] == ["terraform"]
    assert [(change.path, change.kind) for change in found.files["dags"]] == [("dags/emr.py", "removed")]
    assert [change.kind for change in found.files["modules"]] == ["changed"]
    assert compare(release, release).is_empty
