"""Who is told what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.alerts.alert import Alert
from bot.core.alerts.benchmarks import matches
from bot.core.alerts.deliveries import deliveries
from bot.core.alerts.message import BoardChange, BoardInfo, Crossing
from bot.core.alerts.reason import Reason
from bot.core.alerts.route import Routed, route, shifts
from bot.core.alerts.watch import (
    Known,
    Watch,
    boards,
    covers,
    judge,
    unlisted,
    unwatched,
    watched_benchmarks,
)
from bot.core.board import BoardKey, Source
from bot.core.events import Event, Found, RankPair, RowName, Shifted
from bot.core.kinds import DEFAULT_KINDS, Kind
from bot.core.tasks import Tasks
from tests.support.builders import Board, ids, result

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
JOINED = [Event(id="1", kind=Kind.NEW_BENCHMARK, contains=(Kind.NEW_BENCHMARK,))]
NOW = datetime(2026, 4, 27, tzinfo=UTC)
TASKS = Tasks(ids=("t",), first="t", asked_at=NOW)


def of_rows(found: list[Event]) -> list[Found]:
    return [Found(row_id=event.model, event=event) for event in found]


def wants(watch: Watch, event: Event) -> bool:
    return judge(watch, event) is Reason.WANTED


def names(watch: Watch, found: list[Event]) -> list[str]:
    return [event.kind.value for event in found if wants(watch, event)]


def routed(watches: list[Watch], found: list[Event]) -> Routed:
    """Return where events go of a board that every watch looks at."""
    return route(of_rows(found), watches, lambda _: None)


def tell(watches: list[Watch], found: list[Event]) -> tuple[Alert, ...]:
    return routed(watches, found).told


def out(watches: list[Watch], found: list[Event]) -> dict[str, tuple[int, list[str]]]:
    """Return who left which top, by the model of the row that says it."""
    return {
        event.model or "": (event.out_of_top.top, [row.model for row in event.out_of_top.rows])
        for alert in tell(watches, found)
        for event in alert.events
        if event.out_of_top
    }


def test_a_row_that_came_into_a_watch_s_top_says_who_left_it() -> None:
    """Only a watch has a top; one that names models looks at no others."""
    assert out([watch(top=2)], NEW_LEADER) == {"acme/n": (2, ["acme/b"])}
    assert out([watch(top=1)], NEW_LEADER) == {"acme/n": (1, ["acme/a"])}
    assert out([watch(top=3), watch("v", top=2)], NEW_LEADER) == {"acme/n": (2, ["acme/b"])}
    assert out([watch()], NEW_LEADER) == {}
    assert out([watch(top=2, models=("acme/n",))], NEW_LEADER) == {}


def test_of_several_rows_that_came_the_last_says_who_left() -> None:
    """Nobody can say which of them took whose place."""
    found = events(("n", 90), ("m", 85), *ABC)
    assert out([watch(top=3)], found) == {"acme/m": (3, ["acme/b", "acme/c"])}


def test_who_left_and_has_a_line_of_its_own_is_not_told_twice() -> None:
    """Nor is a program told of it, which has every event."""
    assert out([watch(top=2)], MOVED) == {"acme/c": (2, ["acme/b"])}
    assert out([watch(top=2)], events(("a", 80), ("c", 75), ("b", 65))) == {}
    found = of_rows(NEW_LEADER)
    (alert,) = route(found, [watch(top=2)], lambda _: None, programs={"c"}).told
    assert not any(event.out_of_top for event in alert.events)


def test_a_row_that_others_fell_to_comes_into_a_top_without_news_of_its_own() -> None:
    """Where the Hub names it first of level rows, it moved by that alone, which is no event."""
    board = Board(*ABC)
    fell = board.poll(result("a", 80, 1), result("c", 60, 2), result("b", 60, 3))
    assert [one.event.model for one in fell.found] == ["acme/b"]
    (alert,) = route(fell.found, [watch(top=2)], lambda _: None, silent=fell.silent).told
    assert alert.crossed == (Crossing(2, (RowName("acme/c"),), (RowName("acme/b"),)),)
    back = board.poll(*ABC)
    (alert,) = route(back.found, [watch(top=2)], lambda _: None, silent=back.silent).told
    assert alert.crossed == (Crossing(2, (RowName("acme/b"),), (RowName("acme/c"),)),)
    own = watch(top=2, exclude_models=("acme/c",))
    (alert,) = route(fell.found, [own], lambda _: None, silent=fell.silent).told
    assert alert.crossed == (Crossing(2, (), (RowName("acme/b"),)),), (
        "a watch that does not look at the row is not told of it"
    )


def test_the_default_kinds_leave_shifts_and_provenance_out() -> None:
    """A watch without ``events`` hears of all that happened to a row itself."""
    assert names(watch(), NEW_LEADER) == ["new_leader"]
    assert names(watch(), MOVED) == ["rank_change"]
    assert names(watch(), REMOVED) == ["removed"]
    merged = Board(result("a", 80, 1, pull_request=7)).poll(result("a", 80, 1))
    assert names(watch(), [found.event for found in merged.found]) == []


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
    assert wants(watch(verified_only=True, top=3, kinds=ALL), JOINED[0])


def test_benchmark_events_are_no_ones_models() -> None:
    """A watch on models hears of no benchmark that joins."""
    assert wants(watch(kinds=ALL), JOINED[0])
    assert not wants(watch(kinds=ALL, models=("*",)), JOINED[0])


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
    assert [e.watches for e in routed([watch()], MOVED).events] == [("w",), ()]


def test_a_message_for_named_models_alone_counts_no_shifts() -> None:
    """Who asked for one model is not told how many others moved."""
    mine = watch("mine", models=("acme/n",))
    assert tell([mine], NEW_LEADER)[0].shifted == Shifted()
    assert tell([watch(), mine], NEW_LEADER)[0].shifted == Shifted(down=3)
    assert tell([watch("quiet", kinds=frozenset()), mine], NEW_LEADER)[0].shifted == Shifted()


def test_what_did_not_move_is_no_shift() -> None:
    """Nor is any other kind counted among them."""
    assert shifts(NEW_LEADER[:1]) == Shifted()
    still = Event(id="1", kind=Kind.RANK_SHIFT, contains=(Kind.RANK_SHIFT,), rank=RankPair(3, 3))
    assert shifts([still]) == Shifted()


def test_a_row_without_a_rank_before_or_after_meets_every_rank_threshold() -> None:
    """A distance that cannot be told is not too short."""
    far = watch(min_rank_change=9)
    for rank in (RankPair(None, 4), RankPair(4, None)):
        event = Event(
            id="1", kind=Kind.RANK_CHANGE, contains=(Kind.RANK_CHANGE,), model="a/b", rank=rank
        )
        assert wants(far, event)


def reasons(watch: Watch, found: list[Event]) -> list[Reason]:
    return [judge(watch, event) for event in found]


@pytest.mark.parametrize(
    ("fields", "found", "expected"),
    [
        ({}, MOVED, [Reason.WANTED, Reason.OTHER_KIND]),
        ({"kinds": ALL}, MOVED, [Reason.WANTED, Reason.ONLY_SHIFTED]),
        ({"models": ("acme/b",)}, MOVED, [Reason.OTHER_MODEL, Reason.OTHER_KIND]),
        ({"models": ("acme/b",), "kinds": ALL}, MOVED, [Reason.OTHER_MODEL, Reason.WANTED]),
        ({"exclude_models": ("*/c",)}, MOVED, [Reason.EXCLUDED_MODEL, Reason.OTHER_KIND]),
        ({"top": 1}, MOVED, [Reason.BELOW_TOP, Reason.BELOW_TOP]),
        ({"verified_only": True}, SCORED, [Reason.NOT_VERIFIED]),
        ({"min_score_change": Decimal(3)}, SCORED, [Reason.SMALL_SCORE]),
        ({"kinds": {Kind.RANK_CHANGE}, "min_rank_change": 2}, MOVED[:1], [Reason.FEW_RANKS]),
        ({"models": ("acme/*",)}, JOINED, [Reason.NO_MODEL]),
        ({"kinds": ALL}, JOINED, [Reason.WANTED]),
    ],
)
def test_a_watch_says_why_it_wants_an_event_or_why_not(
    fields: dict[str, Any], found: list[Event], expected: list[Reason]
) -> None:
    """By name; of several reasons against the first."""
    assert reasons(watch(**fields), found) == expected


def test_an_alert_says_of_every_event_and_watch_why_the_channel_is_told_or_not() -> None:
    """Of what is told, of what is not, and of watches that look elsewhere or tell others."""
    watches = [
        watch("own", models=("acme/b",), kinds=ALL),
        watch("all"),
        watch("elsewhere", benchmarks=("me/other",)),
        watch("others", channels=("x",)),
        watch("nobody", channels=()),
    ]
    key, known = BoardKey("cais/hle", "t"), Known(official=["cais/hle"], tasks={"cais/hle": TASKS})
    found = route(of_rows(MOVED), watches, partial(unwatched, key=key, known=known))
    moved, shifted = MOVED
    by_channel = {alert.channel: alert.reasons for alert in found.alerts}
    assert by_channel["c"] == {
        moved.id: {
            "own": Reason.OTHER_MODEL,
            "all": Reason.WANTED,
            "elsewhere": Reason.OTHER_BOARD,
            "others": Reason.OTHER_CHANNEL,
            "nobody": Reason.OTHER_CHANNEL,
        },
        shifted.id: {
            "own": Reason.WANTED,
            "all": Reason.OTHER_KIND,
            "elsewhere": Reason.OTHER_BOARD,
            "others": Reason.OTHER_CHANNEL,
            "nobody": Reason.OTHER_CHANNEL,
        },
    }
    assert by_channel["x"][moved.id]["others"] is Reason.WANTED
    assert [event.watches for event in found.events] == [("all", "others", "nobody"), ("own",)]


def test_a_channel_is_told_exactly_what_its_reasons_say() -> None:
    """The message and the explanation are one decision."""
    watches = [
        watch("one", channels=("x", "y")),
        watch("two", channels=("y",), kinds=ALL, top=1),
        watch("three", channels=("z",), kinds=frozenset({Kind.REMOVED})),
    ]
    found = routed(watches, [*NEW_LEADER, *SCORED])
    for alert in found.alerts:
        told = {event.id: set(event.watches) for event in alert.events}
        for event in found.events:
            verdict = alert.reasons[event.id]
            wanting = {name for name, reason in verdict.items() if reason is Reason.WANTED}
            assert told.get(event.id, set()) == wanting
    assert [alert.channel for alert in found.alerts] == ["x", "y", "z"]
    assert [alert.channel for alert in found.told] == ["x", "y"]


def test_each_watch_is_asked_once_whether_it_looks_at_the_board() -> None:
    """However many events and channels there are."""
    asked: list[str] = []
    watches = [watch("one", channels=("x", "y")), watch("two", channels=("y",))]
    route(of_rows(NEW_LEADER), watches, lambda one: asked.append(one.name))
    assert asked == ["one", "two"]


def test_an_event_that_a_channel_is_told_for_all_its_watches_is_the_stored_one() -> None:
    """It is written once, for the store and for every body that carries it."""
    found = routed([watch(channels=("x", "y"))], NEW_LEADER)
    change = BoardChange(board=BoardInfo(benchmark="cais/hle"), snapshot_at=NOW)
    for alert in found.told:
        (made,) = deliveries(alert.channel, alert.of(change), ids(), split=alert.channel == "y")
        assert found.events[0].json in made.body
    assert [alert.events[0] is found.events[0] for alert in found.told] == [True, True]


@pytest.mark.parametrize(
    ("benchmarks", "reason"),
    [
        (("cais/*",), None),
        (("cais/hle", "official"), None),
        (("CAIS/hle",), Reason.NAMED_EXACTLY),
        (("cais/hle#t",), Reason.NAMED_EXACTLY),
        (("me/private", "swe-bench/*"), Reason.OTHER_BOARD),
    ],
)
def test_what_the_hub_lists_is_news_only_for_globs(
    benchmarks: tuple[str, ...], reason: Reason | None
) -> None:
    """A benchmark that is named by its id is watched whether it is listed or not."""
    assert unlisted(watch(benchmarks=benchmarks), benchmark="cais/hle") is reason


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
    assert watched_benchmarks(watches, Known(official=OFFICIAL)) == ("Acme/Own", "cais/hle")


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


ANEW = events(
    *(("b", 91), ("a", 82), ("c", 63), ("d", 50), ("e", 40), ("n", 30)),
    before=(*ABC, ("d", 50), ("e", 40)),
)


def test_a_board_scored_anew_is_one_event_where_no_models_are_named() -> None:
    """What it did to each old row is not told; newcomers are. No threshold holds it."""
    assert names(watch(), ANEW) == ["recomputed", "new_entry"]
    for kind in (Kind.SCORE_CHANGE, Kind.RANK_CHANGE, Kind.NEW_LEADER, Kind.RECOMPUTED):
        few = watch(min_rank_change=99, min_score_change=Decimal(99), kinds=frozenset({kind}))
        assert names(few, ANEW) == ["recomputed"]
    assert names(watch(kinds=frozenset({Kind.REMOVED})), ANEW) == []
    assert judge(watch(), ANEW[1]) is Reason.ONLY_RECOMPUTED


def test_a_board_scored_anew_tells_a_watch_with_models_what_became_of_them() -> None:
    """And nothing of the board as a whole."""
    assert names(watch(models=("acme/c",)), ANEW) == ["score_change"]
    assert names(watch(models=("acme/b",)), ANEW) == ["new_leader"]


def test_changes_of_a_board_scored_anew_are_no_shifts() -> None:
    """They are not counted in the line that sums up who moved."""
    assert shifts(ANEW) == Shifted()


def test_who_watches_a_model_hears_at_once_that_it_lost_the_lead() -> None:
    """Of the row that leads now, whoever it is; others that watch models do not."""
    assert names(watch(models=("acme/a",), kinds=DEFAULT_KINDS), NEW_LEADER) == ["new_leader"]
    assert names(watch(models=("acme/b",), kinds=DEFAULT_KINDS), NEW_LEADER) == []
    left_out = watch(models=("acme/*",), exclude_models=("acme/n",), kinds=DEFAULT_KINDS)
    assert names(left_out, NEW_LEADER) == ["new_leader"]
    assert names(watch(models=("acme/*",), exclude_models=("acme/?",)), NEW_LEADER) == []
    assert names(watch(exclude_models=("acme/n",)), NEW_LEADER) == []


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ({"notes": "5-shot"}, {"notes": "5-shot\n"}, False),
        ({"notes": "5-shot"}, {"notes": "5\u200b-shot "}, False),
        ({"notes": "\u00e9t"}, {"notes": "e\u0301t"}, False),
        ({"notes": "5-shot"}, {"notes": "6-shot"}, True),
        ({"notes": "x" * 300 + "a"}, {"notes": "x" * 300 + "b"}, True),
        ({"filename": "a.yaml"}, {"filename": "a.yaml "}, False),
        ({"source": Source("Card")}, {"source": Source(" Card")}, False),
        ({"source": Source("Card")}, {"source": Source("Card", "https://x.test")}, True),
        ({"pull_request": 3}, {"pull_request": None}, True),
        ({"source": None}, {"source": Source(" ")}, False),
    ],
)
def test_people_are_told_only_of_provenance_that_can_be_seen_to_differ(
    before: dict[str, Any], after: dict[str, Any], shown: bool
) -> None:
    """Programs are told of all of it."""
    board = Board(result("a", 80, 1, **before))
    found = [f.event for f in board.poll(result("a", 80, 1, **after)).found]
    both = watch(kinds=ALL, channels=("people", "hook"))
    alerts = route(of_rows(found), [both], lambda _: None, programs={"hook"}).alerts
    told = {alert.channel: bool(alert.events) for alert in alerts}
    assert told == {"hook": True, "people": shown}
    (verdict,) = next(alert for alert in alerts if alert.channel == "people").reasons.values()
    assert verdict == {"w": Reason.WANTED if shown else Reason.LOOKS_THE_SAME}
