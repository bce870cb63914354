"""What Prometheus is told of the daemon."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.core.board import BoardKey
from bot.core.delivery import State
from bot.counts import BOUNDS, Counts
from bot.store import Store
from bot.views.operation.measures import Measures
from bot.web import metrics
from tests.support.page import CLOSED, visitor
from tests.support.scrape import BOARDS, NOW, filled, scraped, site
from tests.support.store.stored import START, at
from tests.web.conftest import Visiting

NAMES = {
    "polls": ("counter", {"outcome"}),
    "poll_seconds": ("histogram", set()),
    "hub_received_bytes": ("counter", set()),
    "hub_connections": ("counter", set()),
    "board_last_good_poll_timestamp_seconds": ("gauge", {"benchmark", "task", "include_derived"}),
    "events": ("counter", {"kind"}),
    "deliveries": ("gauge", {"state"}),
    "oldest_pending_delivery_age_seconds": ("gauge", set()),
    "hub_quota_remaining": ("gauge", set()),
    "slack_wait_seconds": ("gauge", set()),
    "held_deliveries": ("gauge", set()),
    "mutes": ("gauge", set()),
    "polls_late": ("counter", set()),
}
"""Each metric, without its prefix and what its type adds: its type and labels."""


def test_the_metrics_are_those_that_are_promised(store: Store, tmp_path: Path) -> None:
    """By name, type and labels, each with a sentence; nothing else is there."""
    found = scraped(filled(store, tmp_path))
    assert found.content_type == "text/plain; version=0.0.4; charset=utf-8"
    seen = {
        name.removeprefix("leaderboard_bot_"): (
            metric.type,
            {label for sample in metric.samples for label in sample.labels} - {"le"},
        )
        for name, metric in found.metrics.items()
    }
    assert seen == NAMES
    assert all(metric.documentation.endswith(".") for metric in found.metrics.values())


def test_what_is_stored_is_what_is_told(store: Store, tmp_path: Path) -> None:
    """Deliveries, boards, mutes and waits are those of the database now."""
    found = scraped(filled(store, tmp_path))
    by_state = {state: found.value("leaderboard_bot_deliveries", state=state)
                for state in map(str, State)}  # fmt: skip
    with store.read() as db:
        stored = {state.value: one.count for state, one in db.deliveries.counted().items()}
    assert stored == {"pending": 2, "held": 1}
    assert by_state == {"failed": 0, "sent": 1, "merged": 0} | stored
    assert found.value("leaderboard_bot_held_deliveries") == 1
    age = found.value("leaderboard_bot_oldest_pending_delivery_age_seconds")
    assert age == (NOW - at(6)).total_seconds()
    assert found.value("leaderboard_bot_mutes") == 1
    assert found.value("leaderboard_bot_hub_quota_remaining") == 321
    assert found.value("leaderboard_bot_slack_wait_seconds") == 300
    when = [
        found.value(
            "leaderboard_bot_board_last_good_poll_timestamp_seconds",
            benchmark=board.benchmark,
            task=board.task or "",
            include_derived=str(board.include_derived).lower(),
        )
        for board in BOARDS
    ]
    assert when == [at(5).timestamp(), at(1).timestamp()]


def test_what_the_daemon_counts_is_what_is_told(store: Store, tmp_path: Path) -> None:
    """Every outcome and kind is there from the start, so that a first one shows as a rise."""
    found = scraped(filled(store, tmp_path))
    outcomes = {sample.labels["outcome"]: sample.value
                for sample in found.metrics["leaderboard_bot_polls"].samples}  # fmt: skip
    assert outcomes == {"unchanged": 1, "changed": 1, "failed": 1, "deferred": 0}
    assert found.value("leaderboard_bot_events_total", kind="rank_change") == 2
    assert found.value("leaderboard_bot_events_total", kind="removed") == 0
    assert found.value("leaderboard_bot_hub_received_bytes_total") == 1234
    assert found.value("leaderboard_bot_hub_connections_total") == 1
    assert found.value("leaderboard_bot_polls_late_total") == 1
    assert found.value("leaderboard_bot_poll_seconds_count") == 3
    assert found.value("leaderboard_bot_poll_seconds_sum") == pytest.approx(31.27)
    buckets = [found.value("leaderboard_bot_poll_seconds_bucket", le=bound)
               for bound in ("0.05", "0.1", "0.25", "30.0", "60.0", "+Inf")]  # fmt: skip
    assert buckets == [0, 1, 2, 2, 3, 3]
    samples = found.metrics["leaderboard_bot_poll_seconds"].samples
    assert sum("_bucket" in sample.name for sample in samples) == len(BOUNDS)


def test_a_daemon_that_has_done_nothing_yet_has_metrics_too(store: Store, tmp_path: Path) -> None:
    """All but what is not known: the Hub has told no rate limit, no board was polled."""
    found = scraped(visitor(site(store, tmp_path)))
    unknown = {"hub_quota_remaining", "board_last_good_poll_timestamp_seconds"}
    assert found.metrics.keys() == {f"leaderboard_bot_{name}" for name in NAMES}
    with_samples = {name for name, metric in found.metrics.items() if metric.samples}
    assert with_samples == {f"leaderboard_bot_{name}" for name in NAMES.keys() - unknown}
    assert found.value("leaderboard_bot_oldest_pending_delivery_age_seconds") == 0


HOSTILE = ('a"} 1\nevil{x="', "back\\slash", "\x1b[31mred\r\n", "\u2028", "\ud800", "é" * 500)


@pytest.mark.parametrize("task", HOSTILE)
def test_a_hostile_name_stays_the_value_of_its_label(task: str) -> None:
    """It makes no line, no metric and no escape sequence of its own."""
    text = _exposed(BoardKey("acme/bench", task))
    assert "\x1b" not in text
    families = {one.name: one for one in text_string_to_metric_families(text)}
    assert "evil" not in families
    (sample,) = families["leaderboard_bot_board_last_good_poll_timestamp_seconds"].samples
    assert sample.labels["benchmark"] == "acme/bench"
    assert sample.value == START.timestamp()


def test_names_that_look_the_same_are_one_series() -> None:
    """Prometheus refuses a scrape that has one twice; the older poll is the one that counts."""
    text = _exposed(BoardKey("acme/bench", "x\x1b[0m"), BoardKey("acme/bench", "x"))
    assert text.count("board_last_good_poll_timestamp_seconds{") == 1


def _exposed(*boards: BoardKey) -> str:
    """Return the metrics of boards that were polled then."""
    measured = Measures(
        deliveries={}, held=0, oldest_pending=None, mutes=0, boards=dict.fromkeys(boards, START),
        quota=None, slack_wait=timedelta(),
    )  # fmt: skip
    return metrics.exposed(Counts().now(), measured).decode()


def test_metrics_are_for_those_who_may_see_everything(look: Visiting, token: str) -> None:
    """Neither without the token, nor where the boards are public; on loopback without one, yes."""
    assert look("/metrics").status == 200
    assert look("/metrics", CLOSED).status == 401
    assert look("/metrics", f"{CLOSED}public = true\n").status == 401
    assert look("/metrics", CLOSED, authorization=f"Bearer {token}").status == 200
    assert look("/metrics", host="evil.example.org").status == 400
    assert look("/metrics?name=x").status == 400
