"""What the entries of a watch stand for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.core.alerts.benchmarks import EVERY_TASK, MOST_TASKS, Entries, entry, matching
from bot.core.alerts.watch import Known, Watch, boards, covers, undecided
from bot.core.board import BoardKey
from bot.core.tasks import Tasks

NOW = datetime(2026, 4, 27, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def tasks(*ids: str, first: str | None = None) -> Tasks:
    return Tasks(ids=ids, first=first or ids[0], asked_at=NOW)


NEVER_READ = Tasks(asked_at=NOW)
THREE = tasks("mean", "table", "[mt]*")


def meant(written: str, known: Tasks | None, *, official: bool = True) -> list[str | None]:
    return list(Entries([entry(written)]).tasks("acme/bench", known, official=official))


def test_entries_follow_a_benchmark_that_is_called_otherwise() -> None:
    """By name, whatever its case, with its task; by a glob over former ids; through redirects."""
    moved = {"acme/old": "acme/older", "acme/older": "new/name", "a/loop": "b/loop"}
    loop = {"b/loop": "a/loop"}
    tasks = {was: Tasks(asked_at=NOW, moved_to=now) for was, now in (moved | loop).items()}
    known = Known(official=("new/name",), tasks=tasks)
    watch = Watch(name="w", benchmarks=("ACME/Old#t", "acme/*", "b/other"))
    assert known.current("Acme/OLD") == "new/name"
    assert set(known.former("new/name")) == {"acme/old", "acme/older"}
    scope = known.scope(watch)
    assert scope.named == ("new/name", "b/other")
    found = scope.entries("new/name", official=True)
    assert {one.task for one in found} == {"t", None}
    assert known.current("a/loop") in ("a/loop", "b/loop")


def test_an_official_benchmark_is_not_called_otherwise() -> None:
    """What the Hub lists is a repository of its own."""
    tasks = {"acme/old": Tasks(asked_at=NOW, moved_to="new/name")}
    assert Known(official=("acme/old",), tasks=tasks).current("acme/old") == "acme/old"


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("acme/bench", ["mean"]),
        ("ACME/Bench", ["mean"]),
        ("acme/bench#table", ["table"]),
        ("acme/bench#Table", ["table"]),
        ("acme/bench#tab*", ["table"]),
        ("acme/bench#*", ["mean", "table", "[mt]*"]),
        ("acme/bench#[mt]*", ["[mt]*"]),
        ("acme/bench#[MT]*", ["mean", "table"]),
        ("acme/bench#unlisted", ["unlisted"]),
        ("acme/bench#un*", []),
        ("acme/*", ["mean"]),
        ("acme/*#table", ["table"]),
        ("official", ["mean"]),
        ("official#t*", ["table"]),
        ("other/bench", []),
    ],
)
def test_an_entry_stands_for_tasks(written: str, found: list[str]) -> None:
    """Without one for the first; an exact id before any glob, listed or not."""
    assert meant(written, THREE) == found


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("acme/bench", [None]),
        ("acme/bench#*", [None]),
        ("acme/bench#m*", []),
        ("acme/bench#mean", ["mean"]),
        ("official#*", [None]),
    ],
)
def test_where_tasks_were_never_read_there_is_one_board_without(
    written: str, found: list[str | None]
) -> None:
    """An id is asked for all the same; of globs only the one for all stands for that board."""
    assert meant(written, NEVER_READ) == found


def test_the_first_task_is_the_one_that_is_remembered() -> None:
    """Not the one that the file names first today."""
    assert meant("acme/bench", tasks("a", "b", first="b")) == ["b"]


def test_globs_over_benchmarks_are_for_official_ones() -> None:
    """An exact id need not be official."""
    assert meant("acme/*#*", THREE, official=False) == []
    assert meant("acme/bench#table", THREE, official=False) == ["table"]


def test_a_glob_takes_no_more_tasks_than_it_may() -> None:
    """The first ones, in the file's order; one that is named is taken whatever its place."""
    many = tasks(*(f"t{number}" for number in range(MOST_TASKS + 5)))
    assert meant("acme/bench#*", many) == [f"t{number}" for number in range(MOST_TASKS)]
    assert meant(f"acme/bench#t{MOST_TASKS + 4}", many) == [f"t{MOST_TASKS + 4}"]


def test_boards_are_known_once_their_tasks_were_asked_for() -> None:
    """But for those that are named by their id."""
    watch = Watch(name="w", benchmarks=("acme/bench", "acme/other#x"))
    assert boards([watch], Known(), MINUTE) == {BoardKey("acme/other", "x"): MINUTE}
    assert undecided([watch], Known()) == ("acme/bench", "acme/other")
    known = Known(tasks={"acme/bench": THREE})
    assert set(boards([watch], known, MINUTE)) == {
        BoardKey("acme/bench", "mean"),
        BoardKey("acme/other", "x"),
    }


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=6, unique=True), st.data())
def test_every_task_is_found_by_its_own_id(ids: list[str], data: st.DataObject) -> None:
    """Whatever letters it has: brackets, stars, number signs; but a star alone means every task."""
    chosen = data.draw(st.sampled_from(ids))
    assume(chosen != EVERY_TASK)
    assert matching(chosen, ids) == (chosen,)
    written = f"acme/bench#{chosen}"
    assert entry(written).task == chosen
    watch = Watch(name="w", benchmarks=(written,))
    known = Known(tasks={"acme/bench": tasks(*ids)})
    assert set(boards([watch], known, MINUTE)) == {BoardKey("acme/bench", chosen)}


@given(st.sampled_from(["official", "official#*", "acme/*#t*", "acme/bench", "acme/bench#x"]))
def test_a_watch_covers_just_the_boards_that_it_polls(written: str) -> None:
    """Whom to tell and what to poll are one question."""
    watch = Watch(name="w", benchmarks=(written,))
    known = Known(official=frozenset({"acme/bench"}), tasks={"acme/bench": tasks("t", "u", "x")})
    polled = boards([watch], known, MINUTE)
    for task in ("t", "u", "x", "y", None):
        key = BoardKey("acme/bench", task)
        assert covers(watch, key, known) is (key in polled)
        assert not covers(watch, BoardKey("acme/bench", task, include_derived=True), known)
