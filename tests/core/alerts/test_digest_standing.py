"""A digest tells of a board as it stands when the window closes, not of the polls in between."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from msgspec import UNSET
from msgspec.structs import replace

from bot.core.alerts.digest import Heard, digest
from bot.core.alerts.message import BoardChange, BoardInfo, Crossing, Digest
from bot.core.board import BoardKey, Snapshot
from bot.core.events import Event, Leader, Leaders, OutOfTop, RankPair, RowName, Summary
from bot.core.kinds import Kind
from tests.support.builders import Board
from tests.support.messages import NOW, event

KEY = BoardKey("acme/board")
START = (("a", 90), ("b", 80), ("c", 70), ("d", 60))
E = RowName("acme/e")


def entry(score: float, rank: int, gap: float, *level: str) -> Event:
    """Return the entry of ``acme/e``."""
    return event(
        Kind.NEW_ENTRY,
        "acme/e",
        rank=(None, rank),
        score=(None, score),
        new=True,
        gap=Decimal(gap),
        level_with=tuple(map(RowName, level)) or UNSET,
    )


def stands(*rows: tuple[str, float]) -> Snapshot:
    """Return a board with these rows."""
    board = Board(*rows).snapshot
    assert board is not None
    return board


def found(*events: Event, at_once: bool = False, hours: int = 0, crossed: str = "") -> Heard:
    """Return what a poll found; ``crossed`` is ``e>b``: who came into the top 2, who left."""
    into, _, out = crossed.partition(">")
    top = (Crossing(2, *((RowName(f"acme/{x}"),) if x else () for x in (into, out))),)
    change = BoardChange(
        board=BoardInfo(benchmark=KEY.benchmark),
        snapshot_at=NOW + timedelta(hours=hours),
        events=events,
        crossed=top if crossed else UNSET,
    )
    return Heard(change, at_once)


def closed(*heard: Heard, board: Snapshot | None = None, reads: bool = True) -> BoardChange:
    """Return what a digest tells of the board."""
    boards = {KEY: board} if board else {}
    told = digest("c", heard, NOW, NOW + timedelta(days=1), boards, reads=reads)
    assert told is not None
    return told.boards[0]


def test_a_place_and_a_distance_are_those_of_the_board_as_it_stands() -> None:
    """What moved the row since need not be told to the channel."""
    now = stands(("z", 99), *START[:2], ("e", 75), *START[2:])
    net = closed(found(entry(75, 3, 15, "acme/x")), board=now)
    (told,) = net.events
    assert (told.rank.after, told.gap, told.level_with) == (4, Decimal(24), UNSET)
    assert net.leader == Leader("acme/z", None, Decimal(99))


def test_who_is_level_with_a_row_is_counted_anew() -> None:
    """One that is gone is not level with anybody."""
    now = stands(("a", 90), ("b", 80), ("e", 80))
    (told,) = closed(found(entry(80, 2, 10, "acme/x")), board=now).events
    assert told.level_with == (RowName("acme/b"),)


def test_a_move_that_others_undid_is_a_new_score() -> None:
    """The row stands where it stood."""
    up = event(
        "rank_change",
        "acme/c",
        contains=(Kind.RANK_CHANGE, Kind.SCORE_CHANGE),
        rank=(3, 2),
        score=(70, 85),
    )
    now = stands(("a", 90), ("z", 87), ("c", 85), ("b", 80))
    (told,) = closed(found(up), board=now).events
    assert (told.kind, told.rank.after) == (Kind.SCORE_CHANGE, 3)
    assert told.contains == (Kind.SCORE_CHANGE,)


def test_of_a_row_of_which_more_happened_than_is_told_no_distance_is() -> None:
    """Two states of it would be mixed."""
    now = stands(*START[:2], ("e", 76), *START[2:])
    (told,) = closed(found(entry(75, 3, 15)), board=now).events
    assert (told.rank.after, told.score.after, told.gap) == (3, Decimal(75), None)


def test_after_a_board_was_scored_anew_rows_are_told_with_their_new_scores() -> None:
    """Those that were found before that."""
    leaders = Leaders(before=Leader("acme/a", None, Decimal(90)))
    summary = Summary(rows=5, common=5, changed=5, leader=leaders)
    anew = Event(id="1", kind=Kind.RECOMPUTED, contains=(Kind.RECOMPUTED,), summary=summary)
    now = stands(("a", 9), ("b", 8), ("c", 7), ("d", 6), ("e", 5))
    told = closed(found(entry(75, 3, 15)), found(anew, hours=1), board=now).events
    (new,) = (one for one in told if one.new)
    assert (new.rank.after, new.score.after, new.gap) == (5, Decimal(5), Decimal(4))


def test_where_the_board_is_not_known_distances_before_later_news_are_left_out() -> None:
    """Those of the last news are true as far as anybody knows."""
    first = found(entry(75, 3, 15, "acme/x"))
    later = event("verified", "acme/a", verified=(False, True), rank=(1, 1), score=(90, 90))
    (alone,) = closed(first).events
    assert alone.gap == Decimal(15)
    old, _ = closed(first, found(later, hours=1)).events
    assert (old.gap, old.level_with) == (None, UNSET)
    (heard,) = closed(first, found(later, hours=1, at_once=True)).events
    assert heard.gap is None


def test_a_new_leader_s_margin_is_that_of_the_board_as_it_stands() -> None:
    """One of whom more is known does not lead with another's."""
    lead = event("new_leader", "acme/e", rank=(None, 1), score=(None, 95), new=True, margin=5)
    (told,) = closed(found(lead), board=stands(("e", 95), ("z", 94), *START)).events
    assert (told.margin, told.second) == (Decimal(1), Leader("acme/z", None, Decimal(94)))
    (told,) = closed(found(lead), board=stands(("z", 99), ("e", 95), *START)).events
    assert (told.rank.after, told.margin, told.second) == (2, None, UNSET)


def test_a_lead_that_was_told_at_once_is_named_with_its_time() -> None:
    """While it lasts, to people, in a digest that has something to tell."""
    lead = event("new_leader", "acme/z", rank=(None, 1), score=(None, 99), new=True)
    heard = found(entry(75, 4, 24)), found(lead, at_once=True, hours=1)
    now = stands(("z", 99), *START[:2], ("e", 75))
    assert closed(*heard, board=now).told_leader_at == NOW + timedelta(hours=1)
    passed = stands(("a", 100), ("z", 99), ("b", 80), ("e", 75))
    assert closed(*heard, board=passed).told_leader_at is UNSET
    assert digest("c", heard[1:], NOW, NOW, {KEY: now}) is None
    before = Leader("acme/z", None, Decimal(99))
    lost = event("new_leader", "acme/a", rank=(2, 1), score=(90, 271), previous_leader=before)
    again = found(lost, at_once=True), *heard
    assert closed(*again, board=now).told_leader_at is UNSET, "it led before as it leads now"
    program = closed(*heard, board=now, reads=False)
    assert (program.told_leader_at, program.leader, program.crossed) == (UNSET, UNSET, UNSET)


def test_who_came_into_a_top_is_told_of_the_whole_window() -> None:
    """Up and down again is nothing."""
    flag = event("verified", "acme/a", verified=(False, True), rank=(1, 1), score=(90, 90))
    came, left = found(flag, crossed="c>b"), found(flag, crossed="b>c", hours=1)
    assert closed(came).crossed == (Crossing(2, (RowName("acme/c"),), (RowName("acme/b"),)),)
    assert closed(came, left).crossed is UNSET


def test_who_is_among_the_first_is_what_the_board_shows() -> None:
    """Whatever was told of that."""
    flag = event("verified", "acme/a", verified=(False, True), rank=(1, 1), score=(90, 90))
    assert closed(found(flag, crossed="c>b"), board=stands(*START)).crossed is UNSET


def test_who_left_a_top_as_was_told_at_once_and_is_back_is_told() -> None:
    """The channel believes that the row is not there."""
    flag = event("verified", "acme/a", verified=(False, True), rank=(1, 1), score=(90, 90))
    away = found(flag, crossed=">b", at_once=True)
    net = closed(away, found(flag, crossed="b>", hours=1), board=stands(*START))
    assert net.crossed == (Crossing(2, (RowName("acme/b"),)),)


def test_no_line_of_a_report_says_who_left_a_top_for_another() -> None:
    """It is told once, with where they stand."""
    new = replace(entry(85, 2, 5), out_of_top=OutOfTop(2, (RowName("acme/b"),)))
    net = closed(found(new, crossed="e>b"), board=stands(("a", 90), ("e", 85), ("b", 80)))
    assert [one.out_of_top for one in net.events] == [UNSET]
    assert net.crossed == (Crossing(2, (E,), (RowName("acme/b"),)),)
    assert net.placed
    assert [(one.model, one.rank) for one in net.placed] == [
        ("acme/a", 1),
        ("acme/e", 2),
        ("acme/b", 3),
    ]


def test_a_board_that_was_scored_anew_as_was_told_at_once_says_so() -> None:
    """The last time; not where the report itself tells it."""
    summary = Summary(rows=5, common=5, changed=5, leader=Leaders())
    anew = Event(id="1", kind=Kind.RECOMPUTED, contains=(Kind.RECOMPUTED,), summary=summary)
    heard = found(entry(75, 3, 15)), found(anew, hours=1, at_once=True)
    assert closed(*heard).told_anew_at == NOW + timedelta(hours=1)
    assert closed(heard[0]).told_anew_at is UNSET
    assert closed(heard[0], found(anew, hours=1)).told_anew_at is UNSET
    assert digest("c", heard[1:], NOW, NOW) is None, "nothing is left to tell"
    assert closed(*heard, reads=False).told_anew_at is UNSET


def test_a_row_that_was_in_a_top_between_two_polls_alone_is_not_told() -> None:
    """To people; one that was there before is, and one of which a watch without a top wants it."""
    now = stands(("a", 90), ("b", 85), ("c", 84), ("e", 80))
    new = replace(entry(80, 2, 10), watches=("first two",))
    tops = {"first two": 2, "all": None}

    def told(one: Event, *, reads: bool = True) -> Digest | None:
        heard = [found(one, crossed="e>b"), found(crossed="b>e", hours=1)]
        return digest("c", heard, NOW, NOW, {KEY: now}, reads=reads, tops=tops)

    assert told(new) is None
    assert told(new, reads=False)
    assert told(replace(new, watches=("first two", "all")))
    was = replace(new, rank=RankPair(1, 2), new=False, kind=Kind.RANK_CHANGE)
    assert told(was)
    taken_back = replace(new, rank=RankPair(4, 3), new=False, kind=Kind.RANK_CHANGE)
    assert told(taken_back), "it was told although it was never among the first"
