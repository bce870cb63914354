"""What happened, in words that are true of it and that say it once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.core.alerts.message import BoardChange, BoardInfo
from bot.core.events import (
    Cause,
    Event,
    Leader,
    Leaders,
    OutOfTop,
    Provenance,
    ProvenancePair,
    Related,
    RowName,
    Shifted,
    Summary,
    Turnover,
)
from bot.core.kinds import Kind
from bot.core.render import text
from bot.core.render.clean import cut_middle
from bot.core.render.page import page
from bot.core.render.words.names import Names
from tests.support.messages import HUB, NOW, SWE, changed, event

MINUS = "\N{MINUS SIGN}"
LED = Leader("old/leader", None, Decimal("76.4"))
WAS = RowName("old/leader")


def lines(*events: Event, **fields: Any) -> list[str]:
    """Return the lines of a message with these events, as people read them."""
    return text.render(page(changed(*events, **fields), {}, HUB)).body.splitlines()


def summary(*events: Event, **fields: Any) -> str:
    """Return the sentence that a phone shows of a message."""
    return page(changed(*events, **fields), {}, HUB).summary.partition(": ")[2]


def leads(**fields: Any) -> Event:
    """Return the event of a row that leads in the place of another."""
    told = {"rank": (2, 1), "score": (75.8, 75.8), "previous_leader": LED, "margin": Decimal("0.6")}
    return event("new_leader", "a/b", **told | fields)


def shift(model: str, rank: tuple[int, int], **fields: Any) -> Event:
    """Return the event of a row that a newcomer pushed down."""
    told: dict[str, Any] = {
        "score": (70, 70),
        "cause": Cause(displaced_by=(RowName("x/new"),)),
        "related": (Related("x/new", None, 1, Decimal("80.6"), new=True),),
    }
    return event("rank_shift", model, id=model, rank=rank, **told | fields)


def test_a_row_that_a_removal_left_in_front_leads_after_that_removal() -> None:
    """It did not take the lead: it stood second."""
    left = leads(cause=Cause(vacated_by=(WAS,)))
    assert lines(left)[0] == (
        "★ 2 → 1 a/b leads after the removal of old/leader (76.4), with 75.8, "
        "0.6 ahead of the second"
    )
    assert lines(left)[0] not in lines(leads(cause=Cause(vacated_by=(RowName("another/one"),))))


def test_a_newcomer_that_leads_since_the_leader_was_removed_says_so() -> None:
    """It is not as good as that one was."""
    gone = event("removed", "old/leader", rank=(1, None), score=(76.4, None))
    new = leads(rank=(None, 1), score=(None, 70), new=True)
    assert lines(new, gone)[0].startswith(
        "★ a/b leads after the removal of old/leader (76.4), with 70.0, "
    )


def test_a_newcomer_as_good_as_the_leader_that_left_leads_after_its_removal() -> None:
    """It does not take the lead from a row that is gone; a better one does."""
    gone = event("removed", "old/leader", rank=(1, None), score=(76.4, None))
    level = leads(rank=(None, 1), score=(None, 76.4), new=True)
    assert lines(level, gone)[0].startswith(
        "★ a/b leads after the removal of old/leader (76.4), with 76.4, "
    )
    better = leads(rank=(None, 1), score=(None, 77), new=True)
    assert lines(better, gone)[0].startswith(
        "★ a/b takes the lead from old/leader (76.4) with 77.0,"
    )


def test_a_leader_names_the_second_where_that_is_not_who_led() -> None:
    """Who led is named already; an event from before the second was kept says so much."""
    other, led = Leader("c/d", None, Decimal("75.2")), Leader("old/leader", None, Decimal("75.2"))
    assert lines(leads(second=other))[0].endswith(", 0.6 ahead of c/d")
    assert lines(leads(second=led))[0].endswith(", 0.6 ahead")
    assert lines(leads(second=led, margin=Decimal(0)))[0].endswith(", level with old/leader")
    assert lines(leads())[0].endswith(", 0.6 ahead of the second")


@pytest.mark.parametrize(
    ("rank", "gap", "level", "told"),
    [
        (4, "3.6", ("c/d",), "a/b enters at #4 with 70, level with c/d, 3.6 behind the leader"),
        (4, "3.6", ("c/d", "e/f"), "70, level with c/d and others, 3.6 behind the leader"),
        (2, "0", ("c/d",), "a/b enters at #2 with 70, level with the leader c/d"),
        (1, "0", ("c/d",), "a/b enters at #1 with 70, sharing the lead with c/d"),
    ],
)
def test_a_row_says_with_whom_it_is_level(
    rank: int, gap: str, level: tuple[str, ...], told: str
) -> None:
    """By name, and where those stand if it is at the top."""
    names = tuple(map(RowName, level))
    fields: dict[str, Any] = {"gap": Decimal(gap), "level_with": names}
    new = event("new_entry", "a/b", rank=(None, rank), score=(None, 70), new=True, **fields)
    assert lines(new)[0].endswith(told)


def test_a_row_that_drew_level_says_with_whom() -> None:
    """It passed nobody, but did not stay as it was."""
    fields: dict[str, Any] = {"gap": Decimal(0), "level_with": (RowName("c/d"),)}
    drew = event("score_change", "a/b", rank=(2, 2), score=(70, 80), **fields)
    assert lines(drew)[0] == "• a/b now scores 80 (+10), still #2, level with the leader c/d"
    rose = event("rank_change", "a/b", rank=(5, 2), score=(70, 80), **fields)
    assert lines(rose)[0] == "▲ 5 → 2 a/b with 80 (+10), level with the leader c/d"
    fell = event("rank_change", "a/b", rank=(2, 5), score=(80, 70), **fields)
    assert "level" not in lines(fell)[0]


def test_a_row_that_is_gone_says_what_it_may_be_called_now() -> None:
    """It may be a guess, and says so."""
    gone = event("removed", rank=(4, None), score=(60.4, None), perhaps_renamed_to="a/b")
    assert lines(gone)[0].endswith(
        "is gone; last seen at #4 with 60.4; perhaps renamed: a/b came with this score"
    )


def test_a_row_leads_after_the_leader_fell_behind() -> None:
    """Whose score it was that changed is said, with both of its scores."""
    fell = event("rank_change", "old/leader", rank=(1, 2), score=(76.4, 70))
    told = (
        "a/b leads after old/leader fell behind (76.4 → 70.0), with 75.8, 0.6 ahead of the second"
    )
    assert lines(leads(cause=Cause(overtook=(WAS,))), fell)[0] == f"★ 2 → 1 {told}"
    known = (Related("old/leader", None, 2, Decimal(70)),)
    assert summary(leads(cause=Cause(overtook=(WAS,)), related=known)) == f"{told}."


def test_a_row_that_got_worse_takes_no_lead() -> None:
    """It fell less than the leader did; of errors the lower are better."""
    fell = event("rank_change", "old/leader", rank=(1, 2), score=(76.4, 60))
    assert (
        "leads after old/leader fell behind (76.4 → 60.0), with 70.0 ("
        in lines(leads(score=(75.8, 70)), fell)[0]
    )
    errors = BoardInfo(benchmark=SWE.benchmark, lower_is_better=True)
    better = leads(score=(80, 70))
    assert "takes the lead from old/leader (76.4) with 70" in lines(better, board=errors)[0]


def test_a_newcomer_below_the_old_leader_does_not_take_the_lead_from_it() -> None:
    """The old one must have gone, or fallen, at the same time."""
    new = leads(rank=(None, 1), score=(None, 70), new=True)
    assert lines(new)[0].startswith("★ a/b leads instead of old/leader (76.4), with 70, ")
    assert (
        "takes the lead from old/leader (76.4) with 80,"
        in lines(leads(rank=(None, 1), score=(None, 80), new=True))[0]
    )


def test_a_row_whose_own_score_changed_is_told_who_pushed_it_down() -> None:
    """The ranks alone would make the score seem to be the reason."""
    moved = event(
        "score_change",
        rank=(6, 7),
        score=(1452, 1453),
        cause=Cause(displaced_by=(RowName("x/new"),)),
        related=(Related("x/new", None, 3, Decimal(1500), new=True),),
    )
    assert lines(moved)[0] == (
        "▼ 6 → 7 zai-org/GLM-5 now scores 1453 (+1), pushed down by x/new (new, 1500)"
    )
    assert summary(moved) == (
        "zai-org/GLM-5 moved down from #6 to #7 and now scores 1453 (+1), "
        "pushed down by x/new (new, 1500)."
    )


def test_a_row_that_is_back_is_not_called_new_where_it_pushed_others_down() -> None:
    """It was told as gone."""
    back = event("returned", "x/old", rank=(None, 3), score=(None, 1500), new=True)
    pushed = event(
        "rank_shift",
        rank=(6, 7),
        cause=Cause(displaced_by=(RowName("x/old"),)),
        related=(Related("x/old", None, 3, Decimal(1500), new=True),),
    )
    assert "pushed down by x/old (back, 1500)" in "\n".join(lines(back, pushed))


def test_a_row_that_rose_through_a_removal_says_so() -> None:
    """Its new score did not carry it there."""
    rose = event(
        "score_change", rank=(7, 6), score=(9, 10), cause=Cause(vacated_by=(RowName("x/gone"),))
    )
    assert lines(rose)[0].endswith("now scores 10 (+1), after the removal of x/gone")


def test_a_row_that_was_overtaken_and_kept_its_rank_stays_there() -> None:
    """Where another left, the rank is the same although somebody passed it."""
    kept = event(
        "rank_change",
        rank=(34, 34),
        score=(1420, 1419),
        cause=Cause(overtaken_by=(RowName("x/y"),)),
    )
    told = f"zai-org/GLM-5 stays at #34 with 1419 ({MINUS}1), overtaken by x/y"
    assert lines(kept)[0] == f"• {told}"
    assert summary(kept) == f"{told}."


def test_who_moved_down_is_told_once() -> None:
    """By the place of the newcomer that moved them all, else in the last line."""
    new = event("new_entry", "a/b", rank=(None, 3), score=(None, 9), pushed_down=16, new=True)
    alone = "\n".join(lines(new, shifted=Shifted(16, 0)))
    assert "down" not in alone
    other = event("new_entry", "c/d", rank=(None, 5), score=(None, 8), pushed_down=14, new=True)
    both = "\n".join(lines(new, other, shifted=Shifted(16, 0)))
    assert "16 moved down" in both


def test_who_was_passed_is_not_counted_again() -> None:
    """Five rows that one passed moved down by one each; that more did is said, of all of them."""
    rows = tuple(RowName(f"a/m{number}") for number in range(5))
    up = event("rank_change", rank=(7, 2), score=(70, 80), cause=Cause(overtook=rows))
    assert "moved" not in "\n".join(lines(up, shifted=Shifted(5, 0)))
    assert "6 moved down in all" in "\n".join(lines(up, shifted=Shifted(6, 0)))


def test_a_distance_is_to_the_leader_by_name_where_that_is_known() -> None:
    """Whoever reads it need not look who that is."""
    message = changed(
        event("new_entry", "a/b", rank=(None, 3), score=(None, 9), new=True, gap=Decimal(1))
    )
    assert isinstance(message.data, BoardChange)
    told = replace(message, data=replace(message.data, leader=Leader("c/d", None, Decimal(10))))
    assert text.render(page(told, {}, HUB)).body.startswith(
        "+ a/b enters at #3 with 9, 1 behind c/d"
    )


def test_a_row_that_moved_against_its_score_says_so() -> None:
    """It scores better, but others came above it; or worse, but others are gone."""
    new = Cause(overtook=(RowName("a/b"),), displaced_by=(RowName("x/y"),))
    fell = event("rank_change", "me/m", rank=(8, 9), score=(70, 71), cause=new)
    told = "▼ 8 → 9 me/m with a better score, 71 (+1), passing a/b, but pushed down by x/y"
    assert lines(fell)[0] == told
    rose = event("score_change", "me/m", rank=(8, 7), score=(71, 70))
    assert lines(rose)[0] == f"▲ 8 → 7 me/m now scores worse, 70 ({MINUS}1)"
    assert lines(rose, board=BoardInfo(benchmark="a/b", lower_is_better=True))[0] == (
        f"▲ 8 → 7 me/m now scores 70 ({MINUS}1)"
    )


def test_own_models_that_one_cause_moved_are_one_line() -> None:
    """The best first, each with its ranks; what does not fit is counted."""
    ranks = (9, 3, 5, 7, 11, 13)
    own = [shift(f"me/m{rank}", (rank, rank + 1)) for rank in ranks]
    assert lines(*own)[:2] == [
        "▼ 6 of yours pushed down by x/new (new, 80.6)",
        "  me/m3 3 → 4 · me/m5 5 → 6 · me/m7 7 → 8 · me/m9 9 → 10 · me/m11 11 → 12 · and 1 more",
    ]
    assert summary(*own) == "6 of yours pushed down by x/new (new, 80.6)."


def test_own_models_of_different_causes_are_lines_of_their_own() -> None:
    """So is the one that lost the lead: it is the news."""
    risen = Cause(vacated_by=(RowName("x/gone"),))
    told = lines(
        shift("me/first", (1, 2), gap=Decimal("10.6")),
        shift("me/third", (3, 4)),
        shift("me/fourth", (4, 5)),
        shift("me/ninth", (9, 8), cause=risen),
    )
    assert told[0] == (
        "▼ 1 → 2 me/first lost the lead to x/new (new, 80.6), and is 10.6 behind the leader"
    )
    assert told[1] == "▼ 2 of yours pushed down by x/new (new, 80.6)"
    assert told[3] == "▲ 9 → 8 me/ninth, after the removal of x/gone"


def test_own_models_that_a_removal_moved_are_a_sentence_too() -> None:
    """It has a verb: nobody pushed them."""
    gone = Cause(vacated_by=(RowName("x/gone"),))
    own = [shift(f"me/m{rank}", (rank, rank - 1), cause=gone, related=()) for rank in (3, 4)]
    assert lines(*own)[0] == "▲ 2 of yours moved up after the removal of x/gone"


def test_a_line_of_several_models_counts_as_many_changes() -> None:
    """What a phone counts is what happened, not how it is laid out."""
    own = [shift(f"me/m{rank}", (rank, rank + 1)) for rank in range(2, 8)]
    led = event("new_leader", "x/new", rank=(None, 1), score=(None, 80.6), new=True)
    assert summary(led, *own).endswith(" 6 more changes.")


def test_a_model_that_lost_the_lead_hears_to_whom_and_how_far_behind_it_is() -> None:
    """By another's rise, its own fall, or where nothing is known of who leads now."""
    taken = leads(score=(70, 80), previous_leader=Leader("me/m", None, Decimal(76)))
    pushed = event(
        "rank_shift",
        "me/m",
        rank=(1, 2),
        score=(76, 76),
        gap=Decimal(4),
        cause=Cause(overtaken_by=(RowName("a/b"),)),
    )
    told = "▼ 1 → 2 me/m lost the lead to a/b (80), and is 4 behind the leader"
    assert told in lines(taken, pushed)
    assert "▼ 1 → 2 me/m, overtaken by a/b; it lost the lead and is 4 behind the leader" in lines(
        pushed
    )
    fell = event(
        "rank_change",
        "me/m",
        rank=(1, 3),
        score=(76, 70),
        gap=Decimal(10),
        cause=Cause(overtaken_by=(RowName("a/b"),)),
    )
    told = f"▼ 1 → 3 me/m lost the lead to a/b (80), now with 70 ({MINUS}6), 10 behind the leader"
    assert told in lines(taken, fell)
    assert summary(pushed) == (
        "me/m moved down from #1 to #2, overtaken by a/b; "
        "it lost the lead and is 4 behind the leader."
    )


def test_a_level_first_row_that_did_not_lead_loses_no_lead() -> None:
    """The message names another that led before."""
    fell = shift("me/m", (1, 2), gap=Decimal(4))
    assert lines(leads(), fell)[1] == "▼ 1 → 2 me/m, pushed down by x/new (new, 80.6)"


@pytest.mark.parametrize(
    ("told", "caveat"),
    [
        (
            event("score_change", rank=(1, 1), score=("0.41", 41), suspected_scale_change=True),
            ", still #1 (a change of unit, it seems).",
        ),
        (
            event("new_entry", rank=(None, 5), score=(None, 77.7), new=True, pull_request=3),
            " with 77.7 (a community result).",
        ),
    ],
)
def test_a_phone_shows_what_nobody_should_miss(told: Event, caveat: str) -> None:
    """The sentence alone must not sell a change of unit, or a stranger's claim, as progress."""
    assert summary(told).endswith(caveat)


def test_a_board_of_errors_says_that_lower_is_better() -> None:
    """Where it is known."""
    up = event("rank_change", rank=(5, 2), score=(9, 4))
    errors = BoardInfo(benchmark=SWE.benchmark, rows=9, lower_is_better=True)
    assert lines(up, board=errors)[1].startswith("9 rows · lower is better · watch coding · ")
    assert "better" not in lines(up)[1]


def test_rows_whose_notes_differ_late_have_names_that_differ() -> None:
    """What is cut is cut in the middle."""
    notes = [f"{'prompted with five examples, ' * 6}{end}" for end in ("greedy", "sampled")]
    told = lines(
        *(event("new_entry", "a/b", id=note, variant=note, rank=(None, 2)) for note in notes)
    )
    assert len({line for line in told if "a/b" in line}) == 2
    assert "five examples, greedy)" in "\n".join(told)


NAMES = st.text(st.sampled_from("ab \u200b\n#2(x)"), max_size=4)
ROWS = st.builds(
    RowName, NAMES, st.none() | NAMES | NAMES.map(lambda end: "n" * 130 + end + "n" * 70)
)


@given(st.lists(ROWS, max_size=8, unique=True))
@example([RowName("a/b", None), RowName("a/b", "")])
def test_no_two_rows_of_a_message_are_called_alike(rows: list[RowName]) -> None:
    """Whatever is invisible or cut; the same row has one name, in whatever order rows come."""
    names = Names(rows)
    called = [names(row) for row in rows]
    assert len(set(called)) == len(rows)
    assert called == [Names(reversed(rows))(row) for row in rows]


@given(st.text(max_size=40), st.integers(1, 20))
def test_a_text_cut_in_its_middle_keeps_both_ends(long: str, limit: int) -> None:
    """It is no longer than the limit."""
    cut = cut_middle(long, limit)
    assert len(cut) <= limit
    assert cut == long or "…" in cut


def test_notes_that_look_the_same_are_not_told_to_have_changed() -> None:
    """Blanks, zero-width characters and other ways to write a letter cannot be seen."""

    def told(before: str, after: str) -> str:
        pair = ProvenancePair(Provenance(notes=before), Provenance(notes=after, filename="f"))
        return lines(event("provenance_change", provenance=pair))[0]

    for after in ("5-shot\n", " 5-shot", "5\u200b-shot", "5-shot\u00ad"):
        assert told("5-shot", after) == "• zai-org/GLM-5: the file became “f”"
    assert "notes" not in told("\u00e9", "e\u0301")
    assert "the notes changed from “5-shot” to “6-shot”" in told("5-shot", "6-shot")
    assert "“" in told("n" * 300 + "a", "n" * 300 + "b")


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        (timedelta(seconds=5), "a minute"),
        (timedelta(minutes=59), "59 minutes"),
        (timedelta(minutes=90), "an hour"),
        (timedelta(hours=23), "23 hours"),
        (timedelta(days=1), "a day"),
        (timedelta(days=1200), "1,200 days"),
        (timedelta(hours=-1), "a minute"),
    ],
)
def test_a_row_that_is_back_says_after_how_long(gone: timedelta, told: str) -> None:
    """Since its removal was told; what was back while clocks went backwards is back soon."""
    back = event("returned", rank=(None, 8), score=(None, 74), new=True, removed_at=NOW - gone)
    since = f"its removal was told {told} earlier"
    assert lines(back)[0] == f"+ zai-org/GLM-5 is back at #8 with 74; {since}"
    kinds = (Kind.NEW_LEADER, Kind.RETURNED, Kind.NEW_ENTRY)
    assert f"  returned ({since})" in lines(replace(back, kind=kinds[0], contains=kinds))


def test_a_leader_that_is_perhaps_the_previous_one_renamed_says_so() -> None:
    """In the one line of both, where the removal is told with it."""
    same = leads(rank=(None, 1), score=(None, 76.4), new=True, perhaps_renamed=True)
    told = (
        "★ a/b leads with 76.4, 0.6 ahead of the second; "
        "it is perhaps the new name of old/leader, which is gone"
    )
    assert lines(same)[0] == told
    gone = event(
        "removed", "old/leader", rank=(1, None), score=(76.4, None), perhaps_renamed_to="a/b"
    )
    assert lines(same, gone)[0] == told
    assert not any(line.startswith(MINUS) for line in lines(same, gone))


def test_a_row_that_was_level_is_not_said_to_be_passed() -> None:
    """It stood beside it."""
    rows = RowName("c/d"), RowName("e/f")
    up = event(
        "rank_change",
        "a/b",
        rank=(10, 9),
        score=(72, 73),
        cause=Cause(overtook=rows),
        related=(
            Related("c/d", None, 10, Decimal("72.5")),
            Related("e/f", None, 11, Decimal(72)),
        ),
    )
    assert lines(up)[0].endswith("a/b with 73 (+1), passing c/d")


def test_what_is_of_no_row_comes_before_leaders() -> None:
    """That a board was scored anew explains everything else."""
    led = event("new_leader", "a/b", rank=(2, 1), score=(1, 3))
    told = lines(led, event("recomputed", None))
    assert told[0] == "• It was scored anew"
    assert told[1].startswith("★ 2 → 1 a/b takes the lead")


def test_a_row_s_part_of_a_board_that_was_scored_anew_says_so() -> None:
    """Where the message does not tell of the board itself: watches on models are not told of it."""
    own = event("score_change", rank=(3, 3), score=(70, 61), recomputed=True)
    assert lines(own)[1] == "  the whole board was scored anew"
    assert summary(own).endswith(", still #3 (the whole board was scored anew).")
    assert "whole board" not in "\n".join(lines(event("recomputed", None), own))


def test_what_is_true_of_a_whole_board_is_said_once() -> None:
    """In the first line: whoever watches many models reads it no more often than others."""
    anew = {"recomputed": True, "suspected_scale_change": True}
    names = ("a/one", "a/two", "a/three")
    own = [
        event("score_change", name, rank=(place, place), score=(70 - place, 0.6), **anew)
        for place, name in enumerate(names, start=1)
    ]
    told = lines(*reversed(own))
    assert [line.strip() for line in told if "scored anew" in line or "unit" in line] == [
        "the whole board was scored anew · a change of unit, it seems: fraction or percent"
    ]
    assert told[0].startswith("• a/one ")
    assert told[1].startswith("  the whole board was scored anew")
    board = event("recomputed", None, suspected_scale_change=True)
    assert "\n".join(lines(board, *own)).count("unit") == 1
    jumps = [event("score_change", name, suspected_scale_change=True) for name in names]
    assert "\n".join(lines(*jumps)).count("unit") == 3


def test_a_board_that_changed_its_unit_says_so() -> None:
    """Most scores jumped between fraction and percent: that is no progress."""
    anew = event("recomputed", None, suspected_scale_change=True)
    assert lines(anew)[:2] == [
        "• It was scored anew",
        "  a change of unit, it seems: fraction or percent",
    ]
    assert page(changed(anew), {}, HUB).summary == (
        "SWE-bench/SWE-bench_Verified was scored anew (a change of unit, it seems)."
    )


def test_a_row_that_leads_instead_of_one_that_is_level_or_unknown_says_that_much() -> None:
    """Nothing is made up where the message does not know what became of the other."""
    assert lines(leads())[0].startswith("★ 2 → 1 a/b leads instead of old/leader (76.4), with 75.8")
    assert lines(leads(previous_leader=None))[0].startswith("★ 2 → 1 a/b leads with 75.8, ")


def test_the_row_that_is_meant_is_described() -> None:
    """Not another of those that are known around an event."""
    known = (
        Related("x/one", None, 4, Decimal(50), new=True),
        Related("old/leader", None, 2, Decimal(70)),
    )
    told = lines(leads(cause=Cause(overtook=(WAS,)), related=known))[0]
    assert "after old/leader fell behind (76.4 → 70.0)" in told
    pushed = Cause(displaced_by=(RowName("x/two"), RowName("x/one")))
    assert lines(shift("me/m", (3, 5), cause=pushed, related=known))[0] == (
        "▼ 3 → 5 me/m, pushed down by x/two and x/one (new, 50)"
    )


def test_texts_that_differ_only_where_both_are_cut_are_said_to_have_changed() -> None:
    """Two quotations that look alike would say that nothing happened."""
    pair = ProvenancePair(
        Provenance(notes=f"{'n' * 300}a{'n' * 300}"), Provenance(notes=f"{'n' * 300}b{'n' * 300}")
    )
    told = lines(event("provenance_change", provenance=pair))[0]
    assert told == "• zai-org/GLM-5: the notes changed"


def test_a_leader_whose_score_changed_while_a_newcomer_took_the_lead_hears_both() -> None:
    """The lead is the news, its own score a part of it."""
    own = shift("me/m", (1, 2), score=(70, 71), gap=Decimal("9.6"))
    own = replace(own, kind=Kind.SCORE_CHANGE, contains=(Kind.SCORE_CHANGE,))
    assert lines(own)[0] == (
        "▼ 1 → 2 me/m lost the lead to x/new (new, 80.6), now with 71 (+1), 9.6 behind the leader"
    )


def test_a_row_that_came_into_the_top_says_who_left_it() -> None:
    """Three by name; the rest is counted."""
    for names, told in (
        ("a", "a leaves"),
        ("ab", "a, b leave"),
        ("abcd", "a, b, c and 1 more leave"),
    ):
        out = OutOfTop(10, tuple(map(RowName, names)))
        new = event("new_entry", "x/new", rank=(None, 5), score=(None, 9), new=True, out_of_top=out)
        assert lines(new)[1] == f"  {told} the top 10"


def test_scores_of_a_message_have_the_decimals_that_the_board_has() -> None:
    """Their differences too; without the board's own those of the message count."""
    new = event("new_entry", rank=(None, 4), score=(None, 70), new=True, gap=Decimal(2))
    board = BoardInfo(benchmark=SWE.benchmark, decimals=1)
    assert lines(new, board=board)[0].endswith("enters at #4 with 70.0, 2.0 behind the leader")
    assert lines(new)[0].endswith("enters at #4 with 70, 2 behind the leader")
    better = event("score_change", "a/b", rank=(3, 3), score=(70.5, 71.5))
    assert lines(better)[0].endswith("now scores 71.5 (+1.0), still #3")


TURNOVER = Turnover(rows=159, gone=150, new=36)


def left(model: str, rank: int) -> Event:
    """Return the removal of a row that left as most of its board did."""
    return event("removed", model, id=model, rank=(rank, None), score=(9, None), turnover=TURNOVER)


def test_a_board_of_which_most_rows_were_exchanged_is_one_line() -> None:
    """With who leads now; what else happened has lines of its own."""
    led = leads(rank=(None, 1), new=True, turnover=TURNOVER)
    new = event("new_entry", "x/new", rank=(None, 2), score=(None, 9), new=True, turnover=TURNOVER)
    flag = event("verified", "x/old", rank=(3, 3), score=(70, 70))
    gone = [left(f"o/{rank}", rank) for rank in range(1, 5)]
    told = lines(*gone, led, new, flag, shifted=Shifted(9, 0))
    assert told[:3] == [
        (
            "• It lost 150 of its 159 rows, and 36 others came; a/b (75.8) leads; "
            "before, old/leader (76.4) led"
        ),
        "  new: a/b (#1), x/new (#2) and 34 more · gone: o/1 (#1), o/2 (#2), o/3 (#3) and 147 more",
        "✓ x/old is now verified: 70 at #3",
    ]
    assert "moved" not in told[-1]
    assert page(changed(*gone, led), {}, HUB).summary.startswith(
        "SWE-bench/SWE-bench_Verified lost 150 of its 159 rows, and 36 others came; a/b (75.8) "
    )


def test_a_board_that_only_lost_most_rows_says_no_more() -> None:
    """Nobody came, and the leader stayed."""
    lost = Turnover(rows=9, gone=6, new=0)
    gone = [replace(left(f"o/{rank}", rank), turnover=lost) for rank in range(1, 5)]
    assert lines(*gone)[0] == "• It lost 6 of its 9 rows"
    whole = Turnover(rows=9, gone=9, new=4)
    new = event("new_entry", rank=(None, 1), score=(None, 9), new=True, turnover=whole)
    gone = [replace(one, turnover=whole) for one in gone]
    assert lines(*gone, new)[0] == "• It lost all of its 9 rows, and 4 others came"


def test_few_rows_of_a_board_that_was_exchanged_are_told_one_by_one() -> None:
    """Who hears of them alone is told why they went."""
    told = lines(left("o/1", 1), left("o/2", 2), left("o/3", 3))
    assert told[0] == f"{MINUS} o/1 is gone; last seen at #1 with 9"
    assert told[1] == "  the board lost most of its rows"
    assert len(told) == 8


def test_a_board_that_was_scored_anew_may_have_no_leader() -> None:
    """Then nothing is said of one."""
    told = Summary(rows=9, common=8, changed=7, leader=Leaders())
    assert lines(event("recomputed", None, summary=told))[0] == (
        "• It was scored anew: 7 of the 8 rows that stayed have another score"
    )


def test_a_board_that_was_scored_anew_does_not_count_who_moved() -> None:
    """Its rows stand in another order because of that, not because of a row."""
    new = event("new_entry", "x/new", rank=(None, 1), score=(None, 9), new=True, pushed_down=5)
    own = event("score_change", rank=(3, 3), score=(70, 61), recomputed=True)
    for anew in (event("recomputed", None), own):
        told = "\n".join(lines(anew, new, shifted=Shifted(0, 2)))
        assert "moved" not in told
