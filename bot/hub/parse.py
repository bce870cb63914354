"""From the Hub's JSON to answers; with ``rows`` the only place that knows its fields' names.

What counts of a row is decoded by type, and nothing else of it is kept: profiles, of which most of
an answer consists, change at every request.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from math import isfinite
from typing import Any

import msgspec
from msgspec import Struct

from bot.core.board import Answer, Result, Source
from bot.core.errors import ParseError
from bot.core.render.clean import clean
from bot.core.render.numbers import plural
from bot.hub.rows import Entry, Flawed, Origin, read_entry
from bot.hub.text import readable

MAX_RANK = 2**31 - 1
MAX_NAME = 200
MAX_FILENAME = 500
MAX_TEXT = 2_000
MAX_URL = 2_000

MAX_VALUES = 4_000_000
"""The most commas in a body; some 200,000 rows."""

MAX_ITEMS = 1_250_000
"""The most things in lists. As many zeros cost less than 100 MB, as many as fit 64 MB gigabytes."""

MAX_MALFORMED = 10_000
"""The most rows of an answer that cannot be read. Trying a million would take seconds."""

_MAX_LENIENT = 3_000_000
_MAX_PARAMETERS = 2**63 - 1
_EXACT = 2**53
_WEB = re.compile(r"(?i)https?://[^\s\x00-\x20]+")

_rows = msgspec.json.Decoder(list[msgspec.Raw])
_encoder = msgspec.json.Encoder()


class Parsed(Struct, frozen=True):
    """An answer's rows as decoded by type, and those that could not be; ``first`` is one of those.

    ``digest`` is the same for two answers whose rows, direction and sizes are the same.
    """

    entries: tuple[Entry, ...]
    unreadable: tuple[Flawed, ...]
    digest: str
    first: int = 0

    def answer(self) -> Answer:
        """Return the rows as results; equal ones are one.

        Raises:
            ParseError: there are rows, but not one that can be read.
        """
        found, flawed = self._split()
        if flawed and not found:
            raise ParseError(f"none of the {len(flawed)} rows could be read")
        _refuse_junk(len(flawed))
        distinct = {result.told: result for result in reversed(found)}
        return Answer(
            results=tuple(reversed(distinct.values())),
            malformed=len(flawed),
            unread=tuple(model for model in flawed if model is not None),
            flaw=self.flaw(len(flawed)) if flawed else "",
            higher_is_better=_direction(self.entries),
        )

    def _split(self) -> tuple[list[Result], list[str | None]]:
        """Return the rows that make a result, and the models of those that make none."""
        found: list[Result] = []
        flawed = [one.model for one in self.unreadable]
        for entry in self.entries:
            result = _result(entry)
            if result is None:
                flawed.append(entry.model)
            else:
                found.append(result)
        return found, [one if one is not None and _is_name(one) else None for one in flawed]

    def flaw(self, skipped: int) -> str:
        """Say that so many rows are skipped, and what is wrong with one of them."""
        return f"{plural(skipped, 'row is', 'rows are')} skipped: {self._wrong()}"

    def _wrong(self) -> str:
        if self.unreadable:
            name = self.unreadable[0].model
            what = "no rank, model or score" if name is None else "no rank or no score"
            model = f" ({clean(name)})" if name is not None else ""
            return f"row {self.first} of the answer{model} has {what} that can be read"
        (bad, *_) = [entry for entry in self.entries if _result(entry) is None]
        name = clean(bad.model)
        if not _is_name(bad.model):
            return f"a model's name is empty, too long or holds a control character: {name}"
        what, value = ("score", bad.value) if _whole(bad.rank, MAX_RANK) else ("rank", bad.rank)
        return f"the {what} of {name} is {value:g}"


def parse(body: bytes) -> Parsed:
    """Decode an answer. NULs and surrogates that stand alone are removed from all texts.

    Raises:
        ParseError: it is no JSON list, or has too many rows that cannot be read.
    """
    entries: list[Entry] = []
    unreadable: list[Flawed] = []
    first = 0
    for number, raw in enumerate(_split(readable(body)), start=1):
        entry = read_entry(raw)
        if isinstance(entry, Entry):
            entries.append(entry)
            continue
        unreadable.append(entry)
        first = first or number
        _refuse_junk(len(unreadable))
    return gathered(entries, unreadable, first)


def gathered(entries: Sequence[Entry], unreadable: Sequence[Flawed], first: int = 0) -> Parsed:
    """Return rows, and what is left of others, as parsed; ``first`` is one of those."""
    return Parsed(tuple(entries), tuple(unreadable), _digest(entries, unreadable), first)


def _digest(entries: Sequence[Entry], unreadable: Sequence[Flawed]) -> str:
    digest = hashlib.blake2b(b"%d" % len(unreadable), digest_size=16)
    for rows in (unreadable, entries):
        for line in sorted(map(_encoder.encode, rows)):
            digest.update(line)
    return digest.hexdigest()


def _refuse_junk(malformed: int) -> None:
    if malformed > MAX_MALFORMED:
        raise ParseError(f"more than {MAX_MALFORMED} rows cannot be read")


def _split(body: bytes) -> list[Any]:
    refuse_swarm(body)
    try:
        rows: list[Any] = _rows.decode(body)
    except RecursionError:
        raise ParseError("the answer is nested too deeply") from None
    except msgspec.ValidationError:
        raise ParseError("the answer is JSON, but not a list") from None
    except msgspec.DecodeError:
        rows = _lenient(body)
    return rows


def refuse_swarm(body: bytes) -> None:
    """Refuse a body of so many values that to decode it would cost more than it can be worth.

    Raises:
        ParseError: it is one.
    """
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


def _direction(entries: Sequence[Entry]) -> bool | None:
    """Tell whether higher is better by what more than half of the rows say that say it."""
    said = [entry.lower_is_better for entry in entries if entry.lower_is_better is not None]
    lower = sum(said)
    if 2 * lower == len(said):
        return None
    return 2 * lower < len(said)


def _result(entry: Entry) -> Result | None:
    """Return a row as a result; None where its model, score or rank is none."""
    rank = _whole(entry.rank, MAX_RANK)
    if rank is None or not isfinite(entry.value) or not _is_name(entry.model):
        return None
    return Result(
        rank=rank,
        model=entry.model,
        score=_score(entry.value),
        verified=bool(entry.verified),
        filename=_text(entry.filename, MAX_FILENAME),
        source=_source(entry.source),
        pull_request=_whole(entry.pull_request, MAX_RANK),
        notes=_text(entry.notes, MAX_TEXT),
        parameters=_whole(entry.num_parameters, _MAX_PARAMETERS),
    )


def _whole(value: float | None, most: int) -> int | None:
    """Return a number that is whole, from 1 to ``most``; None for any other."""
    if value is None or not isfinite(value) or not value.is_integer() or not 1 <= value <= most:
        return None
    return int(value)


def _score(number: float) -> Decimal:
    exact = number.is_integer() and abs(number) <= _EXACT
    return Decimal(int(number)) if exact else Decimal(repr(number))


def _is_name(value: str) -> bool:
    if not value.strip() or len(value) > MAX_NAME:
        return False
    return value.isprintable() or all(unicodedata.category(char) != "Cc" for char in value)


def _text(value: str | None, most: int) -> str | None:
    return value[:most] if value is not None and value.strip() else None


def _source(origin: Origin | None) -> Source | None:
    if origin is None:
        return None
    name, url = _text(origin.name, MAX_TEXT), _text(origin.url, MAX_URL + 1)
    url = url.strip() if url is not None else None
    if url is not None and (len(url) > MAX_URL or not _WEB.fullmatch(url)):
        url = None
    return Source(name=name, url=url) if name or url else None
