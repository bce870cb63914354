"""The address of an event on the bot's own page, in bodies and in what commands print."""

from __future__ import annotations

from pathlib import Path

from tests.support.commands import BENCH, BOTH, LATER, OTHER, START, Commands
from tests.support.hub.fake_hub import SampleHub, board

WEB = '[web]\ntoken = "0123456789abcdef"\npublic_url = "https://boards.example.org/lb/"\n'


def test_events_carry_their_page_where_its_address_is_configured(tmp_path: Path) -> None:
    """In what is sent and in what is listed, of old events too; none is stored with them."""
    with SampleHub() as hub:
        commands = Commands(tmp_path, hub)
        commands.configure(BOTH)
        commands.polled(START, LATER)
        assert all("page" not in one for one in commands.json("events"))
        commands.configure(BOTH, extra=WEB)
        listed = commands.json("events")
        pages = [f"https://boards.example.org/lb/events/{one['id']}" for one in listed]
        assert [one["page"] for one in listed] == pages
        assert commands.json("explain", listed[0]["id"])["event"]["page"] == pages[0]
        commands.polled(board(("acme/x", 1)), benchmark=OTHER)
        hub.add_benchmark(BENCH, START)
        hub.add_benchmark(OTHER, board(("acme/x", 2)))
        (sent,) = (
            one["body"]["data"]["events"]
            for one in commands.json("poll", "--dry-run")["would_send"]
            if one["body"]["data"]["board"]["benchmark"] == OTHER
        )
        assert [f"/lb/events/{one['id']}" in one["page"] for one in sent] == [True]
        assert sent[0]["url"].startswith(hub.url)
