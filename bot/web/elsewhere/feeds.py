"""Atom feeds (RFC 4287): what happened, in the words of alerts, the same from any host."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid5
from xml.etree import ElementTree as ET

from msgspec import UNSET, Struct
from msgspec.structs import replace

from bot.core.alerts.message import BoardChange, board_message
from bot.core.names.links import event_page
from bot.core.render import text
from bot.core.render.forms import HTML
from bot.core.render.page import page
from bot.views.seen.news import Item

MEDIA_TYPE = "application/atom+xml"

_OURS = UUID("6c62272e-07bb-4142-9c82-1f6e2d5a0b43")
"""What ids are made from that are no ids of events."""

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When a feed changed last in which nothing has happened yet."""

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Feed(Struct, frozen=True, kw_only=True):
    """A feed: what it is of, its own address, and that of the page which tells the same.

    ``subject`` is the same wherever the page stands; ``base`` is where it does.
    """

    subject: str
    title: str
    base: str
    path: str
    page: str
    items: Sequence[Item]


def atom(feed: Feed, endpoint: str) -> bytes:
    """Return a feed as XML; strangers' text in it is inert."""
    root = ET.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": "en"})
    _add(root, "id", uuid5(_OURS, feed.subject.encode("utf-8", "replace").decode()).urn)
    _add(root, "title", feed.title)
    _add(root, "updated", _time(max((one.stored.at for one in feed.items), default=_NEVER)))
    _add(_add(root, "author"), "name", "leaderboard-bot")
    _add(root, "link", rel="self", type=MEDIA_TYPE, href=f"{feed.base}{feed.path}")
    _add(root, "link", rel="alternate", type="text/html", href=f"{feed.base}{feed.page}")
    for item in feed.items:
        _entry(root, item, feed.base, endpoint)
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _entry(root: ET.Element, item: Item, base: str, endpoint: str) -> None:
    stored = item.stored
    address = event_page(base, stored.event.id)
    event = replace(stored.event, page=address, task=UNSET)
    change = BoardChange(board=item.board, snapshot_at=stored.at, events=(event,))
    told = page(board_message(change), {}, endpoint)
    entry = _add(root, "entry")
    _add(entry, "id", _urn(event.id))
    _add(entry, "title", told.summary)
    _add(entry, "published", _time(stored.at))
    _add(entry, "updated", _time(stored.at))
    _add(entry, "category", term=event.kind.value)
    _add(entry, "link", rel="alternate", type="text/html", href=address)
    _add(entry, "content", text.render(told, form=HTML).body, type="html")


def _urn(event: str) -> str:
    """Return the id of an entry: the event's own where that is a UUID."""
    try:
        return UUID(event).urn
    except ValueError:
        return uuid5(_OURS, event).urn


def _add(
    parent: ET.Element, name: str, written: str | None = None, **attributes: str
) -> ET.Element:
    child = ET.SubElement(parent, name, {key: _legal(one) for key, one in attributes.items()})
    child.text = None if written is None else _legal(written)
    return child


def _legal(written: str) -> str:
    """Return a text without the characters that XML cannot hold."""
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", written)


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
