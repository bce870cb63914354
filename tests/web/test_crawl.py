"""Every link of every page leads somewhere, and nothing that strangers write does anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import lxml.html
import pytest
from starlette.testclient import TestClient

from bot.app import now
from bot.store import Store
from tests.support.commands import BENCH, Commands
from tests.support.hub.fake_hub import board
from tests.support.page import client

HTTP_OK = 200
MOST = 400
"""Pages that a crawl visits at most."""

NAMES = (
    '"><script>alert(1)</script>/x',
    "a'onmouseover='alert(1)/{{ 7 * 7 }}",
    "javascript:alert(1)/</script><svg onload=alert(1)>",
    "acme/\u202eevil\u2066\x1b[31m\x9b2J",
    f"acme/{'x' * 3000}",
    "acme/&amp;&lt;?a=b#c",
    "acme/_\\",
    "acme/blank ",
    " acme/before",
    "acme//twice/",
    "acme/a+b",
)


def crawl(visitor: TestClient, start: str) -> Iterator[tuple[str, Any]]:
    """Visit what links lead to on this page's own site; yield each page, its HTML read."""
    seen, left = {start}, [start]
    while left and len(seen) <= MOST:
        path = left.pop(0)
        found = visitor.get(path)
        assert found.status_code == HTTP_OK, (path, found.text)
        if not found.headers["content-type"].startswith("text/html"):
            continue
        page = lxml.html.fromstring(found.text)
        yield path, page
        for link in page.xpath("//@href | //@src"):
            target = urljoin(f"http://here{path}", link)
            if urlsplit(target).netloc != "here" or "cursor=" in target:
                continue
            other = target.removeprefix("http://here").partition("#")[0]
            if other not in seen:
                seen.add(other)
                left.append(other)


def check(path: str, page: Any) -> None:
    """Refuse a page on which anything could run that is not ours, or reach another host."""
    for script in page.iter("script"):
        data = script.get("type") == "application/json"
        assert data or (script.get("src") or "").startswith("/static/"), path
        if data:
            json.loads(script.text)
    for element in page.iter():
        if not isinstance(element.tag, str):
            continue
        for name, value in element.attrib.items():
            assert not name.startswith("on"), (path, name)
            assert name != "style", (path, "no style is allowed in place")
            if name in ("href", "src", "action", "formaction"):
                assert urlsplit(value).scheme in ("", "http", "https"), (path, value)
    assert page.xpath("//h1"), path
    words = page.text_content()
    assert not {"\x1b", "\x9b", "\u202e", "\u2066"}.intersection(words), path
    assert "49" not in words or "{{" not in path


def test_every_link_leads_somewhere(weeks: Path, weeks_store: Store) -> None:
    """On the sample weeks, from the first page on; no page needs what it may not have."""
    paths = set()
    for path, page in crawl(client(weeks, weeks_store), "/"):
        check(path, page)
        paths.add(path.split("/")[1].partition("?")[0])
    shown = {"", "boards", "models", "race", "events", "deliveries", "watches", "status"}
    assert shown <= paths


@pytest.fixture
def hostile(commands: Commands) -> Iterator[TestClient]:
    """Poll a board on which strangers do their worst, and show it."""
    rows = board(*((name, 90.0 - place) for place, name in enumerate(NAMES)))
    for row in rows:
        row["notes"] = "<img src=x onerror=alert(1)>\x1b[31m"
        row["source"] = {"name": "<b>bold</b>", "url": "javascript:alert(1)", "isExternal": True}
    commands.polled(rows[1:], rows, [*rows[2:]], benchmark=BENCH)
    commands.polled([*rows[2:]], benchmark=BENCH)
    with commands.store() as store:
        yield client(commands.folder, store, now=now())


def test_what_strangers_write_does_nothing(hostile: TestClient) -> None:
    """Names, notes, sources and links of a hostile board are text on every page."""
    seen = 0
    for path, page in crawl(hostile, "/"):
        check(path, page)
        seen += "alert(1)" in page.text_content()
    assert seen > 3
