"""A digest in words: a short report over all boards."""

from __future__ import annotations

from datetime import UTC, timedelta
from decimal import Decimal

from msgspec.structs import replace

from bot.core.alerts.message import BoardChange, BoardInfo, Crossing, Digest, digest_message
from bot.core.events import Event, Leader, Related, RowName, Turnover
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


FIRST = Leader("lab/first", None, Decimal(81))


def standing(*rows: tuple[str, int, float]) -> tuple[Related, ...]:
    """Return rows as they stand: their models, ranks and scores."""
    return tuple(Related(f"lab/{name}", None, rank, Decimal(score)) for name, rank, score in rows)


THREE = standing(("first", 1, 81), ("second", 2, 80), ("third", 3, 79))


def test_a_distance_is_told_where_the_first_rows_are_not() -> None:
    """To the leader by name; else its score is read there."""
    told = replace(board("a", replace(entry("zai/delta", 4, 61), gap=Decimal(20))), leader=FIRST)
    assert report(told)[1:3] == ["New", "+ delta enters at #4 with 61, 20 behind first"]
    placed = replace(told, placed=THREE)
    three = "• Top three now: #1 first 81, #2 second 80, #3 third 79"
    assert report(placed)[1:-1] == ["The board", three, "New", "+ delta enters at #4 with 61"]
    assert three not in report(placed, board("b", entry("zai/beta", 5, 60)))
    high = replace(placed, events=(replace(entry("zai/delta", 3, 79), id="1"),))
    assert three in report(high, board("b", entry("zai/beta", 5, 60))), "the third is another"
    flag = event("verified", "zai/delta", verified=(False, True), rank=(2, 2), score=(80, 80))
    assert three not in report(replace(placed, events=(replace(flag, id="1"),)))


def test_a_leader_of_which_was_told_at_once_is_said_to_lead() -> None:
    """And who shares the lead with it."""
    told = replace(board("a", entry("zai/delta", 4, 61)), leader=FIRST, told_leader_at=NOW)
    assert report(told)[1:3] == ["New leaders", "★ first leads with 81"]
    level = standing(("first", 1, 81), ("second", 1, 81), ("third", 3, 79))
    assert report(replace(told, placed=level))[1:3] == [
        "New leaders",
        "★ first shares the lead with second: 81",
    ]


def test_a_board_of_which_was_told_at_once_that_it_was_scored_anew_says_so() -> None:
    """With who leads since then."""
    told = replace(board("a", entry("zai/delta", 4, 61)), leader=FIRST, told_anew_at=NOW)
    assert report(told)[1:3] == ["The board", "• It was scored anew; first leads with 81"]
    assert report(replace(told, told_leader_at=NOW))[1:5] == [
        "New leaders",
        "★ first leads with 81",
        "The board",
        "• It was scored anew",
    ]
    assert report(told)[0] == "1 change on acme/a", "it was counted when it was told"


def test_rows_that_are_level_say_so_once() -> None:
    """The first of them."""
    rows = [RowName("lab/m4"), RowName("lab/m5")]
    told = [
        replace(entry(row.model, rank, 70), level_with=(other,), gap=Decimal(9))
        for rank, row, other in zip((4, 5), rows, rows[::-1], strict=True)
    ]
    assert report(board("a", *told))[2:-1] == [
        "+ m4 enters at #4 with 70, level with m5, 9 behind the leader",
        "+ m5 enters at #5 with 70, 9 behind the leader",
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
    assert report(told)[1:-1] == [
        "Up",
        "▲ Into the top 3: m1",
        "New",
        "+ m0 enters at #2 with 61",
        "Down",
        "▼ Out of the top 3: m2",
    ]
    assert report(told)[0] == "3 changes on acme/a"
    placed = (Related("x/m1", None, 3, Decimal("60.5")), Related("x/m2", None, 4, Decimal(60)))
    assert report(replace(told, placed=placed))[2] == "▲ Into the top 3: m1 (#3 with 60.5)"
    assert report(replace(told, placed=placed))[-2] == "▼ Out of the top 3: m2 (now #4)"
    assert report(replace(told, placed=placed[:1]))[-2] == "▼ Out of the top 3: m2 (gone)"


def test_a_top_that_is_another_is_one_line() -> None:
    """With its leader, where that was told at once."""
    placed = standing(("first", 1, 81), ("m1", 2, 80), ("m2", 3, 79))
    rows = (RowName("lab/m1"), RowName("lab/m2"))
    told = replace(
        board("a", entry("zai/delta", 4, 61)),
        crossed=(Crossing(3, rows),),
        placed=placed,
        leader=FIRST,
        told_leader_at=NOW,
    )
    assert report(told)[3:5] == [
        "The board",
        "• The top 3 is another: #1 first 81, #2 m1 80, #3 m2 79",
    ]
    assert not any("now" in line for line in report(told))


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
