"""``/watches`` and ``/status``: what is watched and muted, and how the program is doing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.config import Web, load
from bot.core.alerts.mute import Mute
from bot.demo.weeks import story
from bot.jobs.commit import commit
from bot.store import Store, open_store
from bot.views.events import Filter, listing
from bot.web.site import Site
from tests.support.page import visit, visitor
from tests.web.conftest import Visiting

SWE = "SWE-bench/SWE-bench_Verified"
AT = story().frame[-1].at


@pytest.fixture
def mute(weeks_store: Store) -> Iterator[Mute]:
    """Mute a benchmark for a while."""
    until = AT + timedelta(days=7)
    new = Mute(id="", benchmark=SWE, reason="<b>noise</b>", created_at=AT, expires_at=until)
    added = commit(weeks_store, lambda db: db.mutes.add(new))
    yield added
    commit(weeks_store, lambda db: db.mutes.end(added.id, AT))


def test_watches_name_their_boards_channels_and_next_polls(look: Visiting) -> None:
    """In the order of the configuration."""
    found = look("/watches?format=json").data
    (one,) = found["items"]
    assert found["next"] is None
    assert one.keys() == {"watch", "boards", "channels", "next_poll_at", "muted"}
    assert one["channels"]
    assert any(name.startswith(SWE) for name in one["boards"])
    assert one["next_poll_at"].endswith("Z")
    assert one["muted"] == []


def test_people_read_which_command_changes_a_watch(look: Visiting, mute: Mute) -> None:
    """As text that can be copied; what strangers and colleagues wrote is inert."""
    page = look("/watches").text
    assert "leaderboard-bot mute add --benchmark" in page
    assert 'SWE-bench Verified</a> <span class="under">SWE-bench/SWE-bench_Verified</span>' in page
    assert f"leaderboard-bot mute remove {mute.id}" in page
    assert f'href="/boards/{SWE}' in page
    assert "&lt;b&gt;noise" in page
    assert [one["id"] for one in look("/watches?format=json").data["items"][0]["muted"]] == [
        mute.id
    ]


def test_status_says_what_the_command_says(look: Visiting, mute: Mute) -> None:
    """In its shape as data, and in its words for people, with what is muted."""
    found = look("/status?format=json").data
    assert found.keys() == {"daemon", "boards", "deliveries", "channels", "mutes", "quota"}
    assert found["mutes"] == 1
    page = look("/status").text
    assert f"{found['boards']['watched']} watched" in page
    assert "1 mute lasts" in page
    assert f"leaderboard-bot mute remove {mute.id}" in page
    assert "Nothing is held" in page


def test_a_task_is_named_only_where_a_benchmark_has_several(
    look: Visiting, weeks_store: Store
) -> None:
    """In the status, and in the lines of ``events``."""
    assert "cais/hle" in look("/status").text
    assert "cais/hle#hle" not in look("/status").text
    boards = {line.board for line in listing(weeks_store, Filter(), "https://example.org", 1000)}
    assert {"cais/hle", "llamaindex/ParseBench#chart"} <= boards
    assert "cais/hle#hle" not in boards


def test_sample_data_have_no_next_poll_and_say_so(weeks: Path, weeks_store: Store) -> None:
    """Nothing polls beside them: no daemon that is not running, no command that does nothing."""
    site = Site(weeks_store, load(weeks / "config.toml", {}), lambda: AT)
    site.settings = replace(site.settings, web=Web())
    site.polls = False
    sample = visitor(site)
    status, watches = sample.get("/status").text, sample.get("/watches").text
    assert "these are sample data, and nothing polls" in status
    assert "not running" not in status
    assert "Rate limit" not in status
    assert "Nothing polls" in watches
    assert "Next poll</" not in watches
    assert "mute add" not in watches
    (one,) = sample.get("/watches?format=json").json()["items"]
    assert one["next_poll_at"] is None
    assert "deliveries retry" not in sample.get("/deliveries").text


def test_every_list_of_an_empty_database_says_what_to_do(tmp_path: Path) -> None:
    """Each names the command that fills it."""
    (tmp_path / "config.toml").write_text(
        '[hub]\nendpoint = "http://127.0.0.1:9"\n[channels.screen]\ntype = "console"\n', "utf-8"
    )
    store = open_store(f"sqlite:///{tmp_path / 'empty.db'}")
    try:
        for path in ("/", "/events", "/deliveries", "/watches", "/status"):
            found = visit(tmp_path, store, path)
            assert (found.status, "leaderboard-bot " in found.text) == (200, True), path
    finally:
        store.close()
