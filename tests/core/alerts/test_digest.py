"""What a digest says: the net movement of what was collected (rule 9 of noise control)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import chain
from typing import Any

import pytest
from msgspec import UNSET, UnsetType

from bot.core.alerts.digest import Heard, digest
from bot.core.alerts.message import (
    BoardChange,
    BoardInfo,
    Digest,
    Message,
    decode,
    digest_message,
    encode,
    events_of,
)
from bot.core.events import Event, Leader, Leaders, Shifted, Summary
from bot.core.kinds import Kind
from bot.core.render import text
from bot.core.render.page import page
from tests.support.builders import Board
from tests.support.messages import HUB, NOW, SWE, changed, event

Rows = list[tuple[str, float]]
START: Rows = [("a", 90), ("b", 80), ("c", 70), ("d", 60)]
DAY = timedelta(days=1)


def change(*events: Event, hours: int = 0, **fields: Any) -> BoardChange:
    """Return what one poll found on the board."""
    board = BoardInfo(benchmark=SWE.benchmark)
    at = NOW + timedelta(hours=hours)
    return BoardChange(board=board, snapshot_at=at, events=events, **fields)


def net(*held: BoardChange) -> Digest | None:
    """Return the digest of a day in which this was held."""
    return digest("c", [Heard(change) for change in held], NOW - DAY, NOW)


def lived(*polls: Rows) -> list[BoardChange]:
    """Return what is held of a board that goes from ``START`` through these polls."""
    board = Board(*START, confirm_removals=1)
    kept = [[one.event for one in board.poll(*rows).found] for rows in polls]
    told = [[one for one in some if one.kind is not Kind.RANK_SHIFT] for some in kept]
    return [change(*some, hours=hour) for hour, some in enumerate(told)]


def shown(told: Digest | None) -> list[str]:
    """Return each event as its kind, model and ranks."""
    if told is None:
        return []
    events = chain.from_iterable(board.events for board in told.boards)
    return [
        f"{one.kind} {(one.model or '').removeprefix('acme/')} {one.rank.before} → {one.rank.after}"
        for one in events
    ]


UP: Rows = [("a", 90), ("c", 85), ("b", 80), ("d", 60)]
NEW: Rows = [*START, ("e", 50)]
GONE: Rows = START[:3]
B_LEADS: Rows = [("b", 95), ("a", 90), ("c", 70), ("d", 60)]
C_LEADS: Rows = [("c", 99), ("b", 95), ("a", 90), ("d", 60)]


@pytest.mark.parametrize("rows", [UP, NEW, GONE, B_LEADS])
def test_one_change_is_told_as_it_is(rows: Rows) -> None:
    """Nothing is lost or added where nothing is to be put together."""
    (held,) = lived(rows)
    told = net(held)
    assert told is not None
    assert told.boards[0].events == held.events


@pytest.mark.parametrize(
    ("polls", "left"),
    [
        ([UP, START], []),
        ([NEW, START], []),
        ([GONE, START], []),
        ([B_LEADS, START], []),
        ([GONE, [*GONE, ("d", 65)]], ["score_change d 4 → 4"]),
        ([UP, C_LEADS], ["new_leader c 3 → 1", "rank_change b 3 → 2"]),
        ([NEW, [*START, ("e", 55)]], ["new_entry e None → 5"]),
        ([UP, [row for row in UP if row[0] != "c"]], ["removed c 3 → None"]),
    ],
)
def test_a_rows_events_become_one(polls: list[Rows], left: list[str]) -> None:
    """From before the first to after the last; what is as it was is not told."""
    assert shown(net(*lived(*polls))) == left


def test_of_several_leaders_the_last_is_told_and_whom_the_first_followed() -> None:
    """Who led for a while only is told as what became of its score."""
    told = net(*lived(B_LEADS, C_LEADS))
    assert told is not None
    leaders = [one for one in told.boards[0].events if Kind.NEW_LEADER in one.contains]
    assert [one.model for one in leaders] == ["acme/c"]
    assert isinstance(leaders[0].previous_leader, Leader)
    assert leaders[0].previous_leader.model == "acme/a"


def test_a_leader_after_a_board_was_scored_anew_follows_who_led_before_that() -> None:
    """The board's own event says who that was."""
    first, second = Leader("acme/a", None, Decimal(90)), Leader("acme/b", None, Decimal(9))
    summary = Summary(rows=4, common=4, changed=4, leader=Leaders(before=first, after=second))
    contains = (Kind.RECOMPUTED, Kind.NEW_LEADER)
    anew = Event(id="1", kind=Kind.RECOMPUTED, contains=contains, summary=summary)
    lead = event(Kind.NEW_LEADER, "acme/c", previous_leader=second)
    told = net(change(anew), change(lead, hours=1))
    assert told is not None
    assert [one.previous_leader for one in told.boards[0].events if one.model] == [first]


def test_a_leader_keeps_the_second_and_one_that_lost_the_lead_does_not() -> None:
    """The distance and the row to which it is measured come from the same event."""
    behind = Leader("acme/b", None, Decimal(75))
    lead: dict[str, Any] = {"rank": (2, 1), "score": (70, 80), "margin": Decimal(5)}
    contains = (Kind.NEW_LEADER, Kind.RANK_CHANGE, Kind.SCORE_CHANGE)
    first = event("new_leader", contains=contains, second=behind, **lead)
    flag = event("verified", verified=(False, True), rank=(1, 1), score=(80, 80))
    told = net(change(first), change(flag))
    assert told is not None
    (whole,) = told.boards[0].events
    assert whole.margin == Decimal(5)
    assert whole.second == behind
    other = event("new_leader", "acme/c", rank=(None, 1), score=(None, 90), new=True)
    told = net(change(first), change(other))
    assert told is not None
    fell = next(one for one in told.boards[0].events if one.model == "zai-org/GLM-5")
    assert (fell.margin, fell.second) == (None, UNSET)


def test_a_leader_is_perhaps_another_s_new_name_only_where_that_led_before() -> None:
    """Of a window in which a third row led, too, who led before it is another."""
    first, second = (Leader(f"acme/{name}", None, Decimal(90)) for name in "ab")
    lead = event("new_leader", "acme/b", rank=(2, 1), score=(80, 90), previous_leader=first)
    same = event("new_leader", "acme/c", previous_leader=second, perhaps_renamed=True)
    flag = event("verified", "acme/c", verified=(False, True), rank=(1, 1), score=(90, 90))

    def told(*events: Event) -> list[bool | UnsetType]:
        found = net(*map(change, events))
        assert found
        return [one.perhaps_renamed for one in found.boards[0].events if one.model == "acme/c"]

    assert told(same, flag) == [True]
    assert told(lead, same) == [UNSET]


def test_a_flag_that_turned_twice_is_not_told() -> None:
    """Verified and unverified again is nothing."""
    on = event("verified", verified=(False, True), rank=(3, 3), score=(70, 70))
    off = event("unverified", verified=(True, False), rank=(3, 3), score=(70, 70))
    assert net(change(on), change(off)) is None
    assert shown(net(change(on))) == ["verified zai-org/GLM-5 3 → 3"]


def test_a_row_is_followed_through_a_new_name() -> None:
    """What was held under the old id is the same row's."""
    up = event("rank_change", "acme/old", rank=(5, 3), score=(60, 70))
    named = event("renamed", "acme/new", rank=(3, 3), score=(70, 70), previous_model="acme/old")
    told = net(change(up), change(named))
    assert shown(told) == ["rank_change new 5 → 3"]
    assert told is not None
    assert told.boards[0].events[0].contains == (Kind.RANK_CHANGE, Kind.RENAMED)


def test_what_is_of_no_row_is_kept_and_counts_of_rows_that_moved_are_not_added() -> None:
    """A row that moved in two polls is not two rows."""
    board = event("new_benchmark", None)
    told = net(change(board, shifted=Shifted(3)), change(shifted=Shifted(2), muted=4))
    assert told is not None
    assert told.boards[0].events == (board,)
    assert (told.boards[0].shifted, told.boards[0].muted) == (Shifted(), 4)


def test_a_digest_is_stored_as_the_same_and_reads_by_what_happened() -> None:
    """Its body says from when to when, its words begin with what happened."""
    told = net(change(event("new_entry", rank=(None, 3), score=(None, 79), new=True)))
    assert told is not None
    message: Message = digest_message(told)
    assert decode(encode(message)) == message
    assert b'"from":' in encode(message)
    assert events_of(message) == told.boards[0].events
    words = text.render(page(message, {}, HUB))
    assert words.title == "1 change on SWE-bench/SWE-bench_Verified"
    section, line, *_ = words.body.splitlines()
    assert (section, line) == ("New", "+ GLM-5 enters at #3 with 79")
    assert events_of(changed()) == ()
