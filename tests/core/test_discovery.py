"""Which benchmarks joined or left, as cautiously as rows of a board."""

from __future__ import annotations

from bot.core.discovery import ListChange, benchmark_event, compare_lists
from bot.core.kinds import Kind
from tests.support.builders import ids

KNOWN = ("a/1", "b/2", "c/3")


def look(listed: tuple[str, ...], last: ListChange | None = None) -> ListChange:
    """Compare with the list that the last look kept, removals confirmed by the second."""
    last = last or ListChange(kept=KNOWN)
    return compare_lists(
        last.kept,
        listed,
        missing=last.missing,
        doubted=last.doubted,
        lacking=last.lacking,
        confirm_removals=2,
    )


def test_the_same_list_is_no_change() -> None:
    """In any order."""
    assert look(("c/3", "a/1", "b/2")) == ListChange(kept=KNOWN)


def test_a_benchmark_that_joins_is_told_at_once() -> None:
    """And kept from then on."""
    change = look((*KNOWN, "d/4"))
    assert (change.joined, change.kept) == (("d/4",), (*KNOWN, "d/4"))


def test_a_benchmark_has_left_on_the_second_list_without_it() -> None:
    """Until then it is polled on."""
    once = look(KNOWN[:2])
    assert (once.left, once.kept, once.missing) == ((), KNOWN, {"c/3": 1})
    assert look(KNOWN[:2], once).left == ("c/3",)
    assert look(KNOWN, once).missing == {}


def test_an_empty_list_is_doubted() -> None:
    """It changes nothing once, and is believed the second time."""
    once = look(())
    assert (once.left, once.kept, once.doubted) == ((), KNOWN, 1)
    assert look((), once).left == KNOWN


def test_a_first_list_is_believed_in_silence() -> None:
    """Nothing has joined that was there when the bot came."""
    first = compare_lists(
        None, ("b/2", "a/1"), missing={}, doubted=0, lacking=(), confirm_removals=2
    )
    assert first == ListChange(kept=("a/1", "b/2"))


def test_a_first_list_that_is_empty_is_doubted() -> None:
    """The next one is the first; empty again, it is believed."""
    first = compare_lists(None, (), missing={}, doubted=0, lacking=(), confirm_removals=2)
    assert first == ListChange(kept=(), doubted=1)
    assert compare_lists(
        None, KNOWN, missing={}, doubted=1, lacking=(), confirm_removals=2
    ) == ListChange(kept=KNOWN)
    assert compare_lists(
        None, (), missing={}, doubted=1, lacking=(), confirm_removals=2
    ) == ListChange(kept=())


def test_a_list_that_lacks_most_is_doubted_and_brings_nothing() -> None:
    """What joins meanwhile is told when the list is believed."""
    once = look(("d/4",))
    assert once.joined == ()
    again = look(("d/4",), once)
    assert (again.joined, again.left) == (("d/4",), KNOWN)


def test_what_one_of_the_lists_that_lacked_most_had_stays() -> None:
    """It was missing once only; what all of them lacked has left."""
    again = look(("b/2",), look(("a/1",)))
    assert (again.left, again.kept, again.missing) == (("c/3",), ("a/1", "b/2"), {"a/1": 1})
    assert look(("b/2",), again).left == ("a/1",)


def test_a_benchmark_event_has_no_row() -> None:
    """Its row fields are null."""
    event = benchmark_event(Kind.BENCHMARK_GONE, "https://hub/x", ids())
    assert (event.model, event.rank.after, event.score.after, event.new) == (
        None,
        None,
        None,
        False,
    )
