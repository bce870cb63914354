"""The list of events, and the page of one."""

from __future__ import annotations

import csv

import pytest

from tests.support.page import CLOSED, PUBLIC
from tests.web.conftest import Visiting

HTTP_OK, BAD, UNAUTHORIZED, NOT_FOUND = 200, 400, 401, 404


def ids(look: Visiting, query: str = "") -> list[str]:
    """Return the ids of a list of events."""
    return [one["id"] for one in look(f"/events?format=json&limit=1000{query}").data["items"]]


def test_events_are_listed_the_newest_first_as_the_command_has_them(look: Visiting) -> None:
    """In the shape of ``events --json``, shifts included."""
    found = look("/events?format=json&limit=1000").data
    times = [one["at"] for one in found["items"]]
    assert times == sorted(times, reverse=True)
    assert found["next"] is None
    assert {"id", "kind", "board", "at", "model", "rank"} <= found["items"][0].keys()
    assert any(one["kind"] == "rank_shift" for one in found["items"])


def test_parts_of_the_list_lose_and_repeat_nothing(look: Visiting) -> None:
    """Whatever is asked for, the parts are the whole."""
    for query in ("", "&kind=new_leader,removed", "&benchmark=SWE-bench/*", "&model=Qwen/*"):
        parts: list[str] = []
        cursor = None
        while True:
            more = f"&cursor={cursor}" if cursor else ""
            part = look(f"/events?format=json&limit=7{query}{more}").data
            parts += [one["id"] for one in part["items"]]
            cursor = part["next"]
            if cursor is None:
                break
        assert parts == ids(look, query)
        assert len(set(parts)) == len(parts) > 0


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("&kind=new_leader", lambda one: one["kind"] == "new_leader"),
        ("&model=Qwen/*", lambda one: one["model"].startswith("Qwen/")),
        ("&benchmark=cais/hle", lambda one: one["board"]["benchmark"] == "cais/hle"),
        ("&since=2026-04-20", lambda one: one["at"] >= "2026-04-20"),
    ],
)
def test_filters_live_in_the_address(look: Visiting, query: str, holds: object) -> None:
    """Each leaves what meets it, and something else out."""
    items = look(f"/events?format=json&limit=1000{query}").data["items"]
    assert items
    assert callable(holds)
    assert all(holds(one) for one in items)
    assert len(items) < len(ids(look))


def test_people_are_not_shown_what_only_others_moved(look: Visiting) -> None:
    """Unless they ask for it, or for a model."""
    assert "pushed down by" not in look("/events").text
    assert "pushed down by" in look("/events?kind=rank_shift").text
    assert "pushed down by" in look("/events?model=Qwen/*").text


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/events?kind=new_leder", BAD, "did you mean"),
        ("/events?since=yesterday", BAD, "since: "),
        ("/events?benchmark=nobody/nothing", NOT_FOUND, "nobody/nothing"),
        ("/events?model=nobody/nothing", NOT_FOUND, "no model that was seen"),
        ("/events?cursor=boards-3", BAD, "cursor: is none of this list"),
        ("/events/no-such-event", NOT_FOUND, "no event has this id"),
    ],
)
def test_what_no_event_meets_is_said(look: Visiting, path: str, status: int, said: str) -> None:
    """Kinds, times, names and cursors that are none each have a clear answer."""
    found = look(path)
    assert (found.status, said in found.text) == (status, True)


def test_event_has_an_address_with_its_why(look: Visiting) -> None:
    """As ``explain --json`` has it, and in words."""
    (name, *_) = ids(look, "&kind=verified")
    found = look(f"/events/{name}?format=json").data
    assert found["event"]["id"] == name
    assert found["watches"][0].keys() == {"watch", "channel", "wanted", "reasons", "delivery"}
    text = look(f"/events/{name}").text
    assert "is now verified" in text
    assert "Who was told, and why" in text
    assert "everything" in text


def test_event_s_page_says_what_its_alert_said(look: Visiting) -> None:
    """Who is ahead and by how much, in the board's decimals, what it passed, and the source."""
    (name,) = ids(look, "&kind=new_entry&benchmark=SWE-bench/*&since=2026-04-24")
    text = look(f"/events/{name}").text
    assert "enters at #3 with 79.0, 1.6 behind deepseek-ai/DeepSeek-V4-Pro" in text
    assert 'Behind the leader by <b>1.6</b>: <a href="/models/deepseek-ai/DeepSeek-V4-Pro">' in text
    assert 'source: <a href="https://example.org/' in text
    assert "Before</th>" not in text, "there was no row before"
    (name, *_) = ids(look, "&kind=rank_change&benchmark=Idavidrein/*&model=Qwen/Qwen3.5-27B")
    text = look(f"/events/{name}").text
    assert 'It passed: <a href="/models/zai-org/GLM-4.7">' in text
    assert "Before</th>" in text
    (whole,) = ids(look, "&kind=recomputed&benchmark=Idavidrein/*")
    assert f'<a href="/events/{whole}">The board was scored anew</a>' in text


def test_event_s_page_leads_to_the_delivery_that_told_it(look: Visiting) -> None:
    """By its id, whatever was sent since; no other is shown there."""
    (name, *_) = ids(look, "&kind=verified")
    (sent,) = (one["delivery"] for one in look(f"/events/{name}?format=json").data["watches"])
    path = f"/deliveries?id={sent['id']}"
    assert f'href="{path}"' in look(f"/events/{name}").text
    (found,) = look(f"{path}&format=json").data["items"]
    assert found["id"] == sent["id"]
    assert name in found["events"]
    assert look("/deliveries?id=no-such").status == NOT_FOUND


def test_sentences_lead_to_events_and_their_models_to_models(look: Visiting) -> None:
    """Both are one click away, and so is the board."""
    (name,) = ids(look, "&kind=new_entry&benchmark=SWE-bench/*&since=2026-04-24")
    text = look("/events?kind=new_entry&benchmark=SWE-bench/*&since=2026-04-24").text
    assert f'<a href="/events/{name}">enters at #3 with 79.0, 1.6 behind the leader</a>' in text
    assert 'href="/models/deepseek-ai/DeepSeek-V4-Flash"' in text


def test_kinds_are_words_for_people_and_keys_in_addresses(look: Visiting) -> None:
    """Several of them, too."""
    text = look("/events?kind=new_leader&model=Qwen/*").text
    assert '<option value="new_leader" selected>new leader</option>' in text
    assert 'href="?model=Qwen%2F%2A&amp;kind=new_leader"' in text
    both = look("/events?kind=new_leader,removed").text
    assert '<option value="new_leader,removed" selected>new leader, removed</option>' in both


def test_events_are_there_as_csv(look: Visiting) -> None:
    """A record an event, of those that the filters leave."""
    names, *records = csv.reader(look("/events?format=csv&kind=new_entry").text.splitlines())
    assert [one[names.index("id")] for one in records] == ids(look, "&kind=new_entry")
    assert {one[names.index("kind")] for one in records} == {"new_entry"}
    (first, *_) = records
    assert (first[names.index("rank_before")], first[names.index("score_after")]) == ("", "79")


def test_strangers_see_the_event_alone(look: Visiting) -> None:
    """No why, no watch, no channel."""
    (name, *_) = ids(look, "&kind=new_leader")
    found = look(f"/events/{name}?format=json", PUBLIC).data
    assert found.keys() == {"event"}
    assert found["event"]["watches"] == []
    text = look(f"/events/{name}", PUBLIC).text
    assert "everything" not in text
    assert "screen" not in text
    assert look(f"/events/{name}", CLOSED).status == UNAUTHORIZED
    assert all(one["watches"] == [] for one in look("/events?format=json", PUBLIC).data["items"])


def test_alerts_lead_to_an_event_s_board_as_it_was(look: Visiting) -> None:
    """The page of an event leads to the board at that time, which shows."""
    (name, *_) = ids(look, "&kind=new_leader&benchmark=SWE-bench/*")
    text = look(f"/events/{name}").text
    path = next(part for part in text.split('"') if part.startswith("/boards/") and "at=" in part)
    assert look(path.replace("&amp;", "&")).status == HTTP_OK
