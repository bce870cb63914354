"""The small values that everything else is made of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from bot.core.alerts.deliveries import deliveries, new_delivery
from bot.core.alerts.message import (
    CHANGED,
    FAILING,
    BoardChange,
    BoardInfo,
    Health,
    Message,
    decode,
    encode,
)
from bot.core.board import BoardKey, ModelFacts, Row
from bot.core.diff.variants import variants
from bot.core.errors import ConfigError, FetchError
from bot.core.events import Cause, Event, as_json
from bot.core.kinds import Kind
from bot.core.secret import Secret
from tests.support.builders import Board, ids, result, told

NOW = datetime(2026, 4, 27, 10, tzinfo=UTC)


def change(*events: Event) -> BoardChange:
    return BoardChange(board=BoardInfo(benchmark="acme/bench"), snapshot_at=NOW, events=events)


def event(number: int = 1, notes: str | None = None) -> Event:
    kind = Kind.NEW_ENTRY
    return Event(id=f"e{number}", kind=kind, contains=(kind,), model="acme/a", notes=notes)


def test_a_secret_never_shows_its_value() -> None:
    """Not printed, formatted or in a container."""
    secret = Secret("hunter2")
    shown = f"{secret} {[secret]}"
    assert "hunter2" not in shown
    assert secret.reveal() == "hunter2"


def test_secrets_compare_by_value() -> None:
    """So that a reload can tell whether one changed."""
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1


def test_a_board_is_labelled_for_people() -> None:
    """Its task and what is included stand behind the name."""
    assert BoardKey("a/b").label == "a/b"
    assert BoardKey("a/b", "t", include_derived=True).label == "a/b (t) +derived"


def test_errors_carry_data() -> None:
    """Every problem of a configuration, the reason of a failed fetch."""
    assert ConfigError(["one", "two"]).problems == ("one", "two")
    assert FetchError("the Hub answered 502").reason == "the Hub answered 502"


@pytest.mark.parametrize(
    "message",
    [
        Message(type=CHANGED, timestamp=NOW, data=change(event())),
        Message(type=FAILING, timestamp=NOW, data=Health(subject="hub", failures=3)),
    ],
)
def test_a_message_survives_its_bytes(message: Message) -> None:
    """What is stored is what was meant."""
    assert decode(encode(message)) == message


def test_bytes_that_are_no_message_are_refused() -> None:
    """With the library's own exception."""
    with pytest.raises(msgspec.ValidationError):
        decode(b'{"type": "leaderboard.changed", "timestamp": "now", "data": {}}')


def test_numbers_are_written_as_they_are() -> None:
    """Scores are exact decimals in JSON, not floats and not strings."""
    assert as_json([Decimal("80.6"), Decimal(79)]) == b"[80.6,79]"


def test_only_channels_with_a_size_limit_get_parts() -> None:
    """Every event is in one of them; other channels get the whole."""
    many = [event(n, "x" * 900) for n in range(40)]
    parts = deliveries("hook", change(*many), ids(), split=True)
    (whole,) = deliveries("slack", change(*many), ids(), split=False)
    assert [one.channel for one in (*parts, whole)] == ["hook"] * len(parts) + ["slack"]
    assert len(parts) > 1
    assert [e for part in parts for e in part.event_ids] == list(whole.event_ids)
    assert all(len(part.body) < 20_000 for part in parts)
    assert len({part.id for part in parts}) == len(parts)


def test_a_notice_is_one_delivery_without_events() -> None:
    """Its id is of the same kind as any other."""
    message = Message(type=FAILING, timestamp=NOW, data=Health(subject="hub"))
    notice = new_delivery("hook", message, ids())
    assert (notice.id, notice.event_ids) == ("msg_id1", ())


def test_variants_fall_back_from_notes_to_file_to_path_to_number() -> None:
    """Each label is the row's alone."""
    rows = [
        Row(id="1", result=result("m", 9, 1, filename="x/a.yaml", notes="tools")),
        Row(id="2", result=result("m", 8, 2, filename="x/a.yaml")),
        Row(id="3", result=result("m", 7, 3, filename="y/a.yaml")),
        Row(id="4", result=result("m", 6, 4, filename="z/b.yaml")),
        Row(id="5", result=result("other", 5, 5)),
        Row(id="6", result=result("m", 4, 6, filename="x/a.yaml")),
    ]
    assert variants(rows) == {
        "1": "tools", "2": "#2", "3": "y/a.yaml", "4": "b.yaml", "5": None, "6": "#5",
    }  # fmt: skip


def test_a_row_that_was_not_there_has_no_cause() -> None:
    """Only rows that moved are explained."""
    found = Board(("a", 2), ("b", 1)).poll(("n", 3), ("a", 2), ("b", 1))
    assert found.found[0].event.cause == Cause()


def test_a_board_whose_direction_turns_out_otherwise_is_judged_anew() -> None:
    """Lower leads once the Hub's order says so; who stays in front is no news."""
    board = Board(result("a", 1, 1), result("b", 2, 2), result("c", 3, 3))
    assert board.snapshot is not None
    assert board.snapshot.higher_is_better is False
    lone = Board(result("a", 1, 1))
    found = lone.poll(result("a", 1, 1), result("b", 2, 2), result("c", 3, 3))
    assert told(found) == [("new_entry", "b"), ("new_entry", "c")]


def test_a_model_that_is_older_than_the_hub_s_memory_has_no_date() -> None:
    """The Hub gives all of them the time at which it began to keep one."""
    older = datetime(2022, 3, 2, 23, 29, 4, tzinfo=UTC)
    assert ModelFacts(created_at=older).made_at is None
    assert ModelFacts(created_at=older + timedelta(seconds=1)).made_at is not None
