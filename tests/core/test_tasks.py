"""What is believed of a benchmark's tasks, reading by reading."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.core.board import BoardKey
from bot.core.tasks import Reading, TaskChange, Tasks, believe, shown_key
from tests.oracle.tasks import disagreements

NOW = datetime(2026, 4, 27, tzinfo=UTC)


def read(known: Tasks | None, *ids: str, confirm: int = 2) -> TaskChange:
    reading = Reading(ids=ids, name="Bench", etag='"e"', at=NOW)
    return believe(known, reading, confirm=confirm)


def after(*readings: tuple[str, ...]) -> Tasks:
    known: Tasks | None = None
    for ids in readings:
        known = read(known, *ids).tasks
    assert known is not None
    return known


def test_the_first_reading_names_the_first_task() -> None:
    """That is what the board without a task becomes."""
    change = read(None, "b", "a")
    assert (change.tasks.ids, change.tasks.first, change.named) == (("b", "a"), "b", "b")
    failed = Tasks(asked_at=NOW, failed="no answer")
    assert read(failed, "b", "a").named == "b"


def test_another_order_changes_no_first_task() -> None:
    """The tasks are listed as the file has them now."""
    known = after(("b", "a"), ("a", "b"))
    assert (known.ids, known.first) == (("a", "b"), "b")
    assert read(known, "a", "b").named is None


def test_a_task_is_held_until_its_absence_is_confirmed() -> None:
    """One reading without it says nothing; it stands last meanwhile."""
    assert after(("a", "b", "c"), ("b", "c")).ids == ("b", "c", "a")
    assert after(("a", "b", "c"), ("b", "c"), ("b", "c")).ids == ("b", "c")
    assert after(("a", "b", "c"), ("b", "c"), ("a", "b", "c"), ("b", "c")).ids == ("b", "c", "a")


def test_a_first_task_that_left_is_followed_by_the_one_that_is_first_now() -> None:
    """While it is held, it is the first task still."""
    assert after(("a", "b", "c"), ("c", "b")).first == "a"
    assert after(("a", "b", "c"), ("c", "b"), ("c", "b")).first == "c"


def test_a_reading_that_lacks_most_is_doubted() -> None:
    """It changes nothing until it was seen as often as a removal is confirmed."""
    assert after(("a", "b", "c"), ("c",)).ids == ("c", "a", "b")
    assert after(("a", "b", "c"), ("c",), ("c",)).ids == ("c",)


def test_a_task_that_one_of_the_doubted_readings_had_is_held() -> None:
    """It was missing once only; what all of them lacked has left."""
    known = after(("a", "b", "c"), ("a",), ("b",))
    assert (known.ids, known.first) == (("b", "a"), "a")


def test_a_second_reading_of_the_rules_for_tasks_says_the_same() -> None:
    """Which there are, which is the first, and which of them a watch looks at."""
    found = [said for seed in range(300) for said in disagreements(seed, 20)]
    assert not found, "\n\n".join(found[:3])


@pytest.mark.parametrize(("count", "task"), [(1, None), (2, "t"), (None, "t")])
def test_people_see_a_task_where_there_may_be_others(count: int | None, task: str | None) -> None:
    """A benchmark's only task goes without saying."""
    assert shown_key(BoardKey("a/b", "t"), count) == BoardKey("a/b", task)
