"""The worst that strangers can write, in every place where they can write."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from bot.core.board import Source
from bot.core.events import Cause, Event, Leader, OutOfTop, RowName, Turnover
from bot.core.kinds import Kind
from tests.support.messages import event

HOSTILE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        (
            "<!channel>",
            "<@U1>",
            "<https://evil.example|Slack>",
            "*bold* _it_ `code` ~no~ :tada:",
            "\u202eRTL\u200f\u2066",
            "\x1b[31m\r\n\0",
            "\x9b2J\x1b]0;title\x07\x85\u2028\u2029\x7f",
            "[link=javascript:x]rich[/link] [bold]",
            "https://evil.example/<x>|y",
            "mailto:a@b @everyone #general :tada:",
            "&" * 10_000,
            "x" * 10_000,
            "é/" * 5_000,
            "",
            " ",
        )
    ),
)
NAMES = st.builds(RowName, HOSTILE, st.none() | HOSTILE)
SOURCES = st.builds(
    Source, st.none() | HOSTILE, st.none() | HOSTILE | st.just("http://a.b/" + "c" * 1_900)
)
SCORES = st.decimals(allow_nan=False, allow_infinity=False) | st.just(Decimal("1E+300"))


@st.composite
def hostile_events(draw: st.DrawFn) -> Event:
    """Return an event with strangers' worst texts in every place."""
    kind = draw(st.sampled_from(list(Kind)))
    row = draw(NAMES)
    return event(
        kind,
        row.model,
        variant=row.variant,
        rank=draw(st.sampled_from(((1, 2), (2, 1), (None, 1), (1, None)))),
        score=(draw(SCORES), draw(SCORES)),
        previous_leader=draw(st.none() | st.builds(Leader, HOSTILE, HOSTILE, SCORES)),
        margin=draw(st.none() | SCORES),
        second=draw(st.just(UNSET) | st.builds(Leader, HOSTILE, HOSTILE, SCORES)),
        perhaps_renamed=draw(st.sampled_from((UNSET, True))),
        perhaps_renamed_to=draw(st.just(UNSET) | HOSTILE),
        turnover=draw(st.just(UNSET) | st.just(Turnover(rows=9, gone=6, new=3))),
        out_of_top=draw(
            st.just(UNSET) | st.builds(OutOfTop, st.just(9), st.lists(NAMES, max_size=4).map(tuple))
        ),
        gap=draw(st.none() | SCORES),
        page=draw(st.sampled_from((UNSET, "https://boards.example.org/events/1"))),
        level_with=draw(st.just(UNSET) | st.lists(NAMES, max_size=3).map(tuple)),
        cause=Cause(*(tuple(draw(st.lists(NAMES, max_size=4))) for _ in range(4))),
        source=draw(st.none() | SOURCES),
        notes=draw(st.none() | HOSTILE),
        filename=draw(st.none() | HOSTILE),
        pull_request=draw(st.none() | st.integers(1, 10**12)),
    )


def hostile_lists(max_size: int) -> st.SearchStrategy[list[Event]]:
    """Return lists of hostile events, each with an id of its own, as the events of a message."""
    return st.lists(hostile_events(), max_size=max_size).map(
        lambda events: [replace(event, id=f"{n:032x}") for n, event in enumerate(events)]
    )
