"""What is stored of an event gives it back whole, whatever strangers wrote into it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.board import Source
from bot.core.events import (
    Cause,
    Event,
    FlagPair,
    Leader,
    Provenance,
    ProvenancePair,
    RankPair,
    Related,
    RowName,
    ScorePair,
)
from bot.core.kinds import Kind
from bot.store.event_json import of_event, to_event, with_model, without_model

TEXTS = st.text(max_size=20) | st.sampled_from(
    ["", "\x01", '"', "\\", ',"new":false', '{"id":"e"', "contains", "a", "é", "null"]
)


@given(model=st.none() | TEXTS, text=st.none() | TEXTS, whole=st.booleans())
def test_an_event_is_read_as_it_was_written(
    model: str | None, text: str | None, whole: bool
) -> None:
    """Also where the model's name is part of everything, or a part of JSON."""
    event = Event(id="e", kind=Kind.REMOVED, contains=(Kind.REMOVED,), model=model, notes=text)
    if whole:
        event = Event(
            id="e",
            kind=Kind.NEW_LEADER,
            contains=(Kind.NEW_LEADER, Kind.NEW_ENTRY),
            watches=(text or "all",),
            model=model,
            variant=text,
            rank=RankPair(None, 1),
            score=ScorePair(None, Decimal("80.60")),
            verified=FlagPair(None, False),
            new=True,
            previous_leader=Leader(text or "x", None, Decimal(76)),
            margin=Decimal("1E-7"),
            pushed_down=12,
            cause=Cause(overtook=(RowName(model or "y"), RowName("z", text))),
            related=(Related("z", None, 2, Decimal(1)),),
            source=Source(text, f"https://huggingface.co/{model}"),
            provenance=ProvenancePair(Provenance(), Provenance(notes=text)),
            url=f"https://huggingface.co/datasets/a/b?eval_result={model}",
        )
    assert to_event(of_event(event), event.id, event.kind.value, model) == event


def test_what_an_event_does_not_say_is_not_stored() -> None:
    """Most is said of few, and its columns hold its id, its kind and its model."""
    event = Event(id="e", kind=Kind.RANK_SHIFT, contains=(Kind.RANK_SHIFT,), model="org/model")
    assert of_event(event) == '{"contains":["rank_shift"],"model":"\x01","variant":null}'


def test_the_whole_json_of_an_event_is_understood_too() -> None:
    """As tables of an earlier schema held it; what the columns say is true."""
    event = Event(id="e", kind=Kind.REMOVED, contains=(Kind.REMOVED,), model="org/model")
    assert to_event(event.json.decode(), "e", "removed", "org/model") == event


@pytest.mark.parametrize("model", ["a", '"', "\\", "huggingface.co"])
def test_an_address_is_stored_without_the_name_of_its_model(model: str) -> None:
    """The mark can be in no JSON: there it would be escaped."""
    text = '{"name":"\\u0001","url":"https://huggingface.co/a"}'
    assert with_model(without_model(text, model), model) == text
