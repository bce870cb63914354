"""What a configuration meets outside: the Hub's boards and the channels, asked without effect."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from msgspec import Struct

from bot.cli.names import nearest
from bot.cli.output import clean
from bot.core.errors import FetchError, GatedError, UnknownBenchmarkError
from bot.core.model import BoardKey
from bot.core.rules import Watch, is_glob, pattern_covers, targets

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.hub.client import HubClient
    from bot.ports import Channel


class Probed(Struct, frozen=True, kw_only=True):
    """What was found; ``official`` is null where the Hub gave no list.

    ``of_hub`` says that the Hub, not only channels, has to do with the problems.
    """

    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    official: frozenset[str] | None
    of_hub: bool = False


def probe(settings: Settings) -> Probed:
    """Ask the Hub for every board that is watched, and each channel whether it can be reached."""
    from bot.app import build_channels, open_hub

    channels = build_channels(settings, sys.stdout)
    with open_hub(settings) as hub, ThreadPoolExecutor(settings.hub.concurrency) as pool:
        unreachable = pool.map(_unreachable, channels.values())
        official, no_list = _official(hub)
        boards = _failing(hub, settings, official or frozenset(), pool.map)
        problems = (*no_list, *boards, *filter(None, unreachable))
    warnings = () if official is None else _idle(settings.watches, official)
    return Probed(
        problems=problems,
        warnings=tuple(warnings),
        official=official,
        of_hub=bool(no_list or boards),
    )


def _official(hub: HubClient) -> tuple[frozenset[str] | None, Sequence[str]]:
    try:
        return frozenset(one.id for one in hub.benchmarks()), ()
    except FetchError as error:
        return None, (f"hub: cannot list the official benchmarks: {error}",)


Map = Callable[
    [Callable[[tuple[str, bool]], str | None], Iterable[tuple[str, bool]]], Iterable[str | None]
]


def _failing(
    hub: HubClient, settings: Settings, official: frozenset[str], side_by_side: Map
) -> list[str]:
    def one(target: tuple[str, bool]) -> str | None:
        name, derived = target
        try:
            hub.leaderboard(name, include_derived=derived, etag=None, digest=None)
        except FetchError as error:
            return _why(name, error, official)
        return None

    found = sorted(targets(settings.watches, official, settings.poll.every))
    reasons = list(side_by_side(one, found))
    if len(found) > 1 and reasons[0] and len(set(reasons)) == 1:
        return [f"all {len(found)} boards: {reasons[0]}"]
    return [
        f"{_where(settings.watches, name)}{BoardKey(name, None, derived).label}: {why}"
        for (name, derived), why in zip(found, reasons, strict=True)
        if why
    ]


def _where(watches: Sequence[Watch], name: str) -> str:
    """Return the key path of the first entry that names a benchmark, "" if only globs cover it."""
    for number, watch in enumerate(watches):
        for place, pattern in enumerate(watch.benchmarks):
            if not is_glob(pattern) and pattern_covers(pattern, name):
                return f"watch[{number}].benchmarks[{place}]: "
    return ""


def _why(name: str, error: FetchError, official: frozenset[str]) -> str:
    match error:
        case UnknownBenchmarkError():
            near = nearest(name, set(official) - {name})
            return f"the Hub has no such leaderboard{near}"
        case GatedError():
            return f"{error}; ask for access on its page, and set hub.token"
        case _:
            return str(error)


def _idle(watches: Sequence[Watch], official: frozenset[str]) -> Iterable[str]:
    for number, watch in enumerate(watches):
        for place, pattern in enumerate(watch.benchmarks):
            if is_glob(pattern) and not any(pattern_covers(pattern, name) for name in official):
                where = f"watch[{number}].benchmarks[{place}]"
                near = nearest(pattern, set(official))
                yield f"{where}: {clean(pattern)} stands for no official benchmark now{near}"


def _unreachable(channel: Channel) -> str | None:
    problem = channel.check()
    return f"channels.{channel.name}: {problem}" if problem else None
