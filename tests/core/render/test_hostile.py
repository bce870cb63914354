"""Strangers' text through every renderer: nothing raw gets through, nothing exceeds a limit."""

from __future__ import annotations

import io
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.channels.console import ConsoleChannel
from bot.core.alerts.message import (
    BoardChange,
    BoardInfo,
    Crossing,
    Digest,
    board_message,
    decode,
    digest_message,
)
from bot.core.alerts.parts import MAX_BODY
from bot.core.delivery import Delivered
from bot.core.events import Event, Leader, Related, RowName
from bot.core.render import slack, text
from bot.core.render.clean import NOTE_LIMIT, inert, shorten
from bot.core.render.page import page
from tests.support.hostile import HOSTILE, NAMES, hostile_lists
from tests.support.messages import HUB, NOW, bodies, changed, delivery
from tests.support.slack import slack_rules

JOINERS = "\u200c\u200d"
"""Invisible, but scripts and emoji need them."""


def harmless(shown: str) -> bool:
    """Tell whether text can be printed: no control but the line end, nothing invisible."""
    kinds = {unicodedata.category(char) for char in shown if char not in f"\n{JOINERS}"}
    return not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def board_change(events: list[Event], benchmark: str, watches: list[str]) -> BoardChange:
    """Return what a channel is told, strangers' text in every place."""
    board = BoardInfo(benchmark=benchmark, task=benchmark, rows=10**9)
    data = changed(*events, board=board, watches=tuple(watches)).data
    assert isinstance(data, BoardChange)
    return data


@settings(max_examples=25)
@given(hostile_lists(2), st.lists(NAMES, min_size=1, max_size=4), st.booleans())
def test_who_leads_and_who_crossed_a_top_is_harmless(
    events: list[Event], rows: list[RowName], collected: bool
) -> None:
    """In an alert as in a digest, in text and in Slack."""
    change = replace(
        board_change(events, "a/b", []),
        leader=Leader(rows[0].model, rows[0].variant, Decimal(1)),
        told_leader_at=NOW,
        told_anew_at=NOW,
        placed=tuple(Related(row.model, row.variant, 9, Decimal(2)) for row in rows),
        crossed=(Crossing(9, tuple(rows), tuple(reversed(rows))),),
    )
    digest = Digest(channel="c", since=NOW, until=NOW, boards=(change, change))
    message = digest_message(digest) if collected else board_message(change)
    told = text.render(page(message, {}, HUB))
    assert harmless(told.title)
    assert harmless(told.body)
    assert len(told.body) <= text.MAX_CHARS
    slack_rules.check_blocks([*slack.render(message, {}, HUB, "msg").blocks])


@settings(max_examples=25)
@given(hostile_lists(4), HOSTILE, st.lists(HOSTILE, max_size=5))
def test_no_stranger_s_text_is_raw_anywhere(
    events: list[Event], benchmark: str, watches: list[str]
) -> None:
    """As text, on a console, in a webhook's body; Slack's blocks have tests of their own."""
    change = board_change(events, benchmark, watches)
    message = changed(*change.events, board=change.board, watches=change.watches)
    told = text.render(page(message, {}, HUB))
    assert harmless(told.title)
    assert "\n" not in told.title
    assert harmless(told.body)
    assert len(told.title) <= text.MAX_TITLE
    assert len(told.body) <= text.MAX_CHARS
    stream = io.StringIO()
    assert ConsoleChannel("c", endpoint=HUB, stream=stream).send(delivery(message)) == Delivered()
    assert harmless(stream.getvalue())
    sent = bodies(message)
    assert all(len(body) < MAX_BODY for body in sent)
    assert not any(byte < ord(" ") for body in sent for byte in body)
    carried = [one for body in sent for one in events_of(body)]
    assert [one.id for one in carried] == [one.id for one in events]


def events_of(body: bytes) -> tuple[Event, ...]:
    """Return the events that a webhook's body carries."""
    data = decode(body).data
    assert isinstance(data, BoardChange)
    return data.events


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a" + "\u0301" * 400 + "b", "a" + "\u0301" * 4 + "b"),
        ("\u0301\u0301a", "a"),
        ("a \u0301b", "a b"),
        ("e\u0323\u0302", "e\u0323\u0302"),
        ("\U0001f469\u200d\U0001f4bb", "\U0001f469\u200d\U0001f4bb"),
        ("a\u200d\u200d\u200db\u200d", "a\u200db"),
        ("\u200da", "a"),
    ],
)
def test_a_letter_has_few_marks_and_joiners_join(text: str, shown: str) -> None:
    """A heap of marks runs over the lines above and below; scripts need a few."""
    assert inert(text) == shown


WHOLE = {
    "a family": "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "a skin": "\U0001f44d\U0001f3fd",
    "a heart": "\u2764\ufe0f",
    "a flag": "\U0001f1eb\U0001f1f7",
    "a letter with marks": "e\u0323\u0302",
    "a syllable": "\u1112\u1161\u11ab",
}


@pytest.mark.parametrize("whole", WHOLE.values(), ids=WHOLE)
def test_no_character_is_cut_within(whole: str) -> None:
    """Wherever the cut falls: what people see as one is there or is not."""
    text = "x" + whole * 20
    for limit in range(2, len(text)):
        kept = shorten(text, limit)
        assert len(kept) <= limit
        assert kept.removesuffix("…").removeprefix("x").replace(whole, "") == ""


@given(st.text(), st.integers(1, 40))
def test_what_is_cut_is_the_start_and_fits(text: str, limit: int) -> None:
    """Whatever it is made of."""
    kept = shorten(text, limit)
    assert len(kept) <= limit
    assert kept == text or (kept.endswith("…") and text.startswith(kept[:-1]))


@given(HOSTILE | st.text(st.characters(exclude_categories=()), max_size=2 * NOTE_LIMIT))
def test_a_cell_of_a_table_is_one_harmless_line(stranger: str) -> None:
    """Commands pass everything that strangers wrote through the same sieve."""
    cell = inert(stranger)
    assert harmless(cell)
    assert "\n" not in cell
    assert len(cell) <= NOTE_LIMIT
