"""``/deliveries``: what was sent where, for those who know the token."""

from __future__ import annotations

import pytest

from tests.support.page import BEARER, PUBLIC
from tests.web.conftest import Visiting

REFUSED = 400
MISSING = 404
LOCKED = 401


def test_deliveries_are_listed_a_part_at_a_time(look: Visiting) -> None:
    """The newest first, each once, in the shape of ``deliveries --json``."""
    whole = look("/deliveries?format=json&limit=1000").data
    assert whole["next"] is None
    first = whole["items"][0]
    assert first.keys() >= {"id", "channel", "type", "state", "created_at", "events", "attempts"}
    times = [one["created_at"] for one in whole["items"]]
    assert times == sorted(times, reverse=True)
    parts, cursor = [], ""
    while cursor is not None:
        part = look(f"/deliveries?format=json&limit=7{cursor and '&cursor='}{cursor}").data
        parts += part["items"]
        cursor = part["next"]
    assert parts == whole["items"]


def test_deliveries_are_chosen_by_state_and_channel(look: Visiting) -> None:
    """Where none is like that, the page says so."""
    everything = look("/deliveries?format=json").data["items"]
    channel = everything[0]["channel"]
    same = look(f"/deliveries?format=json&state=sent,pending&state=held&channel={channel}").data
    assert same["items"] == [one for one in everything if one["channel"] == channel]
    assert look("/deliveries?format=json&state=failed").data == {"items": [], "next": None}
    assert "There are no such deliveries." in look("/deliveries?state=failed").text


def test_people_read_what_each_told_and_how_it_is_sent_again(look: Visiting) -> None:
    """With a link to each event, every attempt, and the command ready to copy."""
    one = look("/deliveries?format=json&limit=1").data["items"][0]
    page = look("/deliveries?limit=1").text
    assert f"leaderboard-bot deliveries retry {one['id']}" in page
    assert f'href="/events/{one["events"][0]}"' in page
    assert f"({len(one['attempts'])} attempt" in page


def test_deliveries_are_a_table_too(look: Visiting) -> None:
    """A line each, the newest first."""
    lines = look("/deliveries?format=csv&limit=5").text.splitlines()
    items = look("/deliveries?format=json&limit=5").data["items"]
    assert [line.split(",")[0] for line in lines[1:]] == [one["id"] for one in items]


@pytest.mark.parametrize(
    ("query", "status"),
    [("state=gone", REFUSED), ("cursor=events-1", REFUSED), ("channel=nobody", MISSING)],
)
def test_what_cannot_be_meant_is_refused(look: Visiting, query: str, status: int) -> None:
    """With the place where it is wrong."""
    found = look(f"/deliveries?format=json&{query}")
    assert (found.status, bool(found.data["error"])) == (status, True)


@pytest.mark.parametrize("path", ["/deliveries", "/watches", "/status"])
def test_strangers_are_told_nothing(look: Visiting, path: str) -> None:
    """A page that is public or not: who was told what is not for everybody."""
    assert look(path, PUBLIC).status == LOCKED
    assert look(path, PUBLIC, authorization=BEARER).status == 200


def test_further_events_of_a_delivery_are_counted_in_words(look: Visiting) -> None:
    """After the first, which is told."""
    assert "<summary>and 1 more event</summary>" in look("/deliveries").text
