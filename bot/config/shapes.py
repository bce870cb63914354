"""What holds values: tables, and lists of which some may not be empty."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, WithJsonSchema

from bot.config import secret_values as hidden
from bot.config import values
from bot.config.values import wrong


class Table(BaseModel):
    """A table of the file: no key but its own, and no change once it is read."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        arbitrary_types_allowed=True,
    )


def _items(value: Any) -> Any:
    if not isinstance(value, list):
        raise wrong("must be a list, in brackets")
    return value


def _some_items(value: Any) -> Any:
    if not _items(value):
        raise wrong("must not be empty")
    return value


def _events(value: Any) -> Any:
    if value == values.ALL:
        return [values.ALL]
    if not isinstance(value, list) or not value:
        raise wrong('must be a list of kinds, or "all"')
    return value


def _either(one: dict[str, Any], item: dict[str, Any]) -> WithJsonSchema:
    """Describe what may be one text or a list."""
    return WithJsonSchema({"anyOf": [one, {"type": "array", "items": item, "minItems": 1}]})


# Strict would want a tuple where TOML has a list; the items stay strict.
_Listed = Strict(strict=False)
_List = BeforeValidator(_items)
_Some = (BeforeValidator(_some_items), Field(min_length=1))

Benchmarks = Annotated[tuple[values.Benchmark, ...], *_Some, _Listed]
Models = Annotated[tuple[values.Model, ...], *_Some, _Listed]
OtherModels = Annotated[tuple[values.Model, ...], _List, _Listed]
Events = Annotated[
    tuple[values.Event, ...],
    BeforeValidator(_events),
    _Listed,
    _either({"const": values.ALL}, values.EVENT_SCHEMA),
]
Names = Annotated[tuple[values.Text, ...], _List, _Listed]
SigningSecrets = Annotated[
    tuple[hidden.SigningSecret, ...],
    BeforeValidator(hidden.one_or_more),
    _Listed,
    _either(hidden.SIGNING_SCHEMA, hidden.SIGNING_SCHEMA),
]
