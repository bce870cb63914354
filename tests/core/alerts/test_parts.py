"""Bodies that webhooks carry."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.core.alerts.message import BoardChange, BoardInfo, decode
from bot.core.alerts.parts import MAX_BODY
from bot.core.board import Source
from bot.core.events import Cause, Event, RowName, Shifted
from bot.core.kinds import Kind
from tests.support.builders import Board
from tests.support.messages import bodies, changed, event, sample_message


def parts(*events: Event, **fields: Any) -> tuple[bytes, ...]:
    """Return the bodies of a message with these events."""
    return bodies(changed(*events, **fields))


def carried(made: tuple[bytes, ...]) -> list[Event]:
    """Return the events of all bodies, in order."""
    found: list[Event] = []
    for body in made:
        data = decode(body).data
        assert isinstance(data, BoardChange)
        found += data.events
    return found


def test_a_small_message_is_one_body_as_the_contract_writes_it() -> None:
    """Keys, null fields and numbers are what receivers rely on."""
    (body,) = bodies(sample_message("alert"))
    made = json.loads(body, parse_float=Decimal)
    assert made["type"] == "leaderboard.changed"
    assert made["timestamp"] == "2026-04-27T10:00:00Z"
    assert (made["data"]["part"], made["data"]["parts"]) == (1, 1)
    assert made["data"]["shifted"] == {"down": 37, "up": 0}
    leader = made["data"]["events"][0]
    assert leader["score"] == {"before": None, "after": Decimal("80.6"), "delta": None}
    assert leader["previous_leader"]["score"] == Decimal("76.4")
    assert leader["cause"]["displaced_by"] == []
    assert leader["provenance"] is None


def test_a_large_message_is_split_with_every_event_in_exactly_one_part() -> None:
    """The order is kept, the rest of the data is repeated."""
    events = [event("new_entry", f"a/m{i}", id=f"{i:032x}", rank=(None, i)) for i in range(1, 201)]
    made = parts(*events, shifted=Shifted(12, 1))
    assert len(made) > 1
    assert all(len(body) < MAX_BODY for body in made)
    assert carried(made) == events
    for number, body in enumerate(made, start=1):
        data = decode(body).data
        assert isinstance(data, BoardChange)
        assert (data.part, data.parts, data.shifted) == (number, len(made), Shifted(12, 1))


def test_parts_are_filled() -> None:
    """No more parts are made than the size asks for."""
    events = [event("new_entry", f"a/m{i}", id=f"{i:032x}", rank=(None, i)) for i in range(1, 201)]
    made = parts(*events)
    assert min(map(len, made[:-1])) > MAX_BODY * 0.9


def turned_round(rows: int) -> tuple[Event, ...]:
    """Return the events of a board whose order is turned round, as they are sent."""
    board = Board(*_ranked(range(rows)))
    assert not board.poll(*_ranked(reversed(range(rows)))).found  # doubted at first
    found = board.poll(*_ranked(reversed(range(rows))))
    url = "https://huggingface.co/datasets/SWE-bench/SWE-bench_Verified?eval_result=org/model"
    return tuple(
        replace(one.event, id=f"{number:032x}", url=url, watches=("everything",))
        for number, one in enumerate(found.found)
    )


def _ranked(order: Iterable[int]) -> list[tuple[str, float]]:
    """Return rows of these numbers, from 100 points down."""
    return [(f"org/model-{row:04d}-it", 100 - place / 100) for place, row in enumerate(order)]


def test_a_board_that_is_turned_round_needs_few_parts() -> None:
    """Its events name hundreds of thousands of passes; each is told, by its nearest rows."""
    events = turned_round(1000)
    made = parts(*events)
    assert len(made) <= 60
    told = carried(made)
    assert [event.id for event in told] == [event.id for event in events]
    for short, whole in zip(told, events, strict=True):
        for names, all_names in zip(_lists(short), _lists(whole), strict=True):
            assert bool(names) == bool(all_names)
            assert names == all_names[: len(names)]


def test_causes_of_a_change_in_parts_name_as_many_rows_as_there_is_room_for() -> None:
    """And no more is told of others; what is one body keeps all names."""
    events = turned_round(10)
    assert events
    assert carried(parts(*events)) == list(events)
    told = carried(parts(*turned_round(60)))
    longest = max(len(names) for event in told for names in _lists(event))
    assert 1 <= longest < 59
    for one in told:
        named = {name for names in _lists(one) for name in names}
        assert {RowName(row.model, row.variant) for row in one.related} <= named


def _lists(event: Event) -> tuple[tuple[RowName, ...], ...]:
    cause = event.cause
    return cause.overtook, cause.overtaken_by, cause.displaced_by, cause.vacated_by


@pytest.mark.parametrize("fill", [-3, -2, -1, 0, 1, 2])
def test_a_body_is_smaller_than_the_limit_to_the_byte(fill: int) -> None:
    """A body of exactly 20,000 bytes, the count of what is muted included, is one too many."""
    counted = len(',"muted":1000000000')
    bare = len(parts(event("new_entry", notes="x"), event("removed"))[0]) - 1 + counted
    made = parts(event("new_entry", notes="x" * (MAX_BODY - bare + fill)), event("removed"))
    assert len(made) == (1 if fill < 0 else 2)
    assert all(len(body) < MAX_BODY for body in made)


def test_an_event_that_no_body_could_hold_is_shortened_not_lost() -> None:
    """Who, what and by how much stay; long texts end in an ellipsis, a cut address is dropped."""
    names = tuple(RowName(f"org/{'m' * 90}{i}", "v" * 100) for i in range(100))
    large = event(
        "rank_change",
        rank=(101, 1),
        score=(70, 80),
        notes="é" * 30_000,
        source=Source("s" * 30_000, "https://example.org/" + "x" * 30_000),
        cause=Cause(overtook=names),
    )
    (only,) = carried(parts(large))
    assert (only.kind, only.model, only.rank, only.score) == (
        large.kind,
        large.model,
        large.rank,
        large.score,
    )
    assert only.notes is not None
    assert only.notes.endswith("é…")
    assert only.source is not None
    assert only.source.url is None
    assert only.cause.overtook == names[: len(only.cause.overtook)]
    assert only.cause.overtook


def test_a_small_event_beside_a_huge_one_is_untouched() -> None:
    """Only what could not be sent otherwise is shortened."""
    small = event("new_entry", notes="n" * 5_000)
    made = carried(parts(event("removed", notes="x" * 50_000), small))
    assert made[1] == small


@pytest.mark.parametrize("letter", ["x", "é", "\x1b"])
def test_a_board_s_name_without_end_is_cut_too(letter: str) -> None:
    """A task's name is a stranger's; some letters take six bytes."""
    endless = letter * 10_000
    board = BoardInfo(benchmark=endless, task=endless, url=f"https://a.b/{endless}")
    made = parts(event("new_entry", endless, notes=endless), board=board, watches=(endless,) * 30)
    assert all(len(body) < MAX_BODY for body in made)
    assert len(carried(made)) == 1


TEXTS = st.sampled_from(("", "x" * 300, "é" * 30_000, '"\\\n\0' * 9_000, "😀" * 9_000))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=8), st.lists(TEXTS, max_size=400))
def test_no_body_ever_reaches_the_limit(
    texts: list[tuple[str, str, str]], watches: list[str]
) -> None:
    """Whatever strangers write and however many watches there are."""
    events = [
        event(
            Kind.NEW_ENTRY,
            model,
            notes=notes,
            variant=variant,
            filename=notes,
            watches=tuple(watches),
        )
        for model, notes, variant in texts
    ]
    made = parts(*events, watches=tuple(watches))
    assert all(len(body) < MAX_BODY for body in made)
    assert len(carried(made)) == len(events)
