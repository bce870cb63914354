"""Messages as plain text."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.alerts.message import FAILING, RECOVERED, REPORT, TEST, BoardInfo, Health, Message
from bot.core.board import ModelFacts, Source
from bot.core.events import Cause, Event, Provenance, ProvenancePair, RowName, Shifted
from bot.core.incidents import TOKEN_REFUSED
from bot.core.kinds import Kind
from bot.core.render import numbers, text
from bot.core.render.clean import clean, safe_url
from bot.core.render.page import page
from tests.support.messages import (
    HUB,
    NOW,
    SAMPLE_FACTS,
    changed,
    event,
    sample_message,
)

HOSTILE = (
    "\x1b[31mred\x1b[0m\u202e\n\r\t<!channel>\x07\x9b2J\x1b]0;title\x07 & <b>x</b>\u2028z\ud800"
)


def shown(*events: Event, **fields: Any) -> str:
    """Return the body of a message with these events, as people read it."""
    return text.render(page(changed(*events, **fields), {}, HUB)).body


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("80.6", "80.6"),
        ("79", "79"),
        ("79.0", "79"),
        ("0", "0"),
        ("-0.5", "\N{MINUS SIGN}0.5"),
        ("76.39999999999999", "76.4"),
        ("0.412", "0.412"),
        ("1E+2", "100"),
        ("0.000000015", "1.5E-8"),
        ("1E+300", "1E+300"),
    ],
)
def test_a_score_is_exact_and_without_float_noise(value: str, expected: str) -> None:
    """Six places are kept, trailing zeros are not."""
    assert numbers.number(Decimal(value)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("72", "72.0"), ("72.9", "72.9"), ("0.125", "0.125"), ("-0.0", "0.0"), ("1E-9", "1E-9")],
)
def test_a_number_has_as_many_decimals_as_asked_for_at_the_least(value: str, expected: str) -> None:
    """Nothing is rounded for their sake, and what is too small for places has none."""
    assert numbers.number(Decimal(value), 1) == expected


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ((), 0),
        (("72.9", "72", "60.4"), 1),
        (("72.9", "72"), 1),
        (("72.9", "72", "60"), 0),
        (("0.871", "0.9", "0.88", "0.8"), 2),
        (("0.8712345", "0.1234567"), 0),
        (("1453", "2E+3"), 0),
    ],
)
def test_scores_have_the_decimals_that_half_of_them_have(
    scores: tuple[str, ...], expected: int
) -> None:
    """So many that nobody wrote them are no habit."""
    assert numbers.usual_decimals(map(Decimal, scores)) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (397_000_000_000, "397B"),
        (1_600_000_000_000, "1.6T"),
        (999_960_000_000, "1T"),
        (8_030_000_000, "8B"),
        (70_553_706_496, "70.6B"),
        (494_032_768, "494M"),
        (12_345, "12,345"),
    ],
)
def test_a_model_s_size_is_short(count: int, expected: str) -> None:
    """Sizes read as model names write them."""
    assert numbers.parameters(count) == expected


def test_times_are_told_in_utc() -> None:
    """A time in another zone is converted."""
    paris = datetime(2026, 4, 27, 1, 5, tzinfo=timezone(timedelta(hours=2)))
    assert numbers.minute(paris) == "26 Apr 2026, 23:05 UTC"


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Europe/Paris", "27 Apr 2026, 12:00 CEST"),
        ("America/Los_Angeles", "27 Apr 2026, 03:00 PDT"),
        ("Asia/Tokyo", "27 Apr 2026, 19:00 JST"),
        ("America/Sao_Paulo", "27 Apr 2026, 07:00 UTC\N{MINUS SIGN}03"),
        ("Pacific/Kiritimati", "28 Apr 2026, 00:00 UTC+14"),
    ],
)
def test_times_are_told_as_the_clocks_of_a_zone_have_them(zone: str, expected: str) -> None:
    """With the zone's letters, or how far it is from UTC where it has none."""
    assert numbers.minute(NOW, ZoneInfo(zone)) == expected
    told = page(changed(event("removed")), {}, HUB, ZoneInfo(zone))
    assert text.render(told).body.splitlines()[1].endswith(f"watch coding · {expected}")


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("Humanity's Last Exam", "Humanity's Last Exam · cais/hle"),
        ("  \u202e", "cais/hle"),
        ("cais/hle", "cais/hle"),
        (None, "cais/hle"),
    ],
)
def test_the_benchmark_s_own_name_stands_before_its_id(name: str | None, head: str) -> None:
    """In the title, on phones, and where boards fail."""
    board = BoardInfo(benchmark="cais/hle", name=name)
    told = page(changed(event("removed"), board=board), {}, HUB)
    assert text.render(told).title == head
    assert told.summary.startswith(f"{head}: zai-org/GLM-5 is gone")
    gone = page(changed(event("benchmark_gone", None), board=board), {}, HUB)
    assert gone.summary.startswith(f"{head} is no longer listed")
    health = Health(subject="board", boards=(board,))
    failing = Message(type=FAILING, timestamp=NOW, data=health)
    assert page(failing, {}, HUB).summary == f"Board {head} cannot be polled."


def test_a_phone_is_not_told_the_id_in_two_spellings() -> None:
    """The title has both; a sentence has little room."""
    board = BoardInfo(benchmark="SWE-bench/SWE-bench_Verified", name="SWE-bench Verified")
    told = page(changed(event("removed"), board=board), {}, HUB)
    assert text.render(told).title == "SWE-bench Verified · SWE-bench/SWE-bench_Verified"
    assert told.summary.startswith("SWE-bench/SWE-bench_Verified: zai-org/GLM-5 is gone")


def test_strangers_text_is_one_line_without_controls() -> None:
    """Escape sequences, bidi controls, line ends and lone surrogates are neutralised."""
    assert clean(HOSTILE) == "red <!channel> & <b>x</b> z\N{REPLACEMENT CHARACTER}"


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=())), st.integers(1, 50))
def test_clean_text_never_moves_a_cursor(hostile: str, limit: int) -> None:
    """Whatever comes in, what comes out is printable, sendable and short."""
    made = clean(hostile, limit)
    assert len(made) <= limit
    assert made == clean(made, limit)
    assert not {unicodedata.category(char) for char in made} & {"Cc", "Cs", "Zl", "Zp"}
    made.encode()


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "https://user:pass@example.org/",
        "https://exämple.org/",
        "https://example.org:bad/",
        "https:///nowhere",
        "/relative",
        "https://example.org/" + "a" * 3_000,
        None,
    ],
)
def test_a_link_that_may_deceive_is_no_link(url: str | None) -> None:
    """Only plain http and https addresses are linked."""
    assert safe_url(url) is None


def test_a_link_is_plain_ascii() -> None:
    """What Slack or a terminal could misread in an address is percent-encoded."""
    assert safe_url("https://Example.org/a b|c>ü?q=<1>#é") == (
        "https://example.org/a%20b%7Cc%3E%C3%BC?q=%3C1%3E#%C3%A9"
    )


def test_a_new_leader_is_told_with_whom_it_replaced_and_by_how_much() -> None:
    """The line names the previous leader and the margin to the second."""
    body = text.render(page(sample_message("new_leader"), SAMPLE_FACTS, HUB)).body
    assert body.splitlines()[:2] == [
        (
            "★ Qwen/Qwen3.5-397B-A17B takes the lead from MiniMaxAI/MiniMax-M2.5 (75.8) with 76.4, "
            "0.6 ahead"
        ),
        "  new entry · 397B parameters, released 14 Feb 2026 · source: Model Card",
    ]


def test_a_shift_names_the_newcomer_s_score_where_the_message_knows_it() -> None:
    """It reads 1 → 2, pushed down by X (new, 80.6); without X's event the score is left out."""
    shift = event(
        "rank_shift",
        "a/b",
        rank=(1, 2),
        score=(76.4, 76.4),
        cause=Cause(displaced_by=(RowName("x/y"),)),
    )
    newcomer = event("new_entry", "x/y", rank=(None, 1), score=(None, 80.6), new=True)
    assert "▼ 1 → 2 a/b, pushed down by x/y (new, 80.6)" in shown(shift, newcomer)
    assert "▼ 1 → 2 a/b, pushed down by x/y\n" in shown(shift)


def test_a_shift_that_no_row_explains_is_no_lost_lead() -> None:
    """It was first only while the leader was missing, or ranks were counted otherwise."""
    shift = event("rank_shift", "a/b", rank=(1, 2), score=(76.4, 76.4), gap=Decimal("4.2"))
    assert "▼ 1 → 2 a/b: the Hub counted ranks anew\n" in shown(shift)


def test_many_passed_rows_are_counted() -> None:
    """Two are named; a list that was cut says so."""
    rows = tuple(RowName(f"a/m{i}") for i in range(100))
    move = event("rank_change", rank=(200, 1), score=(1, 2), cause=Cause(overtook=rows))
    assert "passing a/m0, a/m1 and 98+ more" in shown(move)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (
            event("rank_change", rank=(3, 2), score=(74, 74)),
            "▲ 3 → 2 zai-org/GLM-5 with 74: the Hub ordered level or unchanged rows anew",
        ),
        (
            event("score_change", rank=(3, 4), score=(74, 73.5)),
            "▼ 3 → 4 zai-org/GLM-5 now scores 73.5 (\N{MINUS SIGN}0.5)",
        ),
        (
            event("new_entry", rank=(None, 1), score=(None, 80), gap=Decimal(0)),
            "+ zai-org/GLM-5 enters at #1 with 80, sharing the lead",
        ),
        (
            event("new_leader", rank=(2, 1), score=(70, 80), margin=Decimal(0)),
            "★ 2 → 1 zai-org/GLM-5 takes the lead with 80 (+10), level with the second",
        ),
        (
            event("rank_shift", rank=(4, 3), score=(7, 7), cause=Cause(overtook=(RowName("a/b"),))),
            "▲ 4 → 3 zai-org/GLM-5, now ahead of a/b",
        ),
        (
            event("rank_shift", rank=(4, 3), cause=Cause(vacated_by=(RowName("a/b", "x"),))),
            "▲ 4 → 3 zai-org/GLM-5, after the removal of a/b (x)",
        ),
        (
            event(
                "rank_change",
                rank=(1, 3),
                score=(8, 7),
                cause=Cause(overtaken_by=(RowName("a/b"),)),
            ),
            "▼ 1 → 3 zai-org/GLM-5 with 7 (\N{MINUS SIGN}1), overtaken by a/b",
        ),
        (event("removed"), "\N{MINUS SIGN} zai-org/GLM-5 is gone"),
        (event("verified"), "✓ zai-org/GLM-5 is now verified: no score"),
        (event("provenance_change"), "• zai-org/GLM-5 has another source"),
        (
            event(
                "provenance_change",
                provenance=ProvenancePair(
                    Provenance(Source("a", "https://a.example"), "f", "n", None),
                    Provenance(Source("a", "https://b.example"), "g", None, 4),
                ),
            ),
            (
                "• zai-org/GLM-5: it is now the community result of PR #4; "
                "the file changed from “f” to “g”; the notes “n” were taken away"
            ),
        ),
        (
            event(
                "provenance_change",
                provenance=ProvenancePair(
                    Provenance(Source("a", "https://a.example")),
                    Provenance(Source("a", "https://b.example")),
                ),
            ),
            "• zai-org/GLM-5: its source has another address",
        ),
        (
            event(
                "provenance_change",
                provenance=ProvenancePair(
                    Provenance(None), Provenance(Source(None, "https://a.b"))
                ),
            ),
            "• zai-org/GLM-5: the source became “https://a.b”",
        ),
    ],
)
def test_each_story_has_its_words(told: Event, expected: str) -> None:
    """Rare cases read as well as common ones."""
    assert shown(told).splitlines()[0] == expected


def test_a_row_that_changed_places_with_level_ones_stays_where_it_is() -> None:
    """A sentence about a move needs a move."""
    message = changed(event("rank_change", rank=(2, 2), score=(70, 71)))
    assert page(message, {}, HUB).lines[0].sentence == "zai-org/GLM-5 stays at #2 with 71 (+1)"


def test_a_message_without_events_says_that_much() -> None:
    """No message is empty."""
    assert page(changed(), {}, HUB).summary == "SWE-bench/SWE-bench_Verified has changed."


def test_benchmarks_that_join_or_leave_are_told_without_their_board_before() -> None:
    """The sentence names the benchmark once."""
    assert page(sample_message("new_benchmark"), {}, HUB).summary == (
        "SWE-bench/SWE-bench_Verified is a new benchmark and is watched from now on."
    )


def test_many_watches_and_parts_are_told_shortly() -> None:
    """The last line stays a line."""
    body = shown(event("removed"), watches=("a", "b", "c", "d"), part=2, parts=3)
    assert "watches a, b, c and 1 more · part 2 of 3 · 27 Apr" in body


def test_leaders_come_first_and_the_rest_by_rank() -> None:
    """The order of events in the message does not matter."""
    body = shown(
        event("score_change", "a/third", rank=(3, 3), score=(1, 2)),
        event("removed", "a/second", rank=(2, None), score=(1, None)),
        event("new_leader", "a/first", rank=(9, 9), score=(1, 3)),
    )
    assert [line.split("/")[1].split()[0] for line in body.splitlines() if "a/" in line] == [
        "first",
        "second",
        "third",
    ]


def test_more_than_a_screenful_is_counted_with_a_link() -> None:
    """Twelve events are shown, and the board's address leads to the rest."""
    events = [event("new_entry", f"a/m{i}", rank=(None, i), score=(None, 9)) for i in range(1, 20)]
    lines = shown(*events).splitlines()
    assert "and 7 more, all new" in lines
    assert lines[-1] == "https://huggingface.co/datasets/SWE-bench/SWE-bench_Verified"
    assert "a/m12 " in "".join(lines)
    assert "a/m13 " not in "".join(lines)


def test_what_is_counted_says_of_what_sorts_it_is() -> None:
    """The most first; one alone is no "all"."""
    new = [event("new_entry", f"a/n{i}", rank=(None, 2 * i), score=(None, 9)) for i in range(1, 9)]
    gone = [event("removed", f"a/g{i}", rank=(2 * i, None), score=(9, None)) for i in range(1, 12)]
    assert "and 7 more: 5 gone, 2 new" in shown(*new, *gone).splitlines()
    assert "and 1 more, new" in shown(*new, *gone[:5]).splitlines()


def test_a_service_with_little_room_gets_a_short_body() -> None:
    """Events are dropped until the text fits; at last only the summary is left."""
    for room in (1_000, 400, 160, 50):
        body = text.render(page(sample_message("alert"), SAMPLE_FACTS, HUB), max_chars=room).body
        assert len(body) <= room
        assert "DeepSeek" in body or "and 3 more" in body or body.endswith("…")


def test_shifts_are_one_line() -> None:
    """Rows that only moved are counted, up and down."""
    assert "12 moved down, 1 up · " in shown(event("removed"), shifted=Shifted(12, 1))
    assert "1 moved up · " in shown(event("removed"), shifted=Shifted(0, 1))
    assert "moved" not in shown(event("removed"))


def test_links_lead_to_the_endpoint_that_is_configured() -> None:
    """The stored address of the board is not used."""
    assert (
        "http://127.0.0.1:1/datasets/"
        in text.render(page(sample_message("alert"), {}, "http://127.0.0.1:1")).body
    )


def test_a_test_says_that_it_is_one() -> None:
    """Nobody takes the sample for news."""
    assert text.render(page(sample_message(TEST), {}, HUB)).body.startswith("This is a test of ")


def test_a_leader_that_returned_is_not_called_new() -> None:
    """People have seen it before."""
    arrived = event("new_leader", new=True, contains=(Kind.NEW_LEADER, Kind.NEW_ENTRY))
    back = event("new_leader", new=True, contains=(Kind.NEW_LEADER, Kind.RETURNED, Kind.NEW_ENTRY))
    assert "new entry" in shown(arrived)
    assert "new entry" not in shown(back)
    assert "returned" in shown(back)


def test_a_source_tells_where_it_leads() -> None:
    """A stranger's name for a link elsewhere is followed by the host."""
    other = event("new_entry", source=Source("https://huggingface.co", "https://evil.example/x"))
    assert "source: https://huggingface.co (evil.example)" in shown(other)
    assert "source: Model Card\n" in shown(
        event("new_entry", source=Source("Model Card", f"{HUB}/zai-org/GLM-5"))
    )


def test_notes_are_quoted_unless_they_are_the_variant() -> None:
    """What tells rows apart is in parentheses, other notes are a detail."""
    assert "note: “With tools”" in shown(event("new_entry", notes="With tools"))
    both = shown(event("new_entry", notes="With tools", variant="With tools"))
    assert "zai-org/GLM-5 (With tools) enters" in both
    assert "“" not in both


def test_a_jump_between_fraction_and_percent_is_said_to_be_one() -> None:
    """A scale change is not sold as progress."""
    jump = event("score_change", rank=(1, 1), score=("0.41", 41), suspected_scale_change=True)
    assert "fraction or percent" in shown(jump)


@pytest.mark.parametrize(
    ("type_", "health", "expected"),
    [
        (
            FAILING,
            Health(subject="hub", failures=3, since=NOW, error="no answer in 20 s."),
            (
                "The Hub gives no usable answers. 3 failures since 27 Apr 2026, 10:00 UTC. "
                "No answer in 20 s."
            ),
        ),
        (
            RECOVERED,
            Health(subject="hub", failures=1, since=NOW, error="no answer in 20 s"),
            "The Hub works again. Before that: 1 failure since 27 Apr 2026, 10:00 UTC.",
        ),
        (
            FAILING,
            Health(subject="hub", failures=9, since=NOW, error=f"{TOKEN_REFUSED} from HF_TOKEN"),
            "The Hub refuses the token. The Hub refuses the token from HF_TOKEN.",
        ),
        (
            RECOVERED,
            Health(subject="hub", failures=9, since=NOW, error=f"{TOKEN_REFUSED} from HF_TOKEN"),
            "The Hub refuses no token any more.",
        ),
        (
            RECOVERED,
            Health(subject="hub", boards=(BoardInfo(benchmark="a/b"), BoardInfo(benchmark="c/d"))),
            "The Hub works again: a/b, c/d.",
        ),
        (
            FAILING,
            Health(subject="board", boards=(BoardInfo(benchmark="cais/hle"),)),
            "Board cais/hle cannot be polled.",
        ),
        (
            RECOVERED,
            Health(
                subject="board", boards=(BoardInfo(benchmark="a/b"), BoardInfo(benchmark="c/d"))
            ),
            "2 boards work again: a/b, c/d.",
        ),
        (FAILING, Health(subject="board"), "A board cannot be polled."),
        (
            FAILING,
            Health(subject="delivery", channel="hook", delivery="msg_1", error="HTTP 500"),
            (
                "A delivery to channel hook was given up. HTTP 500. "
                "Send it again with: leaderboard-bot deliveries retry msg_1."
            ),
        ),
        (FAILING, Health(subject="channel", channel="hook"), "Channel hook cannot be reached."),
    ],
)
def test_health_notices_are_full_sentences(type_: str, health: Health, expected: str) -> None:
    """Each notice says what, since when, why, and what to do."""
    message = Message(type=type_, timestamp=NOW, data=health)
    assert expected.startswith(text.render(page(message, {}, HUB)).title)
    assert page(message, {}, HUB).summary == expected


def test_facts_are_told_of_new_models_only() -> None:
    """A model that was there before needs no introduction."""
    facts = {"zai-org/GLM-5": ModelFacts(created_at=datetime(2026, 2, 11, tzinfo=UTC))}
    new = event("new_entry", new=True)
    old = event("score_change")
    assert "released 11 Feb 2026" in text.render(page(changed(new), facts, HUB)).body
    assert "released" not in text.render(page(changed(old), facts, HUB)).body


@pytest.mark.parametrize("kind", [*Kind, TEST, FAILING, RECOVERED, REPORT, "alert"])
def test_every_kind_has_its_words(kind: str) -> None:
    """No kind is silent, and none prints a Python value."""
    made = text.render(page(sample_message(kind), SAMPLE_FACTS, HUB))
    assert made.title
    assert made.body
    assert "None" not in made.body
    assert "Decimal" not in made.body
