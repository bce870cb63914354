"""What a configuration meets outside: the Hub's boards and the channels, asked without effect."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from msgspec import Struct

from bot.cli.asking import Asked, ask_boards, read_tasks
from bot.cli.oversights import oversights
from bot.cli.plans import stored_knowledge
from bot.core.alerts.scope import entry
from bot.core.alerts.watch import Known, Watch, boards
from bot.core.board import BoardKey
from bot.core.errors import FetchError, UnknownBenchmarkError
from bot.core.names.suggest import hint
from bot.core.render.clean import inert

if TYPE_CHECKING:
    from bot.channels.base import Channel
    from bot.config import Settings
    from bot.hub.client import HubClient


class Probed(Struct, frozen=True, kw_only=True):
    """What was found; ``known`` is null where the Hub gave no list of benchmarks.

    ``of_hub`` says that the Hub, not only channels, has to do with the problems; ``misnamed`` that
    it does not know a name of the configuration.
    """

    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    known: Known | None
    of_hub: bool = False
    misnamed: bool = False


def probe(settings: Settings) -> Probed:
    """Ask the Hub for every board that is watched, and each channel whether it can be reached."""
    from bot.app import build_channels, open_hub

    channels = [
        channel
        for name, channel in build_channels(settings, sys.stdout).items()
        if settings.channels[name].checked_offline is None
    ]
    with open_hub(settings) as hub, ThreadPoolExecutor(settings.hub.concurrency) as pool:
        unreachable = pool.map(_unreachable, channels)
        official, no_list = _official(hub)
        stored = stored_knowledge(settings).known
        known = read_tasks(settings, hub, pool, official or frozenset(), stored)
        watched = boards(settings.watches, known, settings.poll.every)
        asked = ask_boards(hub, pool, sorted(watched, key=lambda key: key.place))
        told = [*_no_token(hub), *_told(settings.watches, asked, known)]
        found = tuple(oversights(settings, known, asked, _asking(hub, pool)))
        problems = (*no_list, *told, *filter(None, unreachable))
    return Probed(
        problems=problems,
        warnings=found if official is not None else (),
        known=known if official is not None else None,
        of_hub=bool(no_list or told),
        misnamed=any(_is_misnamed(settings.watches, one) for one in asked),
    )


def _asking(
    hub: HubClient, pool: ThreadPoolExecutor
) -> Callable[[Sequence[BoardKey]], tuple[Asked, ...]]:
    return lambda keys: ask_boards(hub, pool, keys)


def _official(hub: HubClient) -> tuple[frozenset[str] | None, Sequence[str]]:
    try:
        return frozenset(one.id for one in hub.benchmarks()), ()
    except FetchError as error:
        return None, (f"hub: cannot list the official benchmarks: {error}",)


def _no_token(hub: HubClient) -> Sequence[str]:
    report = hub.token()
    return (f"hub.token: {report.problem}",) if report and report.problem else ()


def _told(watches: Sequence[Watch], asked: Sequence[Asked], known: Known) -> list[str]:
    """Say what is wrong with which board: once, where it is the same with all of them."""
    failing = [(one.key, one.error) for one in asked if one.error is not None]
    reasons = [_why(key, error, known) for key, error in failing]
    if len(failing) == len(asked) > 1 and len(set(reasons)) == 1:
        return [f"all {len(reasons)} boards: {reasons[0]}"]
    return [
        f"{_where(watches, key)}{inert(key.name)}: {why}"
        for (key, _), why in zip(failing, reasons, strict=True)
    ]


def _is_misnamed(watches: Sequence[Watch], asked: Asked) -> bool:
    """Tell whether the configuration itself, no glob in it, has a name that the Hub has not."""
    wrong = isinstance(asked.error, UnknownBenchmarkError) or (
        asked.error is not None and asked.error.status == 400  # noqa: PLR2004 - bad request
    )
    return wrong and bool(_where(watches, asked.key))


def _where(watches: Sequence[Watch], key: BoardKey) -> str:
    """Return the key path of the first entry that names a board, "" if only globs cover it."""
    return next((f"{place}: " for place in _places(watches, key)), "")


def _places(watches: Sequence[Watch], key: BoardKey) -> Iterator[str]:
    for number, watch in enumerate(watches):
        for place, written in enumerate(watch.benchmarks):
            one = entry(written)
            named = not one.is_glob and one.covers(key.benchmark)
            if named and one.task in (None, key.task):
                yield f"watch[{number}].benchmarks[{place}]"


def _why(key: BoardKey, error: FetchError, known: Known) -> str:
    tasks = known.tasks.get(key.benchmark)
    ids = set((tasks.ids if tasks else None) or ())
    if key.task is not None and error.status in (400, 404) and ids:
        return f"the Hub has no board of this task{_near_task(key, ids)}"
    if isinstance(error, UnknownBenchmarkError):
        near = hint(key.benchmark, set(known.official) - {key.benchmark})
        return f"the Hub has no such leaderboard{near}"
    return str(error)


def _near_task(key: BoardKey, ids: Iterable[str]) -> str:
    others = {BoardKey(key.benchmark, one).name for one in ids if one != key.task}
    return hint(BoardKey(key.benchmark, key.task).name, others)


def _unreachable(channel: Channel) -> str | None:
    problem = channel.check()
    return f"channels.{channel.name}: {problem}" if problem else None
