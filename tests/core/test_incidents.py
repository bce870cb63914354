"""When people are told that something fails, and that it works again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.core.incidents import Incident, Notice, notices

NOW = datetime(2026, 4, 27, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def ill(name: str, failures: int = 3, **fields: Any) -> Incident:
    """Return a failing board, or what ``subject`` says."""
    fields.setdefault("subject", "board")
    fields.setdefault("since", NOW - failures * MINUTE)
    fields.setdefault("at", NOW)
    return Incident(name=name, failures=failures, error="the Hub answered 502", **fields)


def due(*ailments: Incident, watched: int = 9, now: datetime = NOW, wait: int = 0) -> list[Notice]:
    return list(
        notices(
            ailments,
            watched=watched,
            after_failures=3,
            now=now,
            patience=wait * MINUTE,
            lasting=5 * MINUTE,
        )
    )


def test_fewer_failures_than_asked_for_are_not_told() -> None:
    """Two of three are no news."""
    assert due(ill("a", 2)) == []


def test_boards_that_fail_together_make_one_notice() -> None:
    """It names them all."""
    (notice,) = due(ill("a"), ill("b", 4))
    assert notice.failing
    assert (notice.subject, [a.name for a in notice.about]) == ("board", ["a", "b"])


def test_all_boards_failing_are_the_hub() -> None:
    """One board alone is a board, even where it is all that is watched."""
    assert due(ill("a"), ill("b"), watched=2)[0].subject == "hub"
    assert due(ill("a"), watched=1)[0].subject == "board"


def test_what_was_told_is_not_told_again() -> None:
    """However often it fails."""
    assert due(ill("a", 30, told=True)) == []


def test_a_notice_waits_for_boards_on_the_same_way() -> None:
    """But no longer than its patience."""
    late = ill("b", 2)
    assert due(ill("a"), late, wait=5) == []
    assert len(due(ill("a"), late, wait=5, now=NOW + 5 * MINUTE)) == 1
    assert len(due(ill("a"), ill("b", 4), wait=5)) == 1
    assert due(ill("a"), ill("b", 1), wait=5) == []
    assert len(due(ill("a"), ill("b", 0, told=True, at=NOW), ill("c", 3, told=True), wait=5)) == 1


def test_a_board_that_is_polled_seldom_is_not_waited_for_again_and_again() -> None:
    """It may need days for its third failure, while the others fail on."""
    seldom = ill("b", 1)
    assert due(ill("a", 5), seldom, wait=15) == []
    assert [a.name for a in due(ill("a", 6), seldom, wait=15)[0].about] == ["a"]


def test_a_board_that_began_to_fail_much_later_is_not_waited_for() -> None:
    """It is another story."""
    later = ill("b", 1, since=NOW + 9 * MINUTE)
    assert len(due(ill("a"), later, wait=5)) == 1


def test_recovery_is_told_once_and_together() -> None:
    """Only of what was told to be failing."""
    well = [ill("a", 0, told=True), ill("b", 0, told=True)]
    (notice,) = due(*well, watched=2)
    assert notice == Notice(failing=False, subject="hub", about=tuple(well))
    assert due(ill("a", 0)) == []


def test_recovery_waits_for_boards_that_still_fail() -> None:
    """One notice for an outage that ends, unless some of it stays."""
    assert len(due(ill("a", 0, told=True), ill("b", 3), wait=5)) == 2
    assert len(due(ill("a", 0, told=True), ill("b", 0), wait=5)) == 1
    boards = (ill("a", 0, told=True), ill("b", 3, told=True))
    assert due(*boards, wait=5) == []
    assert [a.name for a in due(*boards, wait=5, now=NOW + 5 * MINUTE)[0].about] == ["a"]


def test_a_recovery_waits_an_hour_at_most_for_boards_that_are_polled_seldom() -> None:
    """An interval of days is no reason to keep it for days."""
    boards = (ill("a", 0, told=True), ill("b", 3, told=True))
    assert due(*boards, wait=10_000, now=NOW + 59 * MINUTE) == []
    assert len(due(*boards, wait=10_000, now=NOW + 60 * MINUTE)) == 1


def test_channels_are_told_one_by_one() -> None:
    """Failing and recovered."""
    sick = ill("hook", subject="channel")
    well = ill("slack", 0, subject="channel", told=True)
    assert due(sick, well) == [
        Notice(failing=True, subject="channel", about=(sick,)),
        Notice(failing=False, subject="channel", about=(well,)),
    ]
    assert due(ill("hook", 2, subject="channel")) == []
    assert due(ill("hook", 0, subject="channel", paused=True)) == []


def test_a_channel_that_holds_its_deliveries_is_told_at_once() -> None:
    """A broken token does not mend itself by two more refusals."""
    (notice,) = due(ill("slack", 1, subject="channel", paused=True))
    assert (notice.failing, notice.subject) == (True, "channel")


def test_a_refused_token_is_told_at_once_and_once() -> None:
    """The Hub has looked at it; its list of benchmarks, which may come back, is waited for."""
    refused = ill("token", 1, subject="hub")
    assert due(refused) == [Notice(failing=True, subject="hub", about=(refused,))]
    assert due(ill("token", 9, subject="hub", told=True)) == []
    assert due(ill("list of benchmarks", 1, subject="hub")) == []
    assert due(ill("token", 1, subject="channel")) == []


def test_a_delivery_given_up_is_told_at_once() -> None:
    """It does not fail several times in a row."""
    lost = ill("msg_1", 1, subject="delivery", channel="hook")
    assert due(lost) == [Notice(failing=True, subject="delivery", about=(lost,))]
    assert due(ill("msg_1", 1, subject="delivery", told=True)) == []


def test_rows_that_cannot_be_read_are_told_when_that_lasts() -> None:
    """However often it was counted: answers that are the same again are not looked at."""
    once = ill("a", 1, subject="rows", since=NOW - 4 * MINUTE)
    assert due(once) == []
    assert due(ill("a", 99, subject="rows", since=NOW - 4 * MINUTE)) == []
    (notice,) = due(once, now=NOW + MINUTE)
    assert (notice.failing, notice.subject, notice.about) == (True, "rows", (once,))


def test_boards_whose_rows_cannot_be_read_make_one_notice() -> None:
    """And another one when all can be again; what people did not hear of is not taken back."""
    since = NOW - 9 * MINUTE
    some = [ill(name, 1, subject="rows", since=since) for name in "ab"]
    (notice,) = due(*some, ill("c", 1, subject="rows", since=since, told=True))
    assert notice.about == tuple(some)
    well = [ill(name, 0, subject="rows", since=since, told=name != "b") for name in "ab"]
    (notice,) = due(*well)
    assert (notice.failing, notice.about) == (False, (well[0],))
