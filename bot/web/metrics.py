"""``/metrics``: what the daemon has counted and what is stored, as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from starlette.responses import Response

from bot.core.board import BoardKey
from bot.core.kinds import Kind
from bot.core.render.clean import inert
from bot.counts import BOUNDS, Counted
from bot.views.operation.measures import Measures, measures
from bot.web.refusal import BAD_REQUEST, Refused
from bot.web.site import Asked

PREFIX = "leaderboard_bot"
OUTCOMES = ("unchanged", "changed", "failed", "deferred")
BOARD = ("benchmark", "task", "include_derived")


def metrics(asked: Asked) -> Response:
    """Return all metrics in the text format of Prometheus."""
    for name in asked.request.query_params:
        raise Refused(BAD_REQUEST, f"{name}: no parameter of this page, which has none")
    site = asked.site
    found = measures(site.store, asked.settings, site.clock())
    return Response(exposed(site.counts.now(), found), media_type=CONTENT_TYPE_PLAIN_0_0_4)


def exposed(counted: Counted, measured: Measures) -> bytes:
    """Return the metrics of one moment in the text format."""
    registry = CollectorRegistry()
    registry.register(_Scrape(counted, measured))
    return generate_latest(registry)


class _Scrape(Collector):
    """The metrics of one moment."""

    def __init__(self, counted: Counted, measured: Measures) -> None:
        self._counted = counted
        self._measured = measured

    def describe(self) -> Iterator[Metric]:
        """Name nothing beforehand: it is collected once."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Yield what was counted since the start, then what is stored."""
        yield from _counts(self._counted)
        yield from _gauges(self._measured)


def _counts(counted: Counted) -> Iterator[Metric]:
    by_outcome = dict.fromkeys(OUTCOMES, 0) | dict(counted.polls)
    by_kind = {kind.value: 0 for kind in Kind} | dict(counted.events)
    yield _counter("polls", "Polls that this process has ended.", by_outcome, "outcome")
    yield _polls_by_seconds(counted)
    yield _counter("polls_late", "Polls of boards that were due for an interval.", counted.late)
    yield _counter("hub_received_bytes", "Bytes that the Hub has sent.", counted.received)
    yield _counter("hub_connections", "Connections made to the Hub.", counted.connections)
    yield _counter("events", "Events that this process has found.", by_kind, "kind")


def _gauges(found: Measures) -> Iterator[Metric]:
    by_state = {state.value: count for state, count in found.deliveries.items()}
    age = found.oldest_pending.total_seconds() if found.oldest_pending is not None else 0
    yield _gauge("deliveries", "Deliveries that are stored, by state.", by_state, "state")
    yield _gauge(
        "oldest_pending_delivery_age_seconds",
        "How long the oldest delivery has waited that nothing holds; 0 without one.",
        age,
    )
    yield _gauge("held_deliveries", "Deliveries held for a digest or quiet hours.", found.held)
    yield _gauge("mutes", "Mutes that last.", found.mutes)
    yield _last_good_polls(found.boards)
    yield _gauge("hub_quota_remaining", "Requests that the Hub allows yet.", found.quota)
    wait = found.slack_wait.total_seconds()
    yield _gauge("slack_wait_seconds", "How long until Slack is tried again.", wait)


def _polls_by_seconds(counted: Counted) -> Metric:
    """Return the histogram, whose buckets hold what took as long or less."""
    summed = accumulate(counted.buckets)
    bounds = [*map(str, BOUNDS[:-1]), "+Inf"]
    family = HistogramMetricFamily(f"{PREFIX}_poll_seconds", "How long polls take.")
    family.add_metric([], list(zip(bounds, summed, strict=True)), counted.seconds)
    return family


def _last_good_polls(boards: Mapping[BoardKey, datetime]) -> Metric:
    family = GaugeMetricFamily(
        f"{PREFIX}_board_last_good_poll_timestamp_seconds",
        "When a watched board answered last.",
        labels=BOARD,
    )
    # What only differs in what is not shown is one series: of two, Prometheus would take none.
    shown: dict[tuple[str, str, str], float] = {}
    for key, at in boards.items():
        derived = str(key.include_derived).lower()
        labels = (inert(key.benchmark), inert(key.task or ""), derived)
        shown[labels] = min(at.timestamp(), shown.get(labels, at.timestamp()))
    for labels, seconds in shown.items():
        family.add_metric(labels, seconds)
    return family


Value = float | Mapping[str, int] | None
"""One value, or one for each value of a label; none where it is not known."""


def _counter(name: str, says: str, value: Value, label: str | None = None) -> Metric:
    family = CounterMetricFamily(f"{PREFIX}_{name}", says, labels=[label] if label else [])
    return _filled(family, value)


def _gauge(name: str, says: str, value: Value, label: str | None = None) -> Metric:
    family = GaugeMetricFamily(f"{PREFIX}_{name}", says, labels=[label] if label else [])
    return _filled(family, value)


def _filled(family: CounterMetricFamily | GaugeMetricFamily, value: Value) -> Metric:
    for labels, each in _series(value):
        family.add_metric(labels, each)
    return family


def _series(value: Value) -> Iterator[tuple[list[str], float]]:
    if isinstance(value, Mapping):
        yield from (([label], each) for label, each in value.items())
    elif value is not None:
        yield [], value
