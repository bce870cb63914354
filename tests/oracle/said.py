"""What is said of a poll: the facts of an event that the oracle and the program must share."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

Names = tuple[str, ...]
Pair = tuple[object, object]


@dataclass(frozen=True)
class Cause:
    """The models of the other rows that explain a move, sorted."""

    overtook: Names = ()
    overtaken_by: Names = ()
    displaced_by: Names = ()
    vacated_by: Names = ()


@dataclass(frozen=True)
class Said:
    """One event, as far as the promise fixes it; ``row`` facts are null of a board's event."""

    kind: str
    model: str | None
    rank: Pair
    score: Pair
    verified: Pair
    new: bool = False
    recomputed: bool = False
    previous_leader: str | None = None
    margin: Decimal | None = None
    gap: Decimal | None = None
    pushed_down: int | None = None
    cause: Cause = Cause()
    provenance: Pair | None = None
    summary: tuple[object, ...] | None = None
    previous_model: str | None = None


@dataclass
class Poll:
    """What one poll said: ``loose`` where rows are held, so that ranks say less than usual."""

    outcome: str
    said: list[Said] = field(default_factory=list)
    loose: bool = False
