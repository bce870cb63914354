"""Feeds: Atom as RFC 4287 has it, of events as they were found."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from lxml import etree

from bot.core.alerts.message import BoardInfo
from bot.core.board import BoardKey
from bot.core.events import Event, StoredEvent
from bot.views.seen.news import Item
from bot.web.elsewhere.feeds import Feed, atom
from tests.support.hostile import HOSTILE, hostile_lists
from tests.support.messages import HUB, event
from tests.support.page import BEARER, CLOSED, PUBLIC, Visit
from tests.web.conftest import Visiting

AT = datetime(2026, 4, 27, 10, tzinfo=UTC)
SWE = "/feeds/boards/SWE-bench/SWE-bench_Verified"
QWEN = "/feeds/models/Qwen/Qwen3.5-397B-A17B"
HERE = 'public_url = "https://boards.example.org/lb/"\n'
HTTP_OK, NOT_MODIFIED, BAD, UNAUTHORIZED, NOT_FOUND = 200, 304, 400, 401, 404


@cache
def rules() -> etree.RelaxNG:
    path = Path(__file__).parents[1] / "data" / "web" / "atom.rng"
    return etree.RelaxNG(etree.parse(path))


def read(text: str | bytes) -> Any:
    """Return a feed as feedparser reads it, once it is known to be a valid one."""
    body = text.encode() if isinstance(text, str) else text
    rules().assertValid(etree.fromstring(body))
    found = feedparser.parse(body)
    assert not found.bozo, found.get("bozo_exception")
    return found


def feed(*events: Event, title: str = "A board", name: str | None = None) -> bytes:
    board = BoardInfo(benchmark="acme/bench", name=name)
    items = [
        Item(stored=StoredEvent(at=AT, board=BoardKey("acme/bench"), event=one), board=board)
        for one in events
    ]
    made = Feed(
        subject="boards/acme/bench",
        title=title,
        base="https://boards.example.org",
        path="/feeds/boards/acme/bench",
        page="/boards/acme/bench",
        items=items,
    )
    return atom(made, HUB)


def test_the_rules_refuse_what_is_no_atom() -> None:
    """They would be of no use otherwise."""
    right = feed(event("removed", id="0" * 32))
    assert rules().validate(etree.fromstring(right))
    for part in (b"<updated>", b"<title>", b"<id>"):
        wrong = right.replace(part, part.replace(b"<", b"<x")).replace(
            part.replace(b"<", b"</"), part.replace(b"<", b"</x")
        )
        assert not rules().validate(etree.fromstring(wrong)), part


def test_an_entry_tells_an_event_in_the_words_of_alerts() -> None:
    """With its own page, and an id that is the event's, wherever the page stands."""
    told = event("removed", "acme/a", id="0" * 31 + "1", rank=(4, None), score=(60.4, None))
    found = read(feed(told))
    (entry,) = found.entries
    assert entry.title == "acme/bench: acme/a is gone; last seen at #4 with 60.4."
    assert entry.link == f"https://boards.example.org/events/{told.id}"
    assert entry.id == "urn:uuid:00000000-0000-0000-0000-000000000001"
    assert (entry.updated, entry.tags[0].term) == ("2026-04-27T10:00:00Z", "removed")
    assert f'<a href="{entry.link}">why</a>' in entry.content[0].value


def test_a_feed_in_which_nothing_happened_is_one() -> None:
    """Readers may subscribe before anything changes."""
    found = read(feed())
    assert (found.entries, found.feed.updated) == ([], "1970-01-01T00:00:00Z")


class _Seen(HTMLParser):
    """Keeps the tags that a reader of the content would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links |= {value or "" for name, value in attributes if name == "href"}
        assert {name for name, _ in attributes} <= {"href"}


@settings(max_examples=60, deadline=None)
@given(hostile_lists(4), HOSTILE, HOSTILE)
def test_what_strangers_write_is_inert(events: list[Event], title: str, name: str) -> None:
    """The feed stays valid, whatever XML cannot hold; nothing in it is their markup."""
    tree = etree.fromstring(feed(*events, title=title, name=name))
    rules().assertValid(tree)
    for content in tree.iterfind(".//{*}content"):
        seen = _Seen()
        seen.feed(content.text or "")
        assert seen.tags <= {"a", "b", "br"}
        assert all(link.startswith(("https://", "http://")) for link in seen.links)


def ids(visit: Visit) -> list[str]:
    return [entry.id for entry in read(visit.text).entries]


def test_a_boards_feed_has_its_news_without_shifts(look: Visiting) -> None:
    """The newest first; nothing that only others' moves did."""
    found = read(look(SWE, HERE).text)
    kinds = {entry.tags[0].term for entry in found.entries}
    assert found.feed.title == "SWE-bench/SWE-bench_Verified · leaderboard-bot"
    assert "new_leader" in kinds
    assert "rank_shift" not in kinds
    updated = [entry.updated for entry in found.entries]
    assert updated == sorted(updated, reverse=True)
    assert found.feed.updated == updated[0]
    links = {link.rel: link.href for link in found.feed.links}
    assert links["self"] == f"https://boards.example.org/lb{SWE}"
    assert links["alternate"].startswith("https://boards.example.org/lb/boards/SWE-bench/")


def test_a_models_feed_has_also_what_took_the_lead_from_it(look: Visiting) -> None:
    """Losing the lead is news, though it is another model's event."""
    found = read(look(QWEN).text)
    assert any("takes the lead from Qwen/Qwen3.5-397B-A17B" in one.title for one in found.entries)
    assert all("Qwen/Qwen3.5-397B-A17B" in entry.title for entry in found.entries)


def test_a_watchs_feed_has_what_the_watch_wanted(look: Visiting) -> None:
    """As it was decided when it was found."""
    found = read(look("/feeds/watches/everything").text)
    assert len({entry.title.partition(":")[0] for entry in found.entries}) > 3


def test_ids_depend_on_no_host(look: Visiting) -> None:
    """A reader that follows the page to another name sees nothing twice."""
    here, there = look(SWE, HERE), look(SWE, host="127.0.0.1:9")
    assert ids(here) == ids(there)
    assert read(here.text).feed.id == read(there.text).feed.id
    assert "http://127.0.0.1:9/events/" in there.text


def test_a_feed_that_is_the_same_is_not_sent_again(look: Visiting) -> None:
    """Readers ask often."""
    first = look(SWE)
    assert first.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert look(SWE, if_none_match=first.headers["etag"]).status == NOT_MODIFIED


@pytest.mark.parametrize(
    ("path", "web", "authorization", "status"),
    [
        (SWE, CLOSED, "", UNAUTHORIZED),
        (SWE, PUBLIC, "", HTTP_OK),
        (QWEN, PUBLIC, "", HTTP_OK),
        ("/feeds/watches/everything", PUBLIC, "", UNAUTHORIZED),
        ("/feeds/watches/everything", PUBLIC, BEARER, HTTP_OK),
        ("/feeds/watches/nobody", PUBLIC, BEARER, NOT_FOUND),
        ("/feeds/boards/acme/nothing", PUBLIC, "", NOT_FOUND),
        ("/feeds/models/acme/nobody", PUBLIC, "", NOT_FOUND),
        (f"{SWE}?format=json", PUBLIC, "", BAD),
        (f"{SWE}?derived=yes", PUBLIC, "", BAD),
    ],
)
def test_feeds_are_open_as_what_they_tell_of(
    look: Visiting, path: str, web: str, authorization: str, status: int
) -> None:
    """Boards and models where the page is public, watches for those who know the token."""
    headers = {"authorization": authorization} if authorization else {}
    assert look(path, web, **headers).status == status


@pytest.mark.parametrize("page", ["/boards/SWE-bench/SWE-bench_Verified", QWEN[6:]])
def test_pages_name_their_feeds(look: Visiting, page: str) -> None:
    """Readers find them by themselves."""
    (link,) = etree.HTML(look(page).text).xpath('//link[@rel="alternate"]')
    assert link.get("type") == "application/atom+xml"
    assert look(link.get("href")).status == HTTP_OK
