"""Which score is better, and who leads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import pairwise

from bot.core.board import Answer, Result, Row
from bot.core.diff.scores import level


def direction(answer: Answer) -> bool | None:
    """Tell whether an answer says that a higher score is better; None where it says nothing.

    Its rows' own word counts (``Answer.higher_is_better``), else the order that the Hub reports.
    """
    said = answer.higher_is_better
    return by_order(answer.results) if said is None else said


def by_order(results: Iterable[Result]) -> bool | None:
    """Tell whether a higher score is better by the reported order; None where that is undecided.

    The majority of neighbouring pairs with unequal scores decides. Neighbours that share a rank
    say nothing.
    """
    # A total order: among rows that share a rank, the answer's own order must not decide.
    ordered = sorted(results, key=sort_key)
    votes = 0
    for upper, lower in pairwise(ordered):
        if upper.rank != lower.rank and not level(upper.score, lower.score):
            votes += 1 if upper.score > lower.score else -1
    return votes > 0 if votes else None


def leader(
    rows: Iterable[Row], led_before: str | None, merit: Callable[[Row], Decimal]
) -> Row | None:
    """Return the leading row: the best score; level, the one that led, else the best rank.

    A present row comes before an absent one. Of those that share a rank the first by name leads.
    ``merit`` returns the key by which better rows sort first, and level ones are equal.
    """

    def place(row: Row) -> tuple[object, ...]:
        result = row.result
        name = result.model, result.filename or "", result.notes or ""
        claim = row.id != led_before, row.absent, result.rank
        return merit(row), *claim, *name, sort_key(result)

    return min(rows, key=place, default=None)


def in_order(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return rows by rank, those that share one in an order that depends on themselves alone."""
    return tuple(sorted(rows, key=lambda row: sort_key(row.result)))


def sort_key(result: Result) -> tuple[object, ...]:
    """Return a total order of results that depends on nothing but themselves, rank first."""
    source = result.source
    return (
        result.rank,
        result.score,
        result.model,
        result.filename or "",
        result.notes or "",
        result.verified,
        result.pull_request or 0,
        (source.name or "", source.url or "") if source else ("", ""),
    )
