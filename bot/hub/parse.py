"""From the Hub's JSON to answers: the only place that knows the names of its fields."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from math import isfinite
from typing import Any

import msgspec

from bot.core.errors import ParseError
from bot.core.model import Answer, Result, Source
from bot.hub.text import readable

MAX_RANK = 2**31 - 1
MAX_NAME = 200
MAX_FILENAME = 500
MAX_TEXT = 2_000
MAX_URL = 2_000
MAX_EXTRA = 16_000
MAX_ROW = 1_000_000
"""Bytes; a row beyond it is not read."""

MAX_VALUES = 4_000_000
"""The most commas in a body; some 200,000 rows."""

MAX_ITEMS = 1_250_000
"""The most things in lists. As many zeros cost less than 100 MB, as many as fit 64 MB gigabytes."""

MAX_MALFORMED = 10_000
"""The most rows of an answer that cannot be read. Trying a million would take seconds."""

MAX_TASKS = 1_000
"""The most tasks of a benchmark: each becomes a board that is kept for good."""

_MAX_LENIENT = 3_000_000
_EXACT = 2**53
_WEB = re.compile(r"(?i)https?://[^\s\x00-\x20]+")

_KNOWN = frozenset(
    {
        "rank", "modelId", "value", "verified", "filename", "source", "pullRequest", "notes",
        "taskId", "task_id",
    }
)  # fmt: skip

_rows = msgspec.json.Decoder(list[msgspec.Raw])
_object = msgspec.json.Decoder(dict[str, Any])
_encoder = msgspec.json.Encoder(order="sorted")


class _MalformedError(Exception):
    """A row that cannot be read."""


def parse(body: bytes) -> dict[str | None, Answer]:
    """Return the answers by task, null for rows without one; an empty list is one empty answer.

    A row that cannot be read is counted in every answer's ``malformed``. Rows equal in every
    field are one. NULs and surrogates that stand alone are removed from all texts.

    Raises:
        ParseError: it is no JSON list, or one without a single readable row.
    """
    results: dict[str | None, list[Result]] = {}
    seen: set[bytes] = set()
    total = malformed = 0
    for raw in _split(readable(body)):
        total += 1
        try:
            row = _decoded(raw)
            task, result = _task(row), _result(row)
            new = _is_new(row, seen)
        except (_MalformedError, RecursionError):
            malformed += 1
            _refuse_junk(malformed)
            continue
        if new:
            results.setdefault(task, []).append(result)
            _refuse_tasks(len(results))
    if total and malformed == total:
        raise ParseError(f"none of the {total} rows could be read")
    return {
        task: Answer(results=tuple(rows), malformed=malformed)
        for task, rows in (results or {None: []}).items()
    }


def _refuse_junk(malformed: int) -> None:
    if malformed > MAX_MALFORMED:
        raise ParseError(f"more than {MAX_MALFORMED} rows cannot be read")


def _refuse_tasks(tasks: int) -> None:
    if tasks > MAX_TASKS:
        raise ParseError("the answer holds more tasks than a benchmark can")


def _split(body: bytes) -> Iterator[Any]:
    _refuse_swarm(body)
    try:
        rows: Any = _rows.decode(body)
    except RecursionError:
        raise ParseError("the answer is nested too deeply") from None
    except msgspec.ValidationError:
        raise ParseError("the answer is JSON, but not a list") from None
    except msgspec.DecodeError:
        rows = _lenient(body)
    yield from rows


def _refuse_swarm(body: bytes) -> None:
    # A comma parts two members of an object or two items of a list, and a member has a colon: what
    # is over are items. Texts blur that, but no board comes near.
    commas = body.count(b",")
    if commas > MAX_VALUES or commas - body.count(b":") + body.count(b"{") > MAX_ITEMS:
        raise ParseError("the answer holds more values than a leaderboard can")


def _lenient(body: bytes) -> list[Any]:
    # NaN and Infinity are no JSON, yet some writers emit them: they cost their row, not the board.
    if len(body) <= _MAX_LENIENT and (b"NaN" in body or b"Infinity" in body):
        try:
            rows = json.loads(body)
        except (ValueError, RecursionError):
            rows = None
        if isinstance(rows, list):
            return rows
    if body.lstrip()[:1] == b"<":
        raise ParseError("the answer is HTML, not JSON")
    raise ParseError("the answer is not JSON" if body.strip() else "the answer is empty")


def _decoded(raw: Any) -> dict[str, Any]:
    if isinstance(raw, dict):
        return raw
    if not isinstance(raw, msgspec.Raw) or len(bytes(raw)) > MAX_ROW:
        raise _MalformedError
    try:
        return _object.decode(raw)
    except msgspec.DecodeError:
        raise _MalformedError from None


def _result(row: dict[str, Any]) -> Result:
    return Result(
        rank=_positive(row.get("rank")),
        model=_name(row.get("modelId")),
        score=_score(row.get("value")),
        verified=_flag(row.get("verified", False)),
        filename=_optional(row.get("filename"), MAX_FILENAME),
        source=_source(row.get("source")),
        pull_request=None if row.get("pullRequest") is None else _positive(row["pullRequest"]),
        notes=_optional(row.get("notes"), MAX_TEXT),
        extra=_extra(row),
    )


def _task(row: dict[str, Any]) -> str | None:
    task = row.get("taskId")
    if task is None:
        task = row.get("task_id")
    return None if task is None or task == "" else _name(task)


def _positive(value: object) -> int:
    if type(value) is not int or not 1 <= value <= MAX_RANK:
        raise _MalformedError
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _MalformedError
    return value


def _score(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _MalformedError
    try:
        number = float(value)
    except OverflowError:
        raise _MalformedError from None
    if not isfinite(number):
        raise _MalformedError
    exact = number.is_integer() and abs(number) <= _EXACT
    return Decimal(int(number)) if exact else Decimal(repr(number))


def _name(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_NAME:
        raise _MalformedError
    if not value.isprintable() and any(unicodedata.category(char) == "Cc" for char in value):
        raise _MalformedError
    return value


def _optional(value: object, most: int) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise _MalformedError
    return value[:most] if value.strip() else None


def _source(value: object) -> Source | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise _MalformedError
    name = _optional(value.get("name"), MAX_TEXT)
    url = _optional(value.get("url"), MAX_URL + 1)
    if url is not None and (len(url) > MAX_URL or not _WEB.fullmatch(url)):
        url = None
    return Source(name=name, url=url) if name or url else None


def _extra(row: dict[str, Any]) -> str:
    extra = {key: value for key, value in row.items() if key not in _KNOWN}
    source = row.get("source")
    if isinstance(source, dict):
        more = {key: value for key, value in source.items() if key not in ("name", "url")}
        if more:
            extra["source"] = more
    encoded = _canonical(extra)
    return encoded.decode() if len(encoded) <= MAX_EXTRA else "{}"


def _is_new(row: dict[str, Any], seen: set[bytes]) -> bool:
    # 79 and 79.0 are one number, and a field that is null is one that is absent.
    fields = {key: value for key, value in row.items() if value is not None}
    fields["value"] = float(row["value"])
    digest = hashlib.blake2b(_canonical(fields), digest_size=16).digest()
    if digest in seen:
        return False
    seen.add(digest)
    return True


def _canonical(value: dict[str, Any]) -> bytes:
    return _encoder.encode(value)
