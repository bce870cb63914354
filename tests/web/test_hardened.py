"""What cannot be had from the page by asking in odd ways."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from msgspec.structs import replace

from bot.config import Web, load
from bot.core.names.hosts import Listen
from bot.core.secret import Secret
from bot.store import Store
from bot.web.site import Site
from tests.support.page import client
from tests.web.conftest import Visiting

BAD, NOT_FOUND = 400, 404


def web(**keys: str) -> Web:
    """Return a table as a file has it."""
    return Web.model_validate(keys)


def kept(site: Site) -> Secret | None:
    """Return the token that counts."""
    assert site.settings.web is not None
    return site.settings.web.token


@pytest.mark.parametrize(
    "path",
    [
        "/?limit=00000100099999",
        "/events?limit=00000100099999",
        f"/?limit=000001000{'9' * 30}",
        f"/events?model={'[a' * 5000}",
        f"/events?benchmark={'*a' * 300}",
        f"/events?kind={'x' * 5000}",
        "/events?model=a/%00",
        "/events?since=999999w",
        "/boards/SWE-bench/SWE-bench_Verified?at=999999w",
        "/race/SWE-bench/SWE-bench_Verified?at=800000d",
    ],
)
def test_what_would_cost_or_break_is_refused(look: Visiting, path: str) -> None:
    """In words, as for any other bad input; as data, too."""
    found = look(f"{path}&format=json")
    assert (found.status, "error" in found.data) == (BAD, True)
    assert "content-security-policy" in found.headers


@pytest.mark.parametrize(
    "path", [f"/models/{'x' * 5000}", f"/boards/{'x/' * 3000}", "/events/", "/boards", "/healthz/"]
)
def test_there_is_no_redirect_and_no_endless_name(look: Visiting, path: str) -> None:
    """A redirect would name whatever host was asked for."""
    found = look(path, host="evil.example")
    assert found.status in (BAD, NOT_FOUND)
    assert "location" not in found.headers


def test_errors_are_data_where_data_was_asked_for(look: Visiting) -> None:
    """In CSV there is no other way to say what is wrong."""
    assert look("/boards/off/none?format=csv").data.keys() == {"error"}


def test_links_are_whole_however_long(look: Visiting) -> None:
    """What is cut for reading is not cut where it leads."""
    kinds = "new_leader,new_entry,removed,rank_change,score_change,verified,unverified,renamed"
    asked = f"/events?limit=1&kind={kinds},rank_shift,recomputed,new_benchmark,benchmark_gone"
    text = look(asked).text
    more = next(part for part in text.split('"') if "cursor=" in part)
    assert "…" not in more
    assert look(f"/events{more.replace('&amp;', '&')}").status == 200


def test_token_stays_while_others_reach_what_listens(weeks: Path, weeks_store: Store) -> None:
    """A reload to loopback without a token counts when it listens there, not before."""
    settings = load(weeks / "config.toml", {})
    token = Secret("sixteen-letters.")
    site = Site(
        weeks_store,
        replace(settings, web=web(listen="0.0.0.0:8080", token="sixteen-letters.")),
        lambda: None,  # type: ignore[arg-type, return-value]
    )
    for after in (web(), web(token="short")):
        site.use(replace(settings, web=after))
        assert kept(site) == token
    site.use(replace(settings, web=web(token="another-sixteen.")))
    assert kept(site) == Secret("another-sixteen.")


def test_parts_of_a_list_go_on_however_many_names_are_meant(
    weeks: Path, weeks_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More names than a statement may list are looked for in what was read; nothing is lost."""
    monkeypatch.setattr("bot.store.paging.MOST_NAMED", 3)
    visitor = client(weeks, weeks_store)
    asked = f"/events?format=json&benchmark=SWE-bench/*&model={quote('*e*')}"
    whole = [one["id"] for one in visitor.get(f"{asked}&limit=1000").json()["items"]]
    found, cursor = [], ""
    while True:
        part = visitor.get(f"{asked}&limit=10{cursor}").json()
        found += [one["id"] for one in part["items"]]
        if part["next"] is None:
            break
        cursor = f"&cursor={part['next']}"
    assert found == whole
    assert len(found) > 10


def test_listen_is_a_value() -> None:
    """What the test above relies on: the place is read as in a file."""
    assert web(listen="0.0.0.0:8080").listen == Listen("0.0.0.0", 8080)
