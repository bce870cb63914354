"""A race: where the first rows of a board stood, and when."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from bot.core.alerts.message import board_info
from bot.core.board import BoardKey
from bot.drawing.values import Span
from bot.store.boards.history import HistoryPoint
from bot.views.history import lines
from bot.views.seen.leads import Lead
from bot.views.seen.race import Race, bounded, race, run
from tests.support.commands import BENCH, LATER, START, Commands
from tests.support.store.history import NOON, grouped, version

HUB = "https://hub.example"
DAY = timedelta(days=1)


def raced(*history: HistoryPoint, top: int = 10) -> Race:
    """Return the race of some versions."""
    found = lines(grouped(list(history)), None)
    return run(board_info(BoardKey(BENCH), HUB), found, Span(NOON, NOON + DAY), top)


def row(name: str, hour: int, rank: int, score: str, **fields: Any) -> HistoryPoint:
    return version(name, hour, rank, score, model=f"acme/{name}", **fields)


def places(found: Race, hour: int) -> list[str]:
    return [
        bar.name.removeprefix("acme/") for bar in found.course.bars(NOON + timedelta(hours=hour))
    ]


def test_rows_stand_by_rank_at_any_time() -> None:
    """What stood stays until something else is known; before the first poll nothing stands."""
    found = raced(
        row("a", 0, 1, "5", until=2), row("a", 2, 2, "5"), row("b", 0, 2, "4", until=2),
        row("b", 2, 1, "6"),
    )  # fmt: skip
    assert [places(found, hour) for hour in (-1, 0, 1, 2, 9)] == [
        [], ["a", "b"], ["a", "b"], ["b", "a"], ["b", "a"],
    ]  # fmt: skip
    assert found.course.moments == (NOON, NOON + timedelta(hours=2), NOON + DAY)


def test_rows_of_one_rank_have_places_of_their_own() -> None:
    """Each stays before those that come level with it."""
    found = raced(
        row("b", 0, 1, "5"), row("a", 0, 2, "4", until=1), row("a", 1, 1, "5"),
        row("c", 0, 3, "1"),
    )  # fmt: skip
    assert places(found, 1) == ["b", "a", "c"]
    assert [bar.rank for bar in found.course.bars(NOON + DAY)] == [1, 1, 3]
    assert [line.stands[-1].place for line in found.course.lines] == [1, 2, 3]


def test_a_removed_row_stands_nowhere_until_it_is_back() -> None:
    """Its line has a stand without a place."""
    found = raced(
        row("a", 0, 1, "5", until=1), row("a", 1, 1, "5", until=2, removed=True),
        row("a", 2, 1, "5"), row("b", 0, 2, "4", until=1), row("b", 1, 1, "4", until=2),
        row("b", 2, 2, "4"),
    )  # fmt: skip
    assert [places(found, hour) for hour in (0, 1, 2)] == [["a", "b"], ["b"], ["a", "b"]]
    assert [stand.place for stand in found.course.lines[0].stands] == [1, None, 1]


def test_no_more_rows_than_wanted_are_seen_at_once() -> None:
    """The first ones."""
    found = raced(*(row(f"m{one}", 0, one, "5") for one in range(1, 6)), top=3)
    assert places(found, 0) == ["m1", "m2", "m3"]


def test_who_led_is_what_events_tell() -> None:
    """The last that came to lead before a race begins leads at its start."""
    led = [came("acme/c", 9), came("acme/b", -5), came("acme/a", -20)]
    found = run(
        board_info(BoardKey(BENCH), HUB), lines(grouped([row("b", 0, 1, "5")]), None),
        Span(NOON, NOON + DAY), 10, led,
    )  # fmt: skip
    assert [(one.name, one.at - NOON) for one in found.course.leads] == [
        ("acme/b", timedelta(hours=-5)),
        ("acme/c", timedelta(hours=9)),
    ]


def came(model: str, hour: int) -> Lead:
    return Lead(model=model, variant=None, score=None, since=NOON + timedelta(hours=hour))


def test_a_race_is_of_the_rows_that_were_ever_first(commands: Commands) -> None:
    """As stored; with their points as ``history`` gives them."""
    commands.polled(START, LATER)
    with commands.store() as store:
        (key,) = (view.key for view in store_boards(store))
        info = board_info(key, HUB)
        first, every = race(store, info, top=1), race(store, info)
    assert first is not None
    assert every is not None
    assert [line.name for line in first.course.lines] == ["zai/delta", "qwen/alpha"]
    assert [line.model for line in first.timelines] == ["zai/delta", "qwen/alpha"]
    assert len(every.course.lines) == 4
    assert every.course.decimals == 1


def store_boards(store: Any) -> Any:
    with store.read() as db:
        return db.boards.list_all()


def test_a_race_of_a_time_without_rows_is_none(commands: Commands) -> None:
    """Nothing is made up."""
    commands.polled(START)
    with commands.store() as store:
        assert race(store, board_info(BoardKey("acme/other"), HUB)) is None


def test_long_histories_are_thinned() -> None:
    """Each row keeps its first point and its last; there are no more than are drawn."""
    long = [
        point
        for name in "ab"
        for hour in range(100)
        for point in [row(name, hour, 1, str(hour), until=hour + 1)]
    ]
    found = bounded(lines(grouped(long), None), 40)
    assert 20 < sum(len(line.points) for line in found) <= 40
    assert {line.points[0].at for line in found} == {NOON}
    assert {line.points[-1].score for line in found} == {Decimal(99)}
