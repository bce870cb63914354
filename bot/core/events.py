"""An event: the one shape that tells all that can happen to a leaderboard.

The shape is the one webhooks carry (``docs/webhook.schema.json``), so an event is stored, sent
and listed without a translation between.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from msgspec import UNSET, Struct, UnsetType
from msgspec.json import Encoder

from bot.core.board import BoardKey, Source
from bot.core.kinds import Kind

_encoder = Encoder(decimal_format="number")


def as_json(value: Any) -> bytes:
    """Return the JSON of an event, or of anything that carries some; times in UTC, as ``…Z``."""
    return _encoder.encode(value)


class RankPair(Struct, frozen=True):
    """A row's rank before and after; null where the row was or is not there."""

    before: int | None = None
    after: int | None = None


class ScorePair(Struct, frozen=True):
    """A row's score before and after, in the board's units; ``delta`` is after minus before.

    It is null also where no double holds it.
    """

    before: Decimal | None = None
    after: Decimal | None = None
    delta: Decimal | None = None

    @property
    def change(self) -> Decimal | None:
        """How much the score changed, however much that is; None where it was or is not there."""
        if self.before is None or self.after is None:
            return None
        return self.after - self.before if self.delta is None else self.delta


class FlagPair(Struct, frozen=True):
    """A row's verified flag before and after."""

    before: bool | None = None
    after: bool | None = None


class RowName(Struct, frozen=True):
    """Names a row among others: the model, and what tells that model's rows apart."""

    model: str
    variant: str | None = None


class Leader(Struct, frozen=True):
    """A leading row, or the one behind it, and the score that it has there."""

    model: str
    variant: str | None
    score: Decimal


class Cause(Struct, frozen=True):
    """The *other* rows that explain a move, nearest first; at most ``CAUSE_LIMIT`` a list.

    ``overtook``: present rows that this row passed. ``overtaken_by``: present rows that passed
    it. ``displaced_by``: new rows above it. ``vacated_by``: removed rows that were above it.
    """

    overtook: tuple[RowName, ...] = ()
    overtaken_by: tuple[RowName, ...] = ()
    displaced_by: tuple[RowName, ...] = ()
    vacated_by: tuple[RowName, ...] = ()


CAUSE_LIMIT = 100


class Related(Struct, frozen=True):
    """What people want to know of a row that a cause names: where it stands, with what score.

    A removed row tells where it stood. ``community`` says that its result is an open pull request.
    """

    model: str
    variant: str | None
    rank: int
    score: Decimal
    new: bool = False
    community: bool = False


RELATED_LIMIT = 3
"""How many rows of each list of a cause are told more of."""

LEVEL_LIMIT = 3
"""How many of the rows are named with which one is level."""


class Provenance(Struct, frozen=True):
    """Where a result comes from, apart from its score."""

    source: Source | None = None
    filename: str | None = None
    notes: str | None = None
    pull_request: int | None = None


class ProvenancePair(Struct, frozen=True):
    """A row's provenance before and after."""

    before: Provenance
    after: Provenance


class Leaders(Struct, frozen=True):
    """Who led before and who leads after; null where no row did or does."""

    before: Leader | None = None
    after: Leader | None = None


class Summary(Struct, frozen=True, kw_only=True):
    """A board that was scored anew, in numbers.

    ``rows`` counts its rows after, ``common`` those that were there before too, ``changed`` how
    many of these have another score.
    """

    rows: int
    common: int
    changed: int
    leader: Leaders


class Turnover(Struct, frozen=True, kw_only=True):
    """A board of which most rows were exchanged at once.

    ``rows`` counts those before, ``gone`` how many of them left, ``new`` how many others came.
    """

    rows: int
    gone: int
    new: int


class OutOfTop(Struct, frozen=True):
    """The rows that were among the first ``top`` before, and are not any more; the best first."""

    top: int
    rows: tuple[RowName, ...]


class Event(Struct, frozen=True, kw_only=True, dict=True):
    """One thing that happened to one row (or board, or benchmark).

    ``contains`` lists every kind whose condition the event meets, its own first: watches for
    any of them may want it. ``margin`` (leaders: to the second) and ``gap`` (to the leader) are
    positive. ``related`` tells more of the first rows that ``cause`` names. ``watches`` names the
    watches that want it. ``url`` is empty until the event is given its links.

    Some are there only where they say something: ``second`` where there is a margin, ``level_with``
    where a row came to the score of others (the leader first, at most ``LEVEL_LIMIT`` of them),
    ``previous_model`` where a row was renamed, ``perhaps_renamed_to`` where one that is gone may be
    a newcomer's, whose model it names,
    ``perhaps_renamed``, as true, where the leader is perhaps the previous one under another name,
    ``summary`` where the board was scored anew, ``recomputed``, as true, for what happened to a row
    by that, ``removed_at`` where the row is back, with the time at which it was told as removed,
    ``out_of_top`` where people are told of the row that, as the last, came among a watch's first,
    ``turnover`` where the row left, came or leads as most rows of the board left it, ``page``, the
    event's own address, where the configuration says where the page is, ``task`` where one message
    tells of several boards of a benchmark.
    """

    id: str
    kind: Kind
    contains: tuple[Kind, ...]
    watches: tuple[str, ...] = ()
    model: str | None = None
    variant: str | None = None
    rank: RankPair = RankPair()
    score: ScorePair = ScorePair()
    verified: FlagPair = FlagPair()
    new: bool = False
    previous_leader: Leader | None = None
    margin: Decimal | None = None
    gap: Decimal | None = None
    pushed_down: int | None = None
    cause: Cause = Cause()
    related: tuple[Related, ...] = ()
    suspected_scale_change: bool = False
    source: Source | None = None
    pull_request: int | None = None
    filename: str | None = None
    notes: str | None = None
    provenance: ProvenancePair | None = None
    second: Leader | UnsetType = UNSET
    level_with: tuple[RowName, ...] | UnsetType = UNSET
    previous_model: str | UnsetType = UNSET
    perhaps_renamed_to: str | UnsetType = UNSET
    perhaps_renamed: bool | UnsetType = UNSET
    summary: Summary | UnsetType = UNSET
    recomputed: bool | UnsetType = UNSET
    turnover: Turnover | UnsetType = UNSET
    out_of_top: OutOfTop | UnsetType = UNSET
    removed_at: datetime | UnsetType = UNSET
    url: str | None = None
    page: str | UnsetType = UNSET
    task: str | UnsetType | None = UNSET

    @cached_property
    def json(self) -> bytes:
        """The event as JSON: written once, for the store and for every body that carries it."""
        return as_json(self)


class Found(Struct, frozen=True, kw_only=True):
    """An event together with the row it is about; ``row_id`` is null for events of no row."""

    row_id: str | None
    event: Event


class Shifted(Struct, frozen=True):
    """How many rows only moved because others did."""

    down: int = 0
    up: int = 0


class StoredEvent(Struct, frozen=True, kw_only=True):
    """An event as the store lists it, with its board and the time of the poll that found it.

    ``row`` is the same for all events of a row, null for those of none.
    """

    at: datetime
    board: BoardKey
    event: Event
    row: str | None = None
