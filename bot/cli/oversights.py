"""What of a configuration looks like an oversight, by what the Hub says of its boards now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from bot.cli.asking import Asked
from bot.core.alerts.scope import MOST_TASKS, Entry, entry, has_wildcard, matches, matching
from bot.core.alerts.watch import Known, Watch, covers
from bot.core.board import BoardKey
from bot.core.names.suggest import hint
from bot.core.render.clean import inert
from bot.core.render.figures import some

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.core.tasks import Tasks

Ask = Callable[[Sequence[BoardKey]], tuple[Asked, ...]]


def oversights(settings: Settings, known: Known, asked: Sequence[Asked], ask: Ask) -> Iterator[str]:
    """Yield a sentence for each, with the place in the configuration."""
    yield from unmet(settings, known)
    for one in asked:
        if one.answer is not None and not one.answer.results:
            yield f"{inert(one.key.name)} has no rows: nothing is told of it until it has some"
    for number, watch in enumerate(settings.watches):
        for place, sentence in _absent_models(watch, known, asked, ask):
            yield f"watch[{number}].models[{place}]: {sentence}"


def unmet(settings: Settings, known: Known) -> Iterator[str]:
    """Yield a sentence for each entry that stands for no benchmark or task, as far as is known."""
    for number, watch in enumerate(settings.watches):
        for place, written in enumerate(watch.benchmarks):
            where = f"watch[{number}].benchmarks[{place}]"
            for sentence in _of_entry(entry(written), known):
                yield f"{where}: {sentence}"


def _of_entry(written: Entry, known: Known) -> Iterator[str]:
    name = inert(written.benchmark)
    covered = [one for one in known.official if written.covers(one)] if written.is_glob else []
    if written.is_glob and not covered:
        near = hint(written.benchmark, set(known.official))
        yield f"{name} stands for no official benchmark now{near}"
    if written.task is None:
        return
    named = covered if written.is_glob else [written.benchmark]
    tasks = {benchmark: _tasks(benchmark, known) for benchmark in named}
    yield from _of_tasks(written, {name: one.ids for name, one in tasks.items() if one and one.ids})
    for benchmark, one in tasks.items():
        if one and not one.ids and not written.is_glob and has_wildcard(written.task):
            yield f"which tasks {inert(benchmark)} has is not known: {one.failed}"


def _of_tasks(written: Entry, tasks: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """Yield what is wrong with an entry's task, where the tasks that there are are known."""
    task = written.task or ""
    found = {benchmark: matching(task, ids) for benchmark, ids in tasks.items()}
    listed = any(one in tasks[benchmark] for benchmark, ids in found.items() for one in ids)
    if tasks and not listed:
        near = hint(task, {one for ids in tasks.values() for one in ids})
        what = "stands for no task" if has_wildcard(task) else "is no task that is listed"
        yield f"{inert(task)} {what} of {some([*map(inert, sorted(tasks))])}{near}"
    for benchmark, ids in found.items():
        if len(ids) > MOST_TASKS:
            rest = some([*map(inert, ids[MOST_TASKS:])])
            yield f"only the first {MOST_TASKS} tasks of {inert(benchmark)} are watched, not {rest}"


def _tasks(benchmark: str, known: Known) -> Tasks | None:
    same = (t for name, t in known.tasks.items() if name.casefold() == benchmark.casefold())
    return next(same, None)


def _absent_models(
    watch: Watch, known: Known, asked: Sequence[Asked], ask: Ask
) -> Iterator[tuple[int, str]]:
    """Yield the places of models that stand on none of the watch's boards."""
    mine = [one for one in asked if covers(watch, one.key, known)]
    if any(one.answer is None for one in mine):
        return  # they may stand on the board that cannot be asked for
    models = _models(mine)
    absent = [(n, p) for n, p in enumerate(watch.models) if not _any_match(p, models)]
    if not absent:
        return
    derived = () if watch.include_derived else ask([_derived(one.key) for one in mine])
    more = _models(derived)
    for place, pattern in absent:
        if _any_match(pattern, more):
            yield place, f"{inert(pattern)} stands on these boards only with include_derived"
        else:
            near = hint(pattern, models)
            yield place, f"{inert(pattern)} stands on none of these boards now{near}"


def _models(asked: Sequence[Asked]) -> set[str]:
    return {row.model for one in asked if one.answer for row in one.answer.results}


def _any_match(pattern: str, models: set[str]) -> bool:
    return any(matches(pattern, model) for model in models)


def _derived(key: BoardKey) -> BoardKey:
    return BoardKey(key.benchmark, key.task, include_derived=True)
