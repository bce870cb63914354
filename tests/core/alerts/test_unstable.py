"""When a row is unstable, and what people are told of it then (rule 5 of noise control)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from bot.core.alerts.alert import Alert, Recall
from bot.core.alerts.memory import Memories
from bot.core.alerts.mute import Muted, nothing_muted
from bot.core.alerts.reason import Reason
from bot.core.alerts.route import route
from bot.core.alerts.unrest.aspects import is_own
from bot.core.alerts.unrest.unstable import RESTS_AFTER, Step, with_unstable
from bot.core.alerts.watch import Watch
from bot.core.board import Result
from bot.core.events import ScorePair
from bot.core.kinds import DEFAULT_KINDS, Kind
from tests.support.builders import Board, result

START = datetime(2026, 4, 27, tzinfo=UTC)
Rows = list[Result | tuple[str, float]]


class Life:
    """A board that is polled hourly, and what two channels of it are told: people, a program."""

    def __init__(self, *rows: Result | tuple[str, float], **watch: Any) -> None:
        self.board = Board(*rows, confirm_removals=1)
        watch.setdefault("kinds", DEFAULT_KINDS)
        channels = ("hook", "team")
        self.watches = [Watch(name="w", benchmarks=("*",), channels=channels, **watch)]
        self.memories: Memories = {}
        self.steps: dict[str, list[Step]] = {}
        self.now = START
        self.muted: Muted = nothing_muted
        self._ids = count()

    def poll(self, *rows: Result | tuple[str, float], hours: float = 1) -> dict[str, Alert]:
        """Poll after some time; return what each channel is told."""
        self.now += timedelta(hours=hours)
        restless = {row for (_, row), one in self.memories.items() if one.restless(self.now)}
        since = self.now - RESTS_AFTER
        steps = {row: [s for s in some if s.at > since] for row, some in self.steps.items()}
        told = self.board.poll(*rows).found
        found = with_unstable(told, self.now, steps, restless, lambda: f"u{next(self._ids)}")
        for one in found:
            if one.row_id and (one.event.kind is Kind.UNSTABLE or is_own(one.event)):
                self.steps.setdefault(one.row_id, []).append(Step(self.now, one.event))
        recall = Recall(at=self.now, memories=self.memories, muted=self.muted)
        routed = route(found, self.watches, lambda _: None, programs=["hook"], recall=recall)
        new = {(a.channel, row): known for a in routed.alerts for row, known in a.memory.items()}
        self.memories = {**self.memories, **new}
        return {alert.channel: alert for alert in routed.alerts}

    def told(self, channel: str, *polls: Rows) -> list[str]:
        """Poll; return the kinds that a channel is told, a text a poll."""
        alerts = [self.poll(*rows)[channel] for rows in polls]
        return [" ".join(event.kind for event in alert.events) for alert in alerts]


def between(*scores: float) -> list[Rows]:
    """Return polls of a board of three, of which one row has these scores."""
    return [[("lead", 90), ("x", score), ("y", 10)] for score in scores]


BASE = between(50)[0]
FLAPS = between(53, 50, 53, 50, 53, 50, 53, 50)


def test_rule_5_at_the_third_reversal_people_are_told_once_and_programs_of_each() -> None:
    """A score that was told as changed went back, forth and back again."""
    people, programs = Life(*BASE), Life(*BASE)
    each = "score_change"
    assert people.told("team", *FLAPS) == [each, each, each, "unstable", "", "", "", ""]
    programs_told = programs.told("hook", *FLAPS)
    assert programs_told == [each, each, each, f"unstable {each}", each, each, each, each]


def test_rule_5_reversals_count_within_a_day() -> None:
    """One that goes back every nine hours has no three of them in 24."""
    life = Life(*BASE)
    told = [life.poll(*rows, hours=9)["team"].events for rows in FLAPS]
    assert {event.kind for events in told for event in events} == {Kind.SCORE_CHANGE}


def test_rule_5_what_only_goes_up_goes_back_to_nothing() -> None:
    """However often a day."""
    life = Life(*BASE)
    assert life.told("team", *between(51, 52, 53, 54, 55, 56)) == ["score_change"] * 6


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ([("lead", 90), ("x", 50)], [("lead", 90)]),
        ([("lead", 90), result("x", 50)], [("lead", 90), result("x", 50, verified=True)]),
    ],
    ids=["presence", "flag"],
)
def test_rule_5_a_flag_and_presence_go_back_as_well(here: Rows, there: Rows) -> None:
    """Each third time is one too many."""
    life = Life(*here)
    *first, fourth, fifth = life.told("team", there, here, there, here, there)
    assert (all(first), fourth, fifth) == (True, "unstable", "")


def test_rule_5_a_rank_that_is_won_and_lost_goes_back_whatever_the_scores() -> None:
    """Another one's moves are none of its own."""
    own = Life(("lead", 90), ("y", 51), ("x", 50))
    ups: list[Rows] = [[("lead", 90), ("x", 52 + n), ("y", 51)] for n in range(4)]
    downs: list[Rows] = [[("lead", 90), ("y", 51), ("x", 40 + n)] for n in range(4)]
    polls = [rows for pair in zip(ups, downs, strict=True) for rows in pair]
    assert own.told("team", *polls)[2:6] == ["rank_change", "unstable", "", ""]


def test_rule_5_who_heard_nothing_of_a_row_hears_nothing_of_its_unrest() -> None:
    """A program that wants all hears of it all the same."""
    life = Life(*BASE, kinds=frozenset({Kind.NEW_ENTRY, Kind.UNSTABLE}))
    alerts = [life.poll(*rows) for rows in FLAPS]
    assert not any(alert["team"].events for alert in alerts)
    (unstable,) = [event for alert in alerts for event in alert["hook"].events]
    assert unstable.kind is Kind.UNSTABLE
    (why,) = {alert["team"].reasons.get(unstable.id, {}).get("w") for alert in alerts} - {None}
    assert why is Reason.NOT_HEARD


def test_rule_5_unrest_is_told_whatever_a_watch_wants() -> None:
    """To whoever heard of the row."""
    life = Life(*BASE, kinds=frozenset({Kind.SCORE_CHANGE}), top=2)
    assert life.told("team", *FLAPS)[3:5] == ["unstable", ""]


def led_by(name: str) -> Rows:
    """Return a board on which a row that goes back and forth leads, or the next best."""
    rows: Rows = [("s", 80), ("y", 10)]
    return [("x", 85), *rows] if name == "x" else [rows[0], ("x", 75), rows[1]]


def test_rule_5_what_follows_only_from_its_moves_is_not_told_either() -> None:
    """Neither who leads instead, nor who is pushed down; what is told at once for others is."""
    life = Life(*led_by("s"), models=("*",), kinds=frozenset(Kind))
    polls = [led_by(name) for name in "xsxsxsxs"]
    told = life.told("team", *polls)
    assert told[4:] == ["", "", "", ""]
    alert = life.poll(("s", 86), ("x", 85), ("y", 10))["team"]
    assert [(event.kind, event.model) for event in alert.events] == [(Kind.SCORE_CHANGE, "acme/s")]
    held = {reason for verdict in alert.reasons.values() for reason in verdict.values()}
    assert held == {Reason.WANTED, Reason.UNSTABLE}


def test_rule_5_after_a_day_of_its_own_rest_a_row_is_told_from_where_it_was() -> None:
    """Whatever the threshold; its day begins anew with each event of its own."""
    life = Life(*BASE)
    life.told("team", *FLAPS)
    assert life.poll(*between(55)[0], hours=23)["team"].events == ()
    assert life.poll(*between(56)[0], hours=23)["team"].events == ()
    (event,) = life.poll(*between(57)[0], hours=24)["team"].events
    assert (event.kind, event.score) == (
        Kind.SCORE_CHANGE,
        ScorePair(Decimal(53), Decimal(57), Decimal(4)),
    )
    assert life.told("team", *between(58)) == ["score_change"]


def test_rule_5_who_did_not_want_the_kind_is_told_where_it_rests() -> None:
    """For it was told of the row once."""
    life = Life(*BASE, kinds=frozenset({Kind.REMOVED}))
    gone = [row for row in BASE if row[0] != "x"]  # type: ignore[index]
    life.told("team", gone, BASE, gone, BASE)
    alert = life.poll(*between(57)[0], hours=24)["team"]
    assert [event.kind for event in alert.events] == [Kind.SCORE_CHANGE]
    assert Reason.RESTED in next(iter(alert.reasons.values())).values()


def test_rule_5_a_mute_keeps_the_unrest_from_who_would_be_told() -> None:
    """Nothing is held then for a reason that nobody heard of."""
    life = Life(*BASE)
    life.told("team", *FLAPS[:3])
    life.muted = lambda _channel, event: ("1",) if event.kind is Kind.UNSTABLE else ()
    assert life.told("team", *FLAPS[3:5]) == ["score_change", "score_change"]
