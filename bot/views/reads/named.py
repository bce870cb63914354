"""What names and globs stand for in what is stored: models, benchmarks, tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from bot.core.alerts.benchmarks import EVERY_TASK, has_wildcard, match_any, matches, matching
from bot.core.alerts.watch import Known
from bot.store import Store
from bot.store.paging import PAGE, Names
from bot.store.unit import Unit

T = TypeVar("T")

NamesAfter = Callable[[Unit, str | None], tuple[str, ...]]
"""Reads the page of names that follows one."""


def every_model(store: Store) -> frozenset[str]:
    """Return the models of all rows that were ever seen, by any id that they have had."""
    seen = frozenset(every(store, lambda db, after: db.history.models(after)))
    with store.read() as db:
        former = db.models.former()
    return seen.union(*(former.get(model, ()) for model in seen if model in former))


def every(store: Store, page: Callable[[Unit, T | None], Sequence[T]]) -> Iterator[T]:
    """Return what there is, page by page; ``page`` reads what follows the last that it gave."""
    after: T | None = None
    while True:
        with store.read() as db:
            found = page(db, after)
        yield from found
        if len(found) < PAGE:
            return
        after = found[-1]


def names(store: Store, page: NamesAfter, pattern: str | None) -> Names:
    """Find the names that a glob stands for, as watches understand globs."""
    if pattern is None:
        return Names(None)
    return Names(frozenset(name for name in every(store, page) if matches(pattern, name)))


def benchmarks_meant(store: Store, page: NamesAfter, pattern: str | None) -> Names:
    """Find the benchmarks that a glob stands for, by any id that each has had."""
    found = names(store, page, pattern).found
    if pattern is None or found is None:
        return Names(None)
    with store.read() as db:
        moved = Known(tasks=db.lists.tasks()).moved
    return Names(found.union(now for was, now in moved.items() if matches(pattern, was)))


def models_meant(store: Store, page: NamesAfter, pattern: str | None) -> Names:
    """Find the models that a glob stands for, by any id that each has had."""
    if pattern is None:
        return Names(None)
    found = frozenset({pattern}) if is_model(store, pattern) else names(store, page, pattern).found
    if found is None:
        return Names(None)
    with store.read() as db:
        former = db.models.former()
    same = [(now, *ids) for now, ids in former.items() if match_any([pattern], (now, *ids))]
    return Names(found.union(*same))


def is_model(store: Store, written: str) -> bool:
    """Whether a text is the id of a model that was seen; none other differs by case alone."""
    if has_wildcard(written):
        return False
    with store.read() as db:
        return db.models.is_known(written)


def tasks_meant(store: Store, pattern: str | None) -> frozenset[str] | None:
    """Return the tasks that a name or glob stands for; None for every one, and for none."""
    if pattern is None or pattern == EVERY_TASK:
        return None
    with store.read() as db:
        seen, lists = db.boards.tasks(), db.lists.tasks()
    listed = [one for known in lists.values() for one in known.ids or ()]
    return frozenset(matching(pattern, [*seen, *listed]))
