"""One row of the Hub's answer, by type where it is as the Hub describes it, else leniently.

Model, rank and score make a row. All else decorates it, and never costs it: what has another type
than the Hub's description says is taken as its text, or as unknown.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
from msgspec import Struct, field

MAX_LENIENT = 8_000_000
"""Bytes; a row beyond it is read only where everything in it has its type."""

_WEB = re.compile(r"(?i)https?://")
_DIGITS = re.compile(r"[0-9]{1,18}")


class Origin(Struct, omit_defaults=True):
    """Where a result says that it comes from."""

    name: str | None = None
    url: str | None = None


class Entry(Struct, omit_defaults=True, kw_only=True):
    """What counts of a row, by the Hub's names.

    Numbers are as JSON has them: a whole one may be written ``3.0``.
    """

    rank: float
    model: str = field(name="modelId")
    value: float
    verified: bool | None = None
    filename: str | None = None
    source: Origin | None = None
    pull_request: float | None = field(name="pullRequest", default=None)
    notes: str | None = None
    lower_is_better: bool | None = None
    num_parameters: float | None = None

    def __post_init__(self) -> None:
        """Make a flag that is false the same as one that is absent."""
        self.verified = self.verified or None


class Flawed(Struct, frozen=True):
    """A row without a rank or a score that can be read, or without a ``model``: null then."""

    model: str | None = None


_entry = msgspec.json.Decoder(Entry)


def read_entry(raw: object) -> Entry | Flawed:
    """Return a row, or what is left of one where model, rank or score cannot be read.

    ``raw`` is JSON, or an object that a more lenient reader made of it.
    """
    if isinstance(raw, dict):
        return _lenient(raw)
    if not isinstance(raw, msgspec.Raw):
        return Flawed()
    try:
        return _entry.decode(raw)
    except msgspec.ValidationError:
        long = len(memoryview(raw)) > MAX_LENIENT
    except RecursionError:
        return Flawed()
    return Flawed() if long else _lenient(_object(bytes(raw)))


def _object(raw: bytes) -> dict[str, Any]:
    """Return a row as the most lenient reader has it: numbers without end, too."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _lenient(row: dict[str, Any]) -> Entry | Flawed:
    rank, model, value = digits(row.get("rank")), row.get("modelId"), digits(row.get("value"))
    if not isinstance(model, str):
        return Flawed()
    if rank is None or value is None:
        return Flawed(model)
    return Entry(
        rank=rank,
        model=model,
        value=value,
        verified=_flag(row.get("verified")),
        filename=_text(row.get("filename")),
        source=_origin(row.get("source")),
        pull_request=_number(row.get("pullRequest")),
        notes=_text(row.get("notes")),
        lower_is_better=_flag(row.get("lower_is_better")),
        num_parameters=_number(row.get("num_parameters")),
    )


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, int | float) else None


def _number(value: object) -> float | None:
    """Return a number that may be written as text."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return float(value)
    return digits(value)


def digits(value: object) -> float | None:
    """Return a number as JSON has it; None for anything else, and for what no double holds."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _origin(value: object) -> Origin | None:
    if isinstance(value, dict):
        return Origin(name=_text(value.get("name")), url=_text(value.get("url")))
    text = _text(value)
    if text is None:
        return None
    return Origin(url=text) if _WEB.match(text) else Origin(name=text)
