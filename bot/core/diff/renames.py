"""Rows that left and others that came in one answer: the same ones renamed, if the Hub says so."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from bot.core.board import Answer, Result, Row, Snapshot
from bot.core.diff.matching import Matching, match, row_name
from bot.core.diff.scores import levels

CurrentIds = Mapping[str, str]
"""What the Hub calls models now, by the ids that they had; those of which it says nothing lack."""


class Followed(Struct, frozen=True):
    """A matching in which renamed rows are pairs.

    ``waiting`` are pairs of which the Hub has not said yet whether they are the same: the row
    stays under its old id, and the newcomer is not there.
    """

    matching: Matching
    waiting: tuple[tuple[Row, Result], ...] = ()


def asked_of(before: Snapshot | None, answer: Answer) -> tuple[str, ...]:
    """Return the models, each once, of which it matters here what the Hub calls them now."""
    if before is None:
        return ()
    known = Counter(row_name(row.result) for row in before.rows)
    if not Counter(map(row_name, answer.results)) - known:
        return ()
    matching = match(before.rows, answer.results)
    new = _Newcomers(matching)
    return tuple(dict.fromkeys(row.result.model for row in matching.gone if new.has_like(row)))


def follow(matching: Matching, current: CurrentIds, confirm: int) -> Followed:
    """Pair rows that are the same under another model id.

    A pair of which the Hub says nothing waits, for at most ``confirm`` answers.
    """
    new = _Newcomers(matching)
    asked = [row for row in matching.gone if new.has_like(row)]
    told = [
        (row, new.take(row, current[row.result.model])) for row in asked if _is_told(row, current)
    ]
    silent = [row for row in asked if not _is_told(row, current) and row.missing < confirm]
    held = [(row, new.take(row, row.heir)) for row in silent]
    same = [(row, result) for row, result in told if result is not None]
    waiting = [(row, result) for row, result in held if result is not None]
    placed = {row.id for row, _ in (*same, *waiting)}
    return Followed(
        Matching(
            (*matching.pairs, *same),
            tuple(row for row in matching.gone if row.id not in placed),
            tuple(new.left(matching.new)),
        ),
        tuple(waiting),
    )


def renamed(was: Row, row: Row) -> Result:
    """Return a row's result before, where its source only names the model otherwise after.

    That is no change of the source.
    """
    source, after = was.result.source, row.result.source
    if source is None or source.url is None:
        return was.result
    url = source.url.replace(was.result.model, row.result.model)
    return replace(was.result, source=after) if replace(source, url=url) == after else was.result


class _Newcomers:
    """The rows of an answer that nobody knows, by what a renamed row keeps."""

    def __init__(self, matching: Matching) -> None:
        self._key = _key_of((*(row.result for row in matching.gone), *matching.new))
        self._alike: defaultdict[Hashable, deque[Result]] = defaultdict(deque)
        self._called: defaultdict[Hashable, deque[Result]] = defaultdict(deque)
        self._taken: set[int] = set()
        for result in matching.new:
            self._alike[self._key(result)].append(result)
            self._called[self._key(result), result.model.casefold()].append(result)

    def has_like(self, row: Row) -> bool:
        """Tell whether a row that left with this answer, or waits, may be one of them."""
        key = self._key(row.result)
        if row.heir is not None:
            return (key, row.heir.casefold()) in self._called
        return not row.missing and key in self._alike

    def take(self, row: Row, model: str | None) -> Result | None:
        """Take one that is like a row, of a model where that is named; None where none is left."""
        key = self._key(row.result)
        found = self._alike[key] if model is None else self._called[key, model.casefold()]
        while found:
            result = found.popleft()
            if id(result) not in self._taken:
                self._taken.add(id(result))
                return result
        return None

    def left(self, results: Iterable[Result]) -> Iterable[Result]:
        """Return those of some results that were not taken."""
        return (result for result in results if id(result) not in self._taken)


def _is_told(row: Row, current: CurrentIds) -> bool:
    return row.result.model in current


def _key_of(results: Iterable[Result]) -> Callable[[Result], Hashable]:
    """Return by what rows of different models may be the same."""
    stands_for = levels(result.score for result in results)

    def key(result: Result) -> Hashable:
        name = result.source.name if result.source else None
        return stands_for[result.score], result.filename, result.notes, name

    return key
