"""One comment under a change on each forge: found again, brought up to date, never a second one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from delivery.forge import FORGES, open_forge
from delivery.forge.api import Api, ForgeRefused, ForgeUnavailable
from delivery.forge.base import Forge, TooLong
from tests.delivery.forge.fake_forge import ME, SOMEBODY, TOKEN, Failure, FakeForge, serve

MARKER = "sluice:change"
CHANGE = 17


@pytest.fixture(params=sorted(FORGES))
def served(request: pytest.FixtureRequest) -> Iterator[FakeForge]:
    with serve(FakeForge(request.param)) as forge:
        yield forge


def opened(served: FakeForge, waits: list[float] | None = None) -> Forge:
    """Return the client of a served forge; waiting is noted and not done."""
    product = FORGES[served.product]
    noted = [] if waits is None else waits
    return product(Api(served.url, product.headers(TOKEN), TOKEN, noted.append), "meridian/data")


def test_created_then_updated_then_left_alone(served: FakeForge) -> None:
    forge = opened(served)
    first = forge.upsert(CHANGE, MARKER, "one")
    assert first.action == "created"
    assert forge.upsert(CHANGE, MARKER, "two").action == "updated"
    assert forge.upsert(CHANGE, MARKER, "two").action == "unchanged"
    assert served.texts() == [f"{forge.hidden(MARKER)}\n\ntwo"]
    assert served.comments[0]["id"] == first.id


def test_found_on_a_later_page(served: FakeForge) -> None:
    forge = opened(served)
    for number in range(5):
        served.add(SOMEBODY, f"remark {number}")
    served.add(ME, f"{forge.hidden(MARKER)}\n\nold")
    assert forge.upsert(CHANGE, MARKER, "new").action == "updated"
    assert served.texts()[-1].endswith("new")
    assert not served.asked("POST")


def test_a_comment_of_somebody_else_with_our_marker_is_not_ours(served: FakeForge) -> None:
    forge = opened(served)
    served.add(SOMEBODY, f"{forge.hidden(MARKER)}\n\n## Sluice: go")
    assert forge.upsert(CHANGE, MARKER, "no go").action == "created"
    assert len(served.comments) == 2
    assert forge.upsert(CHANGE, MARKER, "no go").action == "unchanged"


def test_our_own_other_comments_are_left_alone(served: FakeForge) -> None:
    forge = opened(served)
    served.add(ME, f"quoted: {forge.hidden(MARKER)}")
    served.add(ME, f"{forge.hidden('another:marker')}\n\nother")
    assert forge.upsert(CHANGE, MARKER, "text").action == "created"
    assert len(served.comments) == 3


def test_a_token_that_is_nobodys_own_finds_its_comment_again(served: FakeForge) -> None:
    served.identity = None
    forge = opened(served)
    if served.product == "gitlab":  # each of its tokens has a user
        with pytest.raises(ForgeUnavailable, match="not found again, and removed"):
            forge.upsert(CHANGE, MARKER, "one")
        assert served.comments == []
        return
    assert forge.upsert(CHANGE, MARKER, "one").action == "created"
    assert forge.upsert(CHANGE, MARKER, "two").action == "updated"
    served.add(SOMEBODY, f"{forge.hidden(MARKER)}\n\nforged")
    assert forge.upsert(CHANGE, MARKER, "two").action == "unchanged"


def test_a_lost_answer_makes_no_second_comment(served: FakeForge) -> None:
    served.failures.append(Failure("POST", 502, after_writing=True))
    forge = opened(served)
    assert forge.upsert(CHANGE, MARKER, "text").action == "unchanged"
    assert len(served.comments) == 1


def test_two_builds_at_once_leave_one_comment(served: FakeForge) -> None:
    forge = opened(served)
    served.add(ME, f"{forge.hidden(MARKER)}\n\nfrom one build")
    served.add(ME, f"{forge.hidden(MARKER)}\n\nfrom another")
    older = served.comments[0]["id"]
    forge.upsert(CHANGE, MARKER, "text")
    assert [comment["id"] for comment in served.comments] == [older]


def test_a_forge_that_is_down_is_asked_again_for_what_does_no_harm(served: FakeForge) -> None:
    waits: list[float] = []
    served.failures += [Failure("GET", 503), Failure("GET", 503, headers={"Retry-After": "7"})]
    assert opened(served, waits).upsert(CHANGE, MARKER, "text").action == "created"
    assert waits == [2.0, 7.0]


def test_the_forge_says_how_long_to_wait(served: FakeForge) -> None:
    waits: list[float] = []
    served.failures += [
        Failure("POST", 429, headers={"Retry-After": "3"}),
        Failure("POST", 403, headers={"Retry-After": "100000"}, body={"message": "secondary rate limit"}),
    ]
    assert opened(served, waits).upsert(CHANGE, MARKER, "text").action == "created"
    assert waits == [3.0, 120.0]
    assert len(served.comments) == 1


def test_patience_ends(served: FakeForge) -> None:
    served.failures += [Failure("GET", 429) for _ in range(5)]
    with pytest.raises(ForgeRefused, match="refused with 429"):
        opened(served).upsert(CHANGE, MARKER, "text")
    served.failures += [Failure("GET", 500) for _ in range(5)]
    with pytest.raises(ForgeUnavailable, match="failed with 500"):
        opened(served).upsert(CHANGE, MARKER, "text")


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "the token is not accepted"),
        (403, "the token may not do this"),
        (404, "there is no such repository or change"),
        (301, "it has moved"),
    ],
)
def test_refusals_say_what_to_do_and_never_the_token(served: FakeForge, status: int, said: str) -> None:
    forge = opened(served)
    served.add(ME, f"{forge.hidden(MARKER)}\n\nold")
    method = "PATCH" if served.product == "github" else "PUT"
    location = {"Location": "http://127.0.0.1:9/elsewhere"} if status == 301 else {}
    served.failures.append(Failure(method, status, location, {"message": f"Bad credentials {TOKEN}\x1b[31m"}))
    with pytest.raises(ForgeRefused) as caught:
        forge.upsert(CHANGE, MARKER, "text")
    assert caught.value.exit_code == 3
    assert said in str(caught.value)
    assert TOKEN not in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_the_token_travels_in_one_header_to_one_host(served: FakeForge) -> None:
    opened(served).upsert(CHANGE, MARKER, "text")
    assert served.requests
    for _, path, headers, body in served.requests:
        assert headers["Authorization"] == f"Bearer {TOKEN}"
        assert TOKEN not in path
        assert TOKEN not in str(body)


def test_no_answer_at_all() -> None:
    with serve(FakeForge("github")) as gone:
        url = gone.url
    forge = FORGES["github"](Api(url, {}, TOKEN, lambda seconds: None), "meridian/data")
    with pytest.raises(ForgeUnavailable, match="no answer") as caught:
        forge.upsert(CHANGE, MARKER, "text")
    assert TOKEN not in str(caught.value)


def test_in_the_clear_only_on_this_machine() -> None:
    with pytest.raises(ForgeRefused, match="expected: an https address"):
        open_forge("gitlab", "meridian/data", TOKEN, "http://gitlab.meridian.example/api/v4")
    assert open_forge("gitlab", "meridian/data", TOKEN, "https://gitlab.meridian.example/api/v4")


def test_longer_than_the_forge_takes(served: FakeForge) -> None:
    forge = opened(served)
    with pytest.raises(TooLong):
        forge.upsert(CHANGE, MARKER, "x" * forge.limit)
    assert served.requests == []


def test_bitbucket_takes_a_persons_api_token_too() -> None:
    assert FORGES["bitbucket"].headers("ann@meridian.example:token")["Authorization"].startswith("Basic ")


def test_a_deleted_comment_is_none() -> None:
    with serve(FakeForge("bitbucket")) as served:
        forge = opened(served)
        served.add(ME, f"{forge.hidden(MARKER)}\n\nold", deleted=True)
        assert forge.upsert(CHANGE, MARKER, "text").action == "created"


def test_a_note_that_gitlab_wrote_is_none() -> None:
    with serve(FakeForge("gitlab")) as served:
        forge = opened(served)
        served.add(ME, f"{forge.hidden(MARKER)}\n\nold", system=True)
        assert forge.upsert(CHANGE, MARKER, "text").action == "created"
