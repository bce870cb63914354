"""``docs/webhook.schema.json`` describes exactly what is sent."""

from __future__ import annotations

import json
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from msgspec import UNSET, Struct
from msgspec.structs import fields

from bot.core.alerts import message
from bot.core.alerts.message import BoardChange, BoardInfo, Digest, Health, Message, Report, encode
from bot.core.board import Source
from bot.core.events import (
    CAUSE_LIMIT,
    Cause,
    Event,
    FlagPair,
    Leader,
    Leaders,
    Provenance,
    ProvenancePair,
    RankPair,
    RowName,
    ScorePair,
    Shifted,
    Summary,
)
from bot.core.kinds import Kind
from tests.support.messages import changed, event, sample_message

WHOLE = ["alert", message.TEST, message.FAILING, message.RECOVERED, message.REPORT]
SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "docs" / "webhook.schema.json").read_text(encoding="utf-8")
)
DEFS = SCHEMA["$defs"]
EVENT = DEFS["event"]["properties"]


def problems(body: Any) -> list[str]:
    """Return what the schema finds wrong."""
    found = Draft202012Validator(SCHEMA).iter_errors(body)
    return [error.message for error in found]


def sent(told: Message) -> dict[str, Any]:
    """Return a message as a receiver reads it."""
    body = json.loads(encode(told))
    assert isinstance(body, dict)
    return body


def test_the_schema_is_valid_and_refers_to_nothing_that_is_not_there() -> None:
    """A tool of any vendor can read it."""
    Draft202012Validator.check_schema(SCHEMA)
    text = json.dumps(SCHEMA)
    for name in DEFS:
        assert f'"#/$defs/{name}"' in text, f"{name} is not used"
        text = text.replace(f'"#/$defs/{name}"', "")
    assert "#/$defs/" not in text


@pytest.mark.parametrize("kind", [*Kind, *WHOLE])
def test_what_is_sent_validates(kind: str) -> None:
    """Every kind of event and every type of message."""
    assert problems(sent(sample_message(kind))) == []


def test_hostile_figures_validate() -> None:
    """Huge and tiny scores are numbers."""
    body = sent(changed(event("score_change", rank=(1, 1), score=("1E+300", "1E-300"))))
    assert problems(body) == []


def test_a_digest_validates() -> None:
    """It carries the data of its boards' messages."""
    board = sent(sample_message("alert"))["data"]
    data = {
        "schema_version": 1,
        "channel": "research",
        "from": "2026-04-26T09:00:00Z",
        "to": "2026-04-27T09:00:00Z",
        "boards": [board, board],
    }
    body = {"type": message.DIGEST, "timestamp": "2026-04-27T09:00:00Z", "data": data}
    assert problems(body) == []
    del data["from"]
    assert problems(body) != []


@pytest.mark.parametrize(
    ("struct", "schema"),
    [
        (BoardChange, DEFS["board_change"]),
        (BoardInfo, DEFS["board"]),
        (Digest, DEFS["digest"]),
        (Health, DEFS["health"]),
        (Report, DEFS["report"]),
        (Event, DEFS["event"]),
        (RowName, DEFS["row_name"]),
        (Source, DEFS["source"]),
        (Provenance, DEFS["provenance"]),
        (RankPair, EVENT["rank"]),
        (ScorePair, EVENT["score"]),
        (FlagPair, EVENT["verified"]),
        (Cause, EVENT["cause"]),
        (Leader, DEFS["leader"]),
        (Summary, DEFS["summary"]),
        (Leaders, DEFS["summary"]["properties"]["leader"]),
        (ProvenancePair, EVENT["provenance"]["anyOf"][1]),
        (Shifted, DEFS["board_change"]["properties"]["shifted"]),
        (Message, SCHEMA),
    ],
)
def test_the_schema_has_every_field_and_no_other(
    struct: type[Struct], schema: dict[str, Any]
) -> None:
    """Each is required, since unknown is null; but for what is rarely there at all."""
    rare = {field.name for field in fields(struct) if field.default is UNSET}
    assert set(schema["properties"]) == set(struct.__struct_encode_fields__)
    assert set(schema["required"]) == set(struct.__struct_encode_fields__) - rare


def test_the_schema_has_every_kind_and_type_and_limit() -> None:
    """A new one is written down before it is sent."""
    assert DEFS["kind"]["enum"] == [kind.value for kind in Kind]
    assert set(SCHEMA["properties"]["type"]["enum"]) == {
        message.CHANGED,
        message.DIGEST,
        message.TEST,
        message.FAILING,
        message.RECOVERED,
        message.REPORT,
    }
    assert DEFS["row_names"]["maxItems"] == CAUSE_LIMIT
    assert DEFS["schema_version"]["const"] == message.SCHEMA_VERSION


def test_the_schema_refuses_what_is_not_as_it_says() -> None:
    """A renamed key, a score as text, a local time, another type's data."""
    good = sent(sample_message("alert"))
    renamed, text, local, other = (deepcopy(good) for _ in range(4))
    renamed["data"]["benchmark"] = renamed["data"].pop("board")
    text["data"]["events"][0]["score"]["after"] = str(Decimal("80.6"))
    local["timestamp"] = "2026-04-27T10:00:00+02:00"
    other["type"] = "health.failing"
    assert all(map(problems, (renamed, text, local, other)))


def test_keys_may_be_added() -> None:
    """A receiver that validates survives our next version."""
    body = sent(sample_message("alert"))
    body["data"]["events"][0]["mood"] = "good"
    assert problems(body) == []
