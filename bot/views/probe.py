"""What a configuration meets outside: the Hub's boards and the channels, asked without effect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial

from msgspec import Struct

from bot.channels.base import Channel
from bot.config import KeyPath, Problem, Settings
from bot.core.aggregate import DATASET, is_aggregate
from bot.core.alerts.benchmarks import entry, matches
from bot.core.alerts.watch import FormerIds, Known, Watch, boards, covers
from bot.core.board import BoardKey
from bot.core.errors import FetchError, NoColumnError, UnknownBenchmarkError
from bot.core.names.suggest import hint
from bot.core.render.clean import inert
from bot.jobs.ask import Hub
from bot.views.asking import Asked, ask_boards, read_tasks
from bot.views.check import unmet
from bot.views.watches import Stored

Ask = Callable[[Sequence[BoardKey]], tuple[Asked, ...]]


class Probed(Struct, frozen=True, kw_only=True):
    """What was found; ``known`` is null where the Hub gave no list of benchmarks, or was not asked.

    ``of_hub`` says that the Hub, not only channels, has to do with the problems; ``misnamed`` that
    it does not know a name of the configuration.
    """

    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    known: Known | None = None
    of_hub: bool = False
    misnamed: bool = False


def probe(
    settings: Settings,
    hub: Hub,
    channels: Mapping[str, Channel],
    stored: Stored,
    now: datetime,
) -> Probed:
    """Ask the Hub for every board that is watched, and each channel whether it can be reached.

    ``stored`` is what the database knows of the Hub.
    """
    asked_for = [
        channel
        for name, channel in channels.items()
        if settings.channels[name].checked_offline is None
    ]
    with ThreadPoolExecutor(settings.hub.concurrency) as pool:
        unreachable = pool.map(_unreachable, asked_for)
        official, no_list = _official(hub)
        known = read_tasks(settings, hub, pool, official or frozenset(), stored.known, now)
        watched = boards(settings.watches, known, settings.poll.every)
        asked = ask_boards(hub, pool, known, sorted(watched, key=lambda key: key.place))
        told = [*_no_token(hub), *_told(settings.watches, asked, known)]
        ask = partial(ask_boards, hub, pool, known)
        found = tuple(_oversights(settings, known, asked, ask, stored.former))
        problems = (*no_list, *told, *filter(None, unreachable))
    return Probed(
        problems=problems,
        warnings=found if official is not None else (),
        known=known if official is not None else None,
        of_hub=bool(no_list or told),
        misnamed=any(_is_misnamed(settings.watches, one, known) for one in asked),
    )


def _oversights(
    settings: Settings, known: Known, asked: Sequence[Asked], ask: Ask, former: FormerIds
) -> Iterator[Problem]:
    """Yield what looks like an oversight, by what the Hub has."""
    yield from unmet(settings, known)
    for one in asked:
        if one.answer is not None and not one.answer.results:
            text = f"{inert(one.key.name)} has no rows: nothing is told of it until it has some"
            yield Problem((), text)
    for number, watch in enumerate(settings.watches):
        for place, sentence in _absent_models(watch, known, asked, ask, former):
            yield Problem(("watch", number, "models", place), sentence)


def _official(hub: Hub) -> tuple[frozenset[str] | None, Sequence[Problem]]:
    try:
        return frozenset(one.id for one in hub.benchmarks()), ()
    except FetchError as error:
        text = f"cannot list the official benchmarks: {error}"
        return None, (Problem(("hub",), text),)


def _no_token(hub: Hub) -> Sequence[Problem]:
    report = hub.token()
    found = report.problem if report else None
    return (Problem(("hub", "token"), found),) if found else ()


def _told(watches: Sequence[Watch], asked: Sequence[Asked], known: Known) -> list[Problem]:
    """Say what is wrong with which board: once, where it is the same with all of them."""
    failing = [(one.key, one.error) for one in asked if one.error is not None]
    reasons = [_why(key, error, known) for key, error in failing]
    if len(failing) == len(asked) > 1 and len(set(reasons)) == 1:
        return [Problem((), f"all {len(reasons)} boards: {reasons[0]}")]
    return [
        Problem(_where(watches, key, known), f"{inert(key.name)}: {why}")
        for (key, _), why in zip(failing, reasons, strict=True)
    ]


def _is_misnamed(watches: Sequence[Watch], asked: Asked, known: Known) -> bool:
    """Tell whether the configuration itself, no glob in it, has a name that the Hub has not."""
    wrong = isinstance(asked.error, UnknownBenchmarkError | NoColumnError) or (
        asked.error is not None and asked.error.status == 400  # noqa: PLR2004 - bad request
    )
    return wrong and bool(_where(watches, asked.key, known))


def _where(watches: Sequence[Watch], key: BoardKey, known: Known) -> KeyPath:
    """Return the key path of the first entry that names a board, none if only globs cover it."""
    return next(_places(watches, key, known), ())


def _places(watches: Sequence[Watch], key: BoardKey, known: Known) -> Iterator[KeyPath]:
    for number, watch in enumerate(watches):
        for place, written in enumerate(watch.benchmarks):
            one = entry(written)
            named = (
                not one.is_glob
                and known.current(one.benchmark).casefold() == key.benchmark.casefold()
            )
            if named and one.task in (None, key.task):
                yield "watch", number, "benchmarks", place


def _why(key: BoardKey, error: FetchError, known: Known) -> str:
    if isinstance(error, NoColumnError):
        return f"{DATASET} has no such column{hint(key.benchmark, known.columns)}"
    tasks = known.tasks.get(key.benchmark)
    ids = set((tasks.ids if tasks else None) or ())
    if key.task is not None and error.status in (400, 404) and ids:
        return f"the Hub has no board of this task{_near_task(key, ids)}"
    if isinstance(error, UnknownBenchmarkError):
        near = hint(key.benchmark, set(known.official) - {key.benchmark})
        return f"the Hub has no such leaderboard{near}"
    return str(error)


def _near_task(key: BoardKey, ids: Iterable[str]) -> str:
    others = {one for one in ids if one != key.task}
    return hint(key.task or "", others, lambda one: inert(BoardKey(key.benchmark, one).name))


def _unreachable(channel: Channel) -> Problem | None:
    problem = channel.check()
    return Problem(("channels", channel.name), problem) if problem else None


def _absent_models(
    watch: Watch, known: Known, asked: Sequence[Asked], ask: Ask, former: FormerIds
) -> Iterator[tuple[int, str]]:
    """Yield the places of models that stand on none of the watch's boards."""
    mine = [one for one in asked if covers(watch, one.key, known)]
    if any(one.answer is None for one in mine):
        return  # they may stand on the board that cannot be asked for
    models = _models(mine, former)
    absent = [(n, p) for n, p in enumerate(watch.models) if not _any_match(p, models)]
    if not absent:
        return
    derived = () if watch.include_derived else ask([*map(_derived, _with_derived(mine))])
    more = _models(derived, former)
    for place, pattern in absent:
        if _any_match(pattern, more):
            yield place, f"{inert(pattern)} stands on these boards only with include_derived"
        else:
            near = hint(pattern, models)
            yield place, f"{inert(pattern)} stands on none of these boards now{near}"


def _models(asked: Sequence[Asked], former: FormerIds) -> set[str]:
    """Return the models of all rows, by any id that they have had."""
    models = {row.model for one in asked if one.answer for row in one.answer.results}
    return models.union(*(former.get(model, ()) for model in models))


def _any_match(pattern: str, models: set[str]) -> bool:
    return any(matches(pattern, model) for model in models)


def _with_derived(asked: Sequence[Asked]) -> list[BoardKey]:
    return [one.key for one in asked if not is_aggregate(one.key.benchmark)]


def _derived(key: BoardKey) -> BoardKey:
    return BoardKey(key.benchmark, key.task, include_derived=True)
