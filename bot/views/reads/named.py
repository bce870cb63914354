"""What names and globs stand for in what is stored: models, benchmarks, tasks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TypeVar

from bot.core.alerts.benchmarks import EVERY_TASK, has_wildcard, match_any, matches, matching
from bot.core.alerts.watch import Known
from bot.core.errors import ConfigError
from bot.core.names.suggest import NOTHING, unknown
from bot.core.render.clean import inert
from bot.store import Store
from bot.store.paging import EVERY, PAGE, Names
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


def models_meant(
    store: Store, page: NamesAfter, pattern: str | None, visible: Names = EVERY
) -> Names:
    """Find the models that a glob stands for, by any id that each has had."""
    if pattern is None:
        return Names(None)
    is_one = is_model(store, pattern, visible)
    found = frozenset({pattern}) if is_one else names(store, page, pattern).found
    if found is None:
        return Names(None)
    with store.read() as db:
        former = db.models.former()
    same = [(now, *ids) for now, ids in former.items() if match_any([pattern], (now, *ids))]
    return Names(found.union(*same))


def is_model(store: Store, written: str, visible: Names = EVERY) -> bool:
    """Whether a text is the id of a model that was seen; none other differs by case alone."""
    if has_wildcard(written):
        return False
    with store.read() as db:
        return db.models.is_known(written, visible)


def stands_for_models(store: Store, pattern: str) -> bool:
    """Whether a name or glob stands for any model that was seen, by any id that it has had."""
    if is_model(store, pattern):
        return True
    seen = every(store, lambda db, after: db.history.models(after, pattern))
    if any(matches(pattern, model) for model in seen):
        return True
    with store.read() as db:
        former = db.models.former()
    return any(matches(pattern, was) for ids in former.values() for was in ids)


def unseen(name: str, what: str, seen: Collection[str]) -> ConfigError:
    """Return the error for a name that is not among those seen; ``what`` says what it is not."""
    if seen:
        return unknown(name, what, seen)
    return ConfigError(
        [f"{inert(name) or NOTHING}: {what}; nothing is stored yet: run leaderboard-bot poll"]
    )


def unknown_model(store: Store, name: str, visible: Names = EVERY) -> ConfigError:
    """Return the error for a model that nobody saw; others are named to who sees everything."""
    what = "no model that was seen"
    return unseen(name, what, every_model(store)) if visible == EVERY else unknown(name, what, ())


def tasks_meant(store: Store, pattern: str | None) -> frozenset[str] | None:
    """Return the tasks that a name or glob stands for; None for every one, and for none."""
    if pattern is None or pattern == EVERY_TASK:
        return None
    with store.read() as db:
        seen, lists = db.boards.tasks(), db.lists.tasks()
    listed = [one for known in lists.values() for one in known.ids or ()]
    return frozenset(matching(pattern, [*seen, *listed]))
