"""JSON as it is stored: without what its row's columns hold, and without what is empty."""

from __future__ import annotations

import msgspec
from msgspec import Struct, structs

from bot.core.events import Event, as_json

MODEL = "\x01"
"""Stands for the name of the row's model; in JSON no text can hold it, there it is ``\\u0001``."""

_DECODER = msgspec.json.Decoder(Event)


def _nothing() -> tuple[str, ...]:
    """Return what the JSON of an event need not say: its fields that have nothing to say.

    No text can look like one, for quotes are escaped there. ``variant`` is not among them: where
    an event names a leader, it has to be there.
    """
    fields = [one for one in structs.fields(Event) if one.name != "variant"]
    said = {one.name: as_json(one.default).decode() for one in fields if _is_plain(one.default)}
    return tuple(f',"{name}":{text}' for name, text in said.items())


def _is_plain(default: object) -> bool:
    """Tell whether a default is written, and is not the beginning of another value."""
    return default is None or default is False or isinstance(default, tuple | Struct)


_NOTHING = _nothing()


def without_model(text: str, model: str | None) -> str:
    """Return JSON without the model's name in it."""
    return text.replace(model, MODEL) if model else text


def with_model(text: str, model: str | None) -> str:
    """Return JSON with the model's name in it again."""
    return text.replace(MODEL, model) if model else text


def of_event(event: Event) -> str:
    """Return what is stored of an event beside its id, its kind and its model."""
    text = event.json.decode()
    head = f"{{{_columns(event.id, event.kind)},"
    if text.startswith(head):
        text = "{" + text.removeprefix(head)
    for nothing in _NOTHING:
        text = text.replace(nothing, "")
    return without_model(text, event.model)


def to_event(text: str, key: str, kind: str, model: str | None) -> Event:
    """Return the event of which this is stored."""
    return _DECODER.decode(f"{with_model(text, model)[:-1]},{_columns(key, kind)}}}")


def _columns(key: str, kind: str) -> str:
    return f'"id":{as_json(key).decode()},"kind":"{kind}"'
