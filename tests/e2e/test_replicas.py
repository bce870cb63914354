"""Several daemons on one PostgreSQL: what one leaves behind, another takes up."""

from __future__ import annotations

import threading
import time

import psycopg

from bot.demo.server import LoopbackServer, Reply, Request
from tests.e2e.test_run import WATCH, polls
from tests.support.hub.fake_hub import board
from tests.support.process.installation import BENCH, Installation
from tests.support.store.postgres import Postgres
from tests.support.waiting import until

OTHER = "acme/other"
ABC = (("acme/a", 80.0), ("acme/b", 70.0), ("acme/c", 60.0))
WITHIN = 30

CLAIM = """
UPDATE boards SET lease_owner = (SELECT lease_owner FROM deliveries WHERE lease_owner IS NOT NULL),
    lease_until = now() + interval '5 minutes'
WHERE benchmark = %s
"""
"""Claims a board for the daemon that is sending, as if it would poll it for long."""


class Hanging:
    """A receiver that answers its first request only when the test is over."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.over = threading.Event()

    def __call__(self, request: Request) -> Reply:
        self.ids.append(request.headers["webhook-id"])
        if len(self.ids) == 1:
            self.over.wait(60)
        return Reply(204)


def test_what_a_killed_replica_was_at_is_taken_over_within_half_a_minute(
    installation: Installation, postgres: Postgres
) -> None:
    """Its boards and its deliveries, these with the same id."""
    receiver = Hanging()
    with postgres.database("replicas") as url, LoopbackServer(receiver) as server:
        channel = f'[channels.hook]\ntype = "webhook"\nurl = "{server.url}"\nallow_private = true'
        installation.configure(WATCH.replace(BENCH, f'{BENCH}", "{OTHER}'), channels=channel)
        text = installation.config.read_text("utf-8")
        installation.config.write_text(text.replace("sqlite:///bot.db", url), "utf-8")
        for benchmark in (BENCH, OTHER):
            installation.hub.set(benchmark, board(*ABC))
        with installation.daemon() as first, installation.daemon() as second:
            assert until(lambda: polls(installation) >= 2)
            installation.hub.set(BENCH, board(("acme/n", 90.0), *ABC))
            assert until(lambda: receiver.ids)
            with psycopg.connect(url) as connection:
                assert connection.execute(CLAIM, [OTHER]).rowcount == 1
                owner = str(connection.execute("SELECT lease_owner FROM deliveries").fetchone())
            sending = first if f":{first.pid}:" in owner else second
            sending.kill()
            sending.communicate()
            killed, seen = time.monotonic(), polls(installation, OTHER)
            assert until(lambda: len(receiver.ids) == 2, WITHIN)
            assert until(lambda: polls(installation, OTHER) > seen, WITHIN)
            assert time.monotonic() - killed < WITHIN
        receiver.over.set()
    assert len(set(receiver.ids)) == 1
