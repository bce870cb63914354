"""What a configuration meets outside: the Hub's boards and the channels, asked without effect."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from msgspec import Struct

from bot.cli.names import nearest
from bot.cli.output import clean
from bot.core.errors import FetchError, UnknownBenchmarkError
from bot.core.model import BoardKey
from bot.core.rules import Watch, is_glob, pattern_covers, targets

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.hub.client import HubClient
    from bot.ports import Channel

Target = tuple[str, bool]
"""A benchmark, and whether its board is the one with derived models."""


class Probed(Struct, frozen=True, kw_only=True):
    """What was found; ``official`` is null where the Hub gave no list.

    ``of_hub`` says that the Hub, not only channels, has to do with the problems; ``misnamed`` that
    it does not know a name of the configuration.
    """

    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    official: frozenset[str] | None
    of_hub: bool = False
    misnamed: bool = False


def probe(settings: Settings) -> Probed:
    """Ask the Hub for every board that is watched, and each channel whether it can be reached."""
    from bot.app import build_channels, open_hub
    from bot.config import Apprise

    # Of Apprise's, nothing can be asked without sending.
    channels = [
        channel
        for name, channel in build_channels(settings, sys.stdout).items()
        if not isinstance(settings.channels[name], Apprise)
    ]
    with open_hub(settings) as hub, ThreadPoolExecutor(settings.hub.concurrency) as pool:
        unreachable = pool.map(_unreachable, channels)
        official, no_list = _official(hub)
        found = sorted(targets(settings.watches, official or (), settings.poll.every))
        errors = list(pool.map(lambda target: _asked(hub, target), found))
        failing = [(target, error) for target, error in zip(found, errors, strict=True) if error]
        boards = _told(settings, failing, official or frozenset(), whole=len(failing) == len(found))
        no_token = _no_token(hub)
        problems = (*no_token, *no_list, *boards, *filter(None, unreachable))
    return Probed(
        problems=problems,
        warnings=tuple(_idle(settings.watches, official)) if official is not None else (),
        official=official,
        of_hub=bool(no_token or no_list or boards),
        misnamed=any(_is_misnamed(settings.watches, *one) for one in failing),
    )


def _official(hub: HubClient) -> tuple[frozenset[str] | None, Sequence[str]]:
    try:
        return frozenset(one.id for one in hub.benchmarks()), ()
    except FetchError as error:
        return None, (f"hub: cannot list the official benchmarks: {error}",)


def _no_token(hub: HubClient) -> Sequence[str]:
    report = hub.token()
    return (f"hub.token: {report.problem}",) if report and report.problem else ()


def _asked(hub: HubClient, target: Target) -> FetchError | None:
    name, derived = target
    try:
        hub.leaderboard(name, include_derived=derived, etag=None, digest=None)
    except FetchError as error:
        return error
    return None


def _told(
    settings: Settings,
    failing: Sequence[tuple[Target, FetchError]],
    official: frozenset[str],
    *,
    whole: bool,
) -> list[str]:
    """Say what is wrong with which board: once, where it is the same with the ``whole`` of them."""
    reasons = [_why(name, error, official) for (name, _), error in failing]
    if whole and len(reasons) > 1 and len(set(reasons)) == 1:
        return [f"all {len(reasons)} boards: {reasons[0]}"]
    return [
        f"{_where(settings.watches, name)}{BoardKey(name, None, derived).label}: {why}"
        for ((name, derived), _), why in zip(failing, reasons, strict=True)
    ]


def _is_misnamed(watches: Sequence[Watch], target: Target, error: FetchError) -> bool:
    """Tell whether the configuration itself, no glob in it, has a name that the Hub has not."""
    return isinstance(error, UnknownBenchmarkError) and bool(_where(watches, target[0]))


def _where(watches: Sequence[Watch], name: str) -> str:
    """Return the key path of the first entry that names a benchmark, "" if only globs cover it."""
    for number, watch in enumerate(watches):
        for place, pattern in enumerate(watch.benchmarks):
            if not is_glob(pattern) and pattern_covers(pattern, name):
                return f"watch[{number}].benchmarks[{place}]: "
    return ""


def _why(name: str, error: FetchError, official: frozenset[str]) -> str:
    if isinstance(error, UnknownBenchmarkError):
        return f"the Hub has no such leaderboard{nearest(name, set(official) - {name})}"
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
