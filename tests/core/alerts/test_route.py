"""Who is told what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.alerts.route import shifts, tell, wanted_by
from bot.core.alerts.scope import matches
from bot.core.alerts.watch import Known, Watch, boards, covers, wants, watched_benchmarks
from bot.core.board import BoardKey
from bot.core.events import Event, Shifted
from bot.core.kinds import DEFAULT_KINDS, Kind
from bot.core.tasks import Tasks
from tests.support.builders import Board, result

ABC = (("a", 80), ("b", 70), ("c", 60))
ALL = frozenset(Kind)


def watch(name: str = "w", **fields: Any) -> Watch:
    """Return a watch on everything that tells channel ``c``."""
    fields.setdefault("benchmarks", ("official",))
    fields.setdefault("channels", ("c",))
    return Watch(name=name, **fields)


def events(*rows: Any, before: tuple[tuple[str, float], ...] = ABC) -> list[Event]:
    """Return the events of one poll of a three-row board."""
    return [found.event for found in Board(*before, confirm_removals=1).poll(*rows).found]


NEW_LEADER = events(("n", 90), *ABC)
MOVED = events(("a", 80), ("c", 75), ("b", 70))
SCORED = events(("a", 80), ("b", 72), ("c", 60))
REMOVED = events(("a", 80), ("b", 70))


def names(watch: Watch, found: list[Event]) -> list[str]:
    return [event.kind.value for event in found if wants(watch, event)]


def test_the_default_kinds_leave_shifts_and_removals_out() -> None:
    """A watch without ``events`` hears of leaders, entries, moves, scores and verifications."""
    assert names(watch(), NEW_LEADER) == ["new_leader"]
    assert names(watch(), MOVED) == ["rank_change"]
    assert names(watch(), REMOVED) == []


def test_a_watch_without_models_is_never_told_of_shifts() -> None:
    """Not even where it wants every kind."""
    assert names(watch(kinds=ALL), MOVED) == ["rank_change"]


def test_a_watch_with_models_is_told_of_its_own_rows_shifts() -> None:
    """Its model was passed: one event, and nothing of the one that passed."""
    own = watch(models=("acme/b",), kinds=DEFAULT_KINDS | {Kind.RANK_SHIFT})
    assert [e.model for e in MOVED if wants(own, e)] == ["acme/b"]


def test_an_event_matches_watches_for_the_kinds_it_contains() -> None:
    """A new leader that is a new row is wanted where new entries are."""
    assert names(watch(kinds=frozenset({Kind.NEW_ENTRY})), NEW_LEADER) == ["new_leader"]
    assert names(watch(kinds=frozenset({Kind.SCORE_CHANGE})), MOVED) == ["rank_change"]


def test_a_row_that_arrives_verified_is_wanted_where_verifications_are() -> None:
    """It is one event, a new entry."""
    found = events(*ABC, result("n", 50, 4, verified=True))
    assert names(watch(kinds=frozenset({Kind.VERIFIED})), found) == ["new_entry"]


@pytest.mark.parametrize(("least", "told"), [("2", True), ("2.0", True), ("2.01", False)])
def test_thresholds_are_inclusive_and_decimal(least: str, told: bool) -> None:
    """A change of exactly the least that counts is told."""
    assert bool(names(watch(min_score_change=Decimal(least)), SCORED)) is told


def test_a_threshold_is_that_of_the_kind_that_matches() -> None:
    """A small move with a large change of score is told for its score."""
    small = watch(min_rank_change=2, min_score_change=Decimal(10))
    assert names(small, MOVED) == ["rank_change"]
    assert names(watch(min_rank_change=2, min_score_change=Decimal(20)), MOVED) == []


def test_top_keeps_what_touches_the_first_places() -> None:
    """Before or after counts."""
    assert names(watch(top=2), MOVED) == ["rank_change"]
    assert names(watch(top=1), MOVED) == []
    assert names(watch(top=3, kinds=ALL), REMOVED) == ["removed"]


def test_verified_only_keeps_rows_verified_before_or_after() -> None:
    """A row that loses its mark still counts."""
    board = Board(result("a", 80, 1, verified=True), result("b", 70, 2))
    found = [f.event for f in board.poll(result("a", 81, 1), result("b", 71, 2)).found]
    kinds = watch(verified_only=True, kinds=ALL)
    assert names(kinds, found) == ["score_change", "unverified"]


def test_excluded_models_are_not_told() -> None:
    """Case is ignored and ``*`` crosses the slash."""
    assert names(watch(exclude_models=("*N",)), NEW_LEADER) == []


def test_what_chooses_among_rows_lets_benchmark_events_pass() -> None:
    """A benchmark has neither a rank nor a verified flag."""
    joined = Event(id="1", kind=Kind.NEW_BENCHMARK, contains=(Kind.NEW_BENCHMARK,))
    assert wants(watch(verified_only=True, top=3, kinds=ALL), joined)


def test_benchmark_events_are_no_ones_models() -> None:
    """A watch on models hears of no benchmark that joins."""
    joined = Event(id="1", kind=Kind.NEW_BENCHMARK, contains=(Kind.NEW_BENCHMARK,))
    assert wants(watch(kinds=ALL), joined)
    assert not wants(watch(kinds=ALL, models=("*",)), joined)


def test_a_channel_is_told_once_what_several_watches_want() -> None:
    """Each event names its watches, and the message the union."""
    found = tell([watch("one"), watch("two", top=1), watch("three", top=9)], NEW_LEADER)
    assert [(t.channel, t.watches) for t in found] == [("c", ("one", "two", "three"))]
    assert [event.watches for event in found[0].events] == [("one", "two", "three")]


def test_shifts_are_one_line_and_never_a_message_by_themselves() -> None:
    """The number of rows that others moved rides along with what is told."""
    assert tell([watch()], NEW_LEADER)[0].shifted == Shifted(down=3, up=0)
    assert tell([watch(kinds=frozenset({Kind.UNVERIFIED}))], NEW_LEADER) == ()


def test_rows_that_move_up_are_counted_apart() -> None:
    """A removal lets those below it rise."""
    assert shifts(events(("b", 70), ("c", 60))) == Shifted(down=0, up=1)


def test_channels_are_told_apart() -> None:
    """Each gets what its own watches want."""
    told = tell([watch("a", channels=("x", "y")), watch("b", channels=("y",))], NEW_LEADER)
    assert [(t.channel, t.watches) for t in told] == [("x", ("a",)), ("y", ("a", "b"))]


def test_stored_events_name_every_watch_that_wants_them() -> None:
    """Also where nobody does."""
    assert [e.watches for e in wanted_by([watch()], MOVED)] == [("w",), ()]


NOW = datetime(2026, 4, 27, tzinfo=UTC)
OFFICIAL = ("cais/hle", "SWE-bench/SWE-bench_Verified", "SWE-bench/Pro")


@pytest.mark.parametrize(
    ("pattern", "benchmark", "covered"),
    [
        ("official", "cais/hle", True),
        ("official", "me/private", False),
        ("swe-bench/*", "SWE-bench/Pro", True),
        ("swe-bench/*", "SWE-bench/not-official", False),
        ("me/private", "me/private", True),
        ("ME/Private", "me/private", True),
        ("me/other", "me/private", False),
    ],
)
def test_globs_stand_for_official_benchmarks_and_ids_for_themselves(
    pattern: str, benchmark: str, covered: bool
) -> None:
    """An exact id need not be official."""
    known = Known(official=OFFICIAL)
    assert covers(watch(benchmarks=(pattern,)), BoardKey(benchmark), known) is covered


def test_ids_that_differ_only_in_case_are_one_board() -> None:
    """Else the same news would come twice; the Hub's own spelling wins, then the first one."""
    watches = [watch(benchmarks=("Acme/Own", "CAIS/HLE")), watch(benchmarks=("acme/own",))]
    assert watched_benchmarks(watches, OFFICIAL) == ("Acme/Own", "cais/hle")


def test_the_shortest_interval_of_a_boards_watches_wins() -> None:
    """Those with and without derived models are different boards."""
    minute, hour = timedelta(minutes=1), timedelta(hours=1)
    watches = [
        watch(benchmarks=("cais/*",)),
        watch(benchmarks=("CAIS/hle",), every=minute),
        watch(benchmarks=("cais/hle",), include_derived=True),
    ]
    known = Known(official=OFFICIAL, tasks={"cais/hle": Tasks(asked_at=NOW)})
    assert boards(watches, known, hour) == {
        BoardKey("cais/hle"): minute,
        BoardKey("cais/hle", include_derived=True): hour,
    }


@given(st.text(max_size=20))
def test_a_star_matches_every_name(name: str) -> None:
    """And a name matches itself in any case, where it holds no glob characters."""
    assert matches("*", name)
    if not set(name) & set("*?["):
        assert matches(name.swapcase() if name.isascii() else name, name)
