"""A digest in words: a short report over all boards."""

from __future__ import annotations

from datetime import UTC, timedelta
from decimal import Decimal

from msgspec.structs import replace

from bot.core.alerts.message import BoardChange, BoardInfo, Crossing, Digest, digest_message
from bot.core.events import Event, Leader, RowName, Turnover
from bot.core.kinds import Kind
from bot.core.render import slack, text
from bot.core.render.page import page
from tests.support.messages import HUB, NOW, event


def board(name: str, *events: Event) -> BoardChange:
    """Return what was collected of a board."""
    told = tuple(replace(one, id=f"{name} {number}") for number, one in enumerate(events))
    return BoardChange(board=BoardInfo(benchmark=f"acme/{name}"), snapshot_at=NOW, events=told)


def report(*boards: BoardChange) -> list[str]:
    """Return the lines of a digest as plain text, the footer left out."""
    message = digest_message(
        Digest(channel="c", since=NOW - timedelta(days=1), until=NOW, boards=boards)
    )
    told = text.render(page(message, {}, HUB, UTC))
    return [told.title, *told.body.splitlines()][:-1]


def entry(model: str, rank: int, score: float) -> Event:
    return event(Kind.NEW_ENTRY, model, rank=(None, rank), score=(None, score), new=True)


def test_a_digest_is_a_report_by_what_happened() -> None:
    """Whatever the boards' order; a section that has nothing is left out."""
    moved = event(Kind.RANK_CHANGE, "qwen/alpha", rank=(7, 2), score=(60, 70))
    fell = event(Kind.RANK_CHANGE, "mini/beta", rank=(2, 3), score=(69, 65))
    gone = event(Kind.REMOVED, "step/gamma", rank=(5, None), score=(50, None))
    assert report(board("b", gone, fell), board("a", entry("zai/delta", 4, 61), moved)) == [
        "4 changes on 2 boards",
        "Up",
        "▲ 7 → 2 alpha with 70 (+10)",
        "  acme/a",
        "New",
        "+ delta enters at #4 with 61",
        "  acme/a",
        "Down",
        "▼ 2 → 3 beta with 65 (−4)",  # noqa: RUF001
        "  acme/b",
        "Gone",
        "− gamma is gone; last seen at #5 with 50",  # noqa: RUF001
        "  acme/b",
    ]


def test_a_model_that_came_to_several_boards_is_one_paragraph() -> None:
    """A release day, the best place first."""
    told = report(board("a", entry("zai/delta", 4, 61)), board("b", entry("zai/delta", 2, 80)))
    assert told == [
        "2 changes on 2 boards",
        "New",
        "+ delta enters 2 boards",
        "  #2 on acme/b with 80 · #4 on acme/a with 61",
    ]


def test_models_whose_names_are_alike_are_told_with_their_owners() -> None:
    """Short names are for what no other model of the message is called."""
    told = report(
        board("a", entry("zai/Delta", 4, 61), entry("mini/delta", 5, 60), entry("mini/beta", 6, 59))
    )
    assert told[2:5] == [
        "+ zai/Delta enters at #4 with 61",
        "+ mini/delta enters at #5 with 60",
        "+ beta enters at #6 with 59",
    ]


def test_a_digest_of_one_board_names_it_once() -> None:
    """In its head."""
    assert report(board("a", entry("zai/delta", 4, 61)))[0] == "1 change on acme/a"


def test_a_busy_day_is_at_most_three_screens_and_says_what_is_left() -> None:
    """In Slack as in text."""
    many = [entry(f"lab/m{number}", number, 99 - number) for number in range(1, 90)]
    boards = tuple(board(f"b{number}", one) for number, one in enumerate(many))
    assert any("more, all new" in line for line in report(*boards))
    told = Digest(channel="c", since=NOW, until=NOW, boards=boards)
    blocks = slack.render(digest_message(told), {}, HUB, "msg").blocks
    assert 20 < len(blocks) <= 3 * slack.MAX_EVENTS + 3


def test_a_distance_is_to_the_leader_by_name() -> None:
    """And one of which was told at once is said to lead still."""
    led = Leader("lab/first", None, Decimal(81))
    told = replace(board("a", replace(entry("zai/delta", 4, 61), gap=Decimal(20))), leader=led)
    assert report(told)[1:3] == ["New", "+ delta enters at #4 with 61, 20 behind first"]
    assert report(replace(told, told_leader_at=NOW))[1:3] == [
        "New leaders",
        "★ first leads with 81, as told on 27 Apr 2026, 10:00 UTC",
    ]


def test_a_row_that_is_perhaps_another_s_new_name_is_one_line() -> None:
    """It is counted as one change."""
    gone = event(
        Kind.REMOVED, "x/old", rank=(4, None), score=(61, None), perhaps_renamed_to="x/new"
    )
    assert report(board("a", entry("x/new", 4, 61), gone))[:3] == [
        "1 change on acme/a",
        "Also",
        "• new is perhaps the new name of old, which is gone: 61 at #4",
    ]
    twice = replace(entry("x/new", 5, 60), variant="other")
    assert report(board("a", entry("x/new", 4, 61), twice, gone))[0] == "3 changes on acme/a"


def test_who_came_into_a_top_and_who_left_is_said_of_those_without_lines_of_their_own() -> None:
    """Others say it themselves."""
    rows = [RowName(f"x/m{number}") for number in range(4)]
    told = replace(
        board("a", entry("x/m0", 2, 61)), crossed=(Crossing(3, (*rows[:2],), (rows[2],)),)
    )
    assert report(told)[1:4] == ["The board", "• m1 enters the top 3", "• m2 leaves the top 3"]
    assert report(told)[0] == "3 changes on acme/a"
    whole = replace(told, crossed=(Crossing(3, (*rows[1:],), ()),))
    assert report(whole)[2] == "• The top 3 is another: m1, m2, m3"


def test_a_board_that_was_exchanged_is_one_change() -> None:
    """However many rows came and left."""
    left = [
        event(
            Kind.REMOVED,
            f"x/m{number}",
            rank=(number, None),
            score=(90 - number, None),
            turnover=Turnover(rows=4, gone=4, new=0),
        )
        for number in range(1, 5)
    ]
    assert report(board("a", *left))[0] == "1 change on acme/a"
