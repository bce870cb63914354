"""Which board people mean by a name: ``namespace/name``, ``…#task``, or an address on the Hub."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from msgspec import Struct

from bot.core.alerts.benchmarks import EVERY_TASK, matching
from bot.core.board import BoardKey
from bot.core.errors import ConfigError
from bot.core.names.links import PUBLIC, benchmark_of, is_address, model_of
from bot.core.names.suggest import hint
from bot.core.render.clean import clean
from bot.core.render.numbers import some
from bot.core.tasks import Tasks


class Named(Struct, frozen=True):
    """A board's name taken apart; ``task`` is null where it names none."""

    benchmark: str
    task: str | None = None


def board_named(written: str, endpoint: str) -> Named:
    """Take a board's name apart, as people give it.

    Raises:
        ConfigError: it is an address that is no benchmark's page.
    """
    text = written.strip()
    if is_address(text):
        found = benchmark_of(text, endpoint)
        if found is None:
            raise ConfigError([f"{written}: {_no_board(text, endpoint)}"])
        text = found
    benchmark, hash_, task = text.partition("#")
    return Named(benchmark, task if hash_ else None)


def _no_board(address: str, endpoint: str) -> str:
    model = model_of(address, endpoint)
    what = f"is the page of a model, {clean(model)}," if model else "is"
    return f"{what} no page of a benchmark under {_bases(endpoint)}"


def model_named(written: str, endpoint: str) -> str:
    """Return the id or glob that people mean by a model's name or its page's address.

    Raises:
        ConfigError: it is an address that is no model's page.
    """
    text = written.strip()
    if not is_address(text):
        return text
    found = model_of(text, endpoint)
    if found is None:
        raise ConfigError([f"{written}: is no page of a model under {_bases(endpoint)}"])
    return found


def task_meant(named: Named, boards: Iterable[BoardKey], known: Tasks | None) -> str | None:
    """Return the task that a name means among the boards of its benchmark.

    A bare name means the first task, else the only one.

    Raises:
        ConfigError: there is no such task, or several and no first one; the others are named.
    """
    keys = [key for key in boards if key.benchmark.casefold() == named.benchmark.casefold()]
    tasks = list(dict.fromkeys(key.task for key in keys))
    first = known.first if known else None
    if named.task is None:
        if first in tasks or len(tasks) == 1:
            return first if first in tasks else tasks[0]
        raise ConfigError([f"{_word(named)}: which task? There are {_listed(keys)}"])
    ids = [task for task in tasks if task is not None]
    same = [task for task in matching(named.task, ids) if task in ids]
    if len(same) == 1:
        return same[0]
    if not same and named.task in ("", "*") and None in tasks:
        return None
    if not same and known and named.task in (known.ids or ()):
        raise ConfigError([f"{_word(named)}: no watch looks at this task; {_there_are(keys)}"])
    near = hint(named.task, ids, lambda task: _word(Named(named.benchmark, task)))
    problem = "stands for several tasks" if same else "no such task"
    raise ConfigError([f"{_word(named)}: {problem}{near or f'; {_there_are(keys)}'}"])


def check_task(named: Named, keys: Iterable[BoardKey], known: Iterable[Tasks | None]) -> None:
    """Refuse a task that is neither one of these boards' nor known, where any is.

    Raises:
        ConfigError: there is no such task; the nearest is named.
    """
    ids = {key.task for key in keys if key.task is not None}
    ids.update(one for tasks in known if tasks for one in tasks.ids or ())
    if named.task in (None, "", EVERY_TASK) or not ids:
        return
    if ids.isdisjoint(matching(named.task or "", ids)):
        near = hint(named.task or "", ids, lambda task: _word(Named(named.benchmark, task)))
        raise ConfigError([f"{_word(named)}: no such task{near}"])


def _word(named: Named) -> str:
    return clean(BoardKey(named.benchmark, named.task).name)


def _there_are(keys: Collection[BoardKey]) -> str:
    if not keys:
        return "there are none"
    return f"there {'is' if len(keys) == 1 else 'are'} {_listed(keys)}"


def _listed(keys: Collection[BoardKey]) -> str:
    """Return some boards' names, the rest counted."""
    return some(sorted({clean(BoardKey(key.benchmark, key.task).name) for key in keys}))


def _bases(endpoint: str) -> str:
    return " or ".join(dict.fromkeys((endpoint.rstrip("/"), PUBLIC)))
