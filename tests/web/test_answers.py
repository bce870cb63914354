"""What every answer has: forms, ETags, refusals, and what keeps browsers from doing more."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from bot.store import Store
from tests.support.page import client
from tests.web.conftest import Visiting

HTTP_OK, NOT_MODIFIED, BAD, NOT_FOUND, NOT_ALLOWED = 200, 304, 400, 404, 405


def test_a_page_that_is_the_same_is_not_sent_again(look: Visiting) -> None:
    """Its ETag holds while nothing shown changed."""
    first = look("/")
    assert look("/", if_none_match=first.headers["etag"]).status == NOT_MODIFIED
    assert look("/", if_none_match=f'"x", W/{first.headers["etag"]}').status == NOT_MODIFIED
    assert look("/", if_none_match='"x"').status == HTTP_OK


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_the_page_only_shows(weeks: Path, weeks_store: Store, method: str) -> None:
    """Anything but GET and HEAD is 405, wherever."""
    for path in ("/", "/nowhere"):
        found = client(weeks, weeks_store).request(method, path)
        assert (found.status_code, found.headers["allow"]) == (NOT_ALLOWED, "GET, HEAD")


def test_head_is_the_same_without_the_body(weeks: Path, weeks_store: Store) -> None:
    """Its length and its ETag are those of the page."""
    visitor = client(weeks, weeks_store)
    head, got = visitor.head("/"), visitor.get("/")
    assert (head.status_code, head.text) == (HTTP_OK, "")
    assert head.headers["etag"] == got.headers["etag"]


@pytest.mark.parametrize("path", ["/", "/nowhere", "/?limit=0", "/static/style.css", "/healthz"])
def test_every_answer_forbids_what_it_does_not_need(look: Visiting, path: str) -> None:
    """Nothing from other hosts, no frame, no guessed type."""
    headers = look(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "set-cookie" not in headers


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/?colour=red", BAD, "colour: no parameter of this page"),
        ("/?limit=0", BAD, "limit: must be a whole number from 1 to 1,000"),
        ("/?limit=1001", BAD, "limit: must be a whole number from 1 to 1,000"),
        ("/?limit=1&limit=2", BAD, "limit: give it once"),
        ("/?cursor=events-3", BAD, "cursor: is none of this list"),
        ("/?cursor=boards--1", BAD, "cursor: is none of this list"),
        ("/?cursor=boards-99999999999999999999", BAD, "cursor: is none of this list"),
        ("/?format=xml", BAD, "format: must be json or csv"),
        ("/status?format=csv", BAD, "format: must be json"),
        ("/nowhere", NOT_FOUND, "There is no such page."),
        ("/static/../app.py", NOT_FOUND, "There is no such"),
        ("/static/%2e%2e%2fapp.py", NOT_FOUND, "There is no such"),
        ("/static//etc/passwd", NOT_FOUND, "There is no such"),
    ],
)
def test_bad_input_is_refused_in_words(look: Visiting, path: str, status: int, said: str) -> None:
    """As a page for people, and as data where that was asked for."""
    found = look(path)
    assert (found.status, said in found.text) == (status, True)
    if "format=" not in path:
        asked = f"{path}{'&' if '?' in path else '?'}format=json"
        assert look(asked).data["error"].startswith(said)


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/?", {"task": "swe_bench_%_resolved", "leader_score": "80.6", "failing": "false"}),
        ("/events?kind=new_leader&", {"kind": "new_leader", "rank_after": "1"}),
        ("/watches?", {"watch": "everything", "channels": "screen", "muted": "0"}),
        ("/embed/boards/SWE-bench/SWE-bench_Verified?top=3&", {"rank": "1", "value": "80.6"}),
    ],
)
def test_every_table_is_csv_too(look: Visiting, path: str, names: dict[str, str]) -> None:
    """A line an item, the same items as the JSON has."""
    data = look(f"{path}format=json").data
    lines = list(csv.DictReader(io.StringIO(look(f"{path}format=csv").text)))
    assert len(lines) == len(data.get("items") or data["rows"])
    assert any(names.items() <= line.items() for line in lines)


def test_lists_are_read_a_part_at_a_time(look: Visiting) -> None:
    """Each part names the cursor of the next, the last names none; nothing is lost or repeated."""
    whole = look("/?format=json").data
    parts, cursor = [], "boards-0"
    while cursor:
        part = look(f"/?format=json&limit=4&cursor={cursor}").data
        parts += part["items"]
        cursor = part["next"]
    assert parts == whole["items"]
    assert len(parts) > 4
