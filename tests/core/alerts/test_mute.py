"""What mutes hold back (the sixth rule of noise control)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core.alerts.alert import Alert, Recall
from bot.core.alerts.message import BoardChange, board_info, board_message, decode, encode
from bot.core.alerts.message import with_muted as counting
from bot.core.alerts.mute import Mute, Place, muted, unmuted
from bot.core.alerts.parts import MAX_BODY, parts
from bot.core.alerts.reason import Reason
from bot.core.alerts.route import route
from bot.core.alerts.watch import Watch
from bot.core.board import BoardKey
from bot.core.events import Event, Found
from bot.core.kinds import Kind
from bot.core.render.page import page

NOW = datetime(2026, 4, 27, tzinfo=UTC)
BOARD = BoardKey("acme/bench", "hard")
PLACE = Place(board=BOARD)
EVENT = Event(
    id="1",
    kind=Kind.NEW_LEADER,
    contains=(Kind.NEW_LEADER, Kind.NEW_ENTRY),
    model="Qwen/Qwen3",
)
GONE = Event(id="2", kind=Kind.BENCHMARK_GONE, contains=(Kind.BENCHMARK_GONE,))


def mute(id_: str = "1", **named: Any) -> Mute:
    return Mute(id=id_, created_at=NOW, expires_at=NOW + timedelta(days=7), **named)


@pytest.mark.parametrize(
    ("named", "held"),
    [
        ({"benchmark": "ACME/*"}, True),
        ({"benchmark": "acme/bench"}, True),
        ({"benchmark": "acme/bench#hard"}, True),
        ({"benchmark": "acme/bench#H*"}, True),
        ({"benchmark": "acme/bench#easy"}, False),
        ({"benchmark": "other/*"}, False),
        ({"model": "qwen/*"}, True),
        ({"model": "Qwen/Qwen2"}, False),
        ({"channel": "phone"}, True),
        ({"channel": "mail"}, False),
        ({"kind": Kind.NEW_LEADER}, True),
        ({"kind": Kind.NEW_ENTRY}, False),
        ({"model": "qwen/*", "kind": Kind.REMOVED}, False),
        ({"model": "qwen/*", "benchmark": "acme/*", "channel": "phone"}, True),
    ],
)
def test_an_event_is_held_that_meets_all_that_a_mute_names(
    named: dict[str, Any], held: bool
) -> None:
    """Names are globs as in watches; a kind is the event's own, none that it contains."""
    assert mute(**named).holds("phone", EVENT, PLACE) is held


def test_former_names_are_muted_on() -> None:
    """A benchmark or a model that the Hub renames stays muted by the name that it had."""
    place = Place(board=BOARD, benchmarks=("old/bench",), models={"Qwen/Qwen3": ("Qwen/QwQ",)})
    assert mute(benchmark="Old/Bench").holds("c", EVENT, place)
    assert mute(model="qwen/qwq").holds("c", EVENT, place)
    assert not mute(model="qwen/qwq").holds("c", EVENT, PLACE)


def test_an_event_of_no_row_is_held_by_no_name_of_a_model() -> None:
    """It is by its benchmark, its channel or its kind."""
    assert not mute(model="*").holds("c", GONE, PLACE)
    assert mute(kind=Kind.BENCHMARK_GONE).holds("c", GONE, PLACE)


def test_a_board_without_a_task_is_held_by_the_glob_for_every_task() -> None:
    """No other task can be its own."""
    place = Place(board=BoardKey("acme/bench"))
    assert mute(benchmark="acme/bench#*").holds("c", EVENT, place)
    assert not mute(benchmark="acme/bench#h*").holds("c", EVENT, place)


def test_a_mute_lasts_from_its_beginning_until_its_end() -> None:
    """The moment at which it ends is no part of it."""
    one = mute()
    at = (NOW - timedelta(seconds=1), NOW, one.expires_at)
    assert [one.lasts(when) for when in at] == [False, True, False]


def told(*mutes: Mute) -> dict[str, Alert]:
    """Return what two channels are told, by two watches that want everything."""
    watches = [
        Watch(name="a", benchmarks=("*",), channels=("mail", "phone"), kinds=frozenset(Kind)),
        Watch(name="b", benchmarks=("*",), channels=("phone",), kinds=frozenset(Kind)),
    ]
    found = [Found(row_id=event.id, event=event) for event in (EVENT, GONE)]
    recall = Recall(at=NOW, muted=muted(mutes, PLACE))
    routed = route(found, watches, lambda _: None, recall=recall)
    return {alert.channel: alert for alert in routed.alerts}


def test_what_is_muted_has_its_reason() -> None:
    """It is wanted but for the mute, and no other channel is told less."""
    alerts = told(mute(model="Qwen/*", channel="phone"))
    assert alerts["phone"].events == (alerts["phone"].events[0],)
    assert [one.id for one in alerts["phone"].events] == ["2"]
    assert alerts["phone"].reasons["1"] == {"a": Reason.MUTED, "b": Reason.MUTED}
    assert alerts["phone"].muted == (("1",),)
    assert [one.id for one in alerts["mail"].events] == ["1", "2"]
    assert alerts["mail"].muted == ()


def test_what_a_mute_swallowed_was_not_told() -> None:
    """The channel's memory of the row stays as it was; the other channel's moves on."""
    alerts = told(mute(channel="phone", kind=EVENT.kind))
    assert "1" not in alerts["phone"].memory
    assert alerts["mail"].memory["1"].at == NOW


def test_what_nobody_wants_is_not_held_back() -> None:
    """A watch comes before a mute, and an event that several watches want is held once."""
    watches = [Watch(name="a", benchmarks=("*",), channels=("c",), kinds=frozenset())]
    found = [Found(row_id="1", event=EVENT)]
    recall = Recall(at=NOW, muted=muted([mute()], PLACE))
    (alert,) = route(found, watches, lambda _: None, recall=recall).alerts
    assert alert.muted == ()
    assert alert.reasons["1"] == {"a": Reason.OTHER_KIND}
    assert told(mute("7", kind=Kind.NEW_LEADER), mute("8"))["phone"].muted == (("7", "8"), ("8",))


CHANGE = BoardChange(board=board_info(BOARD, "https://hf.co"), snapshot_at=NOW, events=(EVENT,))


def test_what_is_held_already_is_muted_by_its_own_task() -> None:
    """Events of several tasks that are told of together each have theirs."""
    events = (EVENT, Event(id="3", kind=Kind.REMOVED, contains=(Kind.REMOVED,), task="easy"))
    change = BoardChange(board=CHANGE.board, snapshot_at=NOW, events=events)
    left, held = unmuted("c", change, muted([mute(benchmark="acme/bench#easy")], PLACE))
    assert left.events == (EVENT,)
    assert held == (("1",),)


def test_a_body_counts_what_is_muted() -> None:
    """Only where that is anything; people read it below the message."""
    body = encode(board_message(CHANGE))
    assert b'"muted"' not in body
    message = decode(counting(body, 2))
    assert isinstance(message.data, BoardChange)
    assert message.data.muted == 2
    assert encode(message) == counting(body, 2)
    footers = [
        "".join(span.text for span in page(one, {}, "https://hf.co").footer)
        for one in (message, decode(body))
    ]
    assert "2 more muted" in footers[0]
    assert "muted" not in footers[1]


def test_a_body_has_room_for_the_count() -> None:
    """What is muted is counted after a change was cut into parts of 20 kB."""
    long = Event(id="4", kind=Kind.REMOVED, contains=(Kind.REMOVED,), notes="x" * 900)
    for count in range(15, 25):
        change = BoardChange(board=CHANGE.board, snapshot_at=NOW, events=(long,) * count)
        for part in parts(change):
            assert len(counting(encode(board_message(part)), 123_456_789)) < MAX_BODY
