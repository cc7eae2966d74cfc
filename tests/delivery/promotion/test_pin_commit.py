"""The pin's commit holds the pin alone, and a push brings nothing else along."""

from __future__ import annotations

import pytest

from delivery.pin import write_pin
from delivery.pin_commit import GitRefused, PushRefused, commit_pin, push_pin
from tests.delivery.promotion.conftest import World

PIN = "environments/prod/release.yaml"


def pinned(world: World, digest: str = "a" * 64) -> str:
    write_pin(world.root, "prod", digest)
    return commit_pin(world.root, "prod", "Promote it")


def another_pushes(world: World) -> None:
    other = world.root.parent / "other"
    world.git("clone", "--quiet", str(world.remote), str(other), folder=world.root.parent)
    (other / "README.md").write_text("news")
    world.git("add", ".", folder=other)
    world.git("commit", "--quiet", "--message", "news", folder=other)
    world.git("push", "--quiet", folder=other)


def test_the_commit_holds_the_pin_alone(world: World) -> None:
    (world.root / "staged.txt").write_text("staged by somebody")
    world.git("add", "staged.txt")
    (world.root / "environments/dev/release.yaml").write_text("edited and not staged")
    commit = pinned(world)
    assert world.git("show", "--format=%s|%an", "--name-only", commit).split("\n\n") == ["Promote it|Jenkins", PIN]
    assert "A  staged.txt" in world.git("status", "--porcelain")


def test_committing_twice_makes_one_commit(world: World) -> None:
    assert pinned(world) == pinned(world)
    assert world.git("rev-list", "--count", "HEAD") == "2"


def test_after_a_kill_between_add_and_commit_it_is_committed(world: World) -> None:
    write_pin(world.root, "prod", "a" * 64)
    world.git("add", PIN)
    assert world.git("show", "--format=", "--name-only", commit_pin(world.root, "prod", "Promote it")) == PIN


def test_the_push_goes_to_the_upstream_and_twice_is_once(world: World) -> None:
    commit = pinned(world)
    assert push_pin(world.root, "prod") == "origin/main"
    assert push_pin(world.root, "prod") == "origin/main"
    assert world.git("rev-parse", "main", folder=world.remote) == commit


def test_on_no_branch_it_goes_to_main(world: World) -> None:
    world.git("checkout", "--quiet", "--detach")
    commit = pinned(world)
    assert push_pin(world.root, "prod") == "origin/main"
    assert world.git("rev-parse", "main", folder=world.remote) == commit


def test_another_branch_can_be_named(world: World) -> None:
    world.git("push", "--quiet", "origin", "main:refs/heads/stable")
    commit = pinned(world)
    assert push_pin(world.root, "prod", "stable") == "origin/stable"
    assert world.git("rev-parse", "stable", folder=world.remote) == commit


def test_a_branch_that_moved_is_not_pushed_to(world: World) -> None:
    another_pushes(world)
    before = world.git("rev-parse", "main", folder=world.remote)
    pinned(world)
    with pytest.raises(PushRefused, match="commits that are not in this checkout") as caught:
        push_pin(world.root, "prod")
    assert caught.value.exit_code == 1
    assert world.git("rev-parse", "main", folder=world.remote) == before


def test_other_commits_are_not_brought_along(world: World) -> None:
    (world.root / "mine.txt").write_text("not ready")
    world.git("add", ".")
    world.git("commit", "--quiet", "--message", "mine")
    pinned(world)
    with pytest.raises(PushRefused, match=r"first mine\.txt"):
        push_pin(world.root, "prod")


def test_what_git_refuses_is_told_in_its_words(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "")
    with pytest.raises(GitRefused, match=r"(?s)git commit failed.*empty ident"):
        pinned(world)


def test_an_unreachable_remote_is_told(world: World) -> None:
    pinned(world)
    world.git("remote", "set-url", "origin", str(world.root.parent / "nowhere"))
    with pytest.raises(GitRefused, match="git fetch failed"):
        push_pin(world.root, "prod")
