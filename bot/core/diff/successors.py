"""Under which name a row that left may go on, where the Hub says nothing of it: a guess to tell."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from bot.core.board import Answer, Result, Row
from bot.core.diff.matching import Matching
from bot.core.diff.scores import levels
from bot.core.names.suggest import is_like

MOST_LEVEL = 5
"""Where more newcomers than these are level, their score says of none that it is the row."""

_GOES_ON = re.compile(r"[-_+:]")


def with_heirs(
    gone: Iterable[Row], before: Sequence[Row], matching: Matching, answer: Answer
) -> list[Row]:
    """Return rows that are gone, each with the model of the newcomer under which it may go on.

    Only one that came in the answer in which the row left is taken for it: it has the same score,
    and a source, file or notes that no other row has, or a name like the row's. Each newcomer is
    taken for one row at the most.
    """
    gone = list(gone)
    left = [row for row in gone if not row.absent]
    heirs = _heirs(left, _Newcomers(before, matching, answer)) if left and matching.new else {}
    return [row if row.absent else replace(row, heir=heirs.get(row.id)) for row in gone]


def _heirs(left: Sequence[Row], newcomers: _Newcomers) -> dict[str, str]:
    heirs: dict[str, str] = {}
    taken: set[int] = set()
    for row in left:
        like = (one for one in newcomers.like(row.result) if id(one) not in taken)
        if (heir := next(like, None)) is not None:
            taken.add(id(heir))
            heirs[row.id] = heir.model
    return heirs


class _Newcomers:
    """The rows that an answer has and the board had not, by their scores."""

    def __init__(self, before: Sequence[Row], matching: Matching, answer: Answer) -> None:
        old, new = [row.result for row in before], matching.new
        self._levels = levels(result.score for result in (*old, *new))
        self._by_score: defaultdict[object, list[Result]] = defaultdict(list)
        for result in new:
            self._by_score[self._levels[result.score]].append(result)
        self._had = Counter(mark for result in old for mark in _marks(result))
        self._has = Counter(mark for result in answer.results for mark in _marks(result))

    def like(self, was: Result) -> Iterator[Result]:
        """Yield those of another model that may be a row, the likeliest first."""
        level = self._by_score.get(self._levels[was.score], [])
        others = [one for one in level if one.model != was.model]
        if len(others) > MOST_LEVEL:
            return
        yield from (one for one in others if self._share(was, one))
        yield from (one for one in others if is_alike(was.model, one.model))

    def _share(self, was: Result, now: Result) -> bool:
        """Tell whether two rows have something in common that is theirs alone."""
        common = set(_marks(was)) & set(_marks(now))
        return any(self._had[mark] == self._has[mark] == 1 for mark in common)


def is_alike(model: str, other: str) -> bool:
    """Tell whether two models are called alike, whosever they are.

    One name may go on where the other ends, as ``o3`` and ``o3-high`` do.
    """
    short, long = sorted((_own(model), _own(other)), key=len)
    goes_on = long.startswith(short) and _GOES_ON.match(long, len(short)) is not None
    return goes_on or is_like(short, long)


def _own(model: str) -> str:
    return model.rpartition("/")[2].casefold()


def _marks(result: Result) -> Iterator[tuple[str, str]]:
    """Yield by what a row may be known, apart from its model and its score."""
    source = result.source
    marks = {
        "file": result.filename,
        "notes": result.notes,
        "source": source.name if source else None,
        "link": source.url if source else None,
    }
    yield from ((name, text) for name, text in marks.items() if text)
