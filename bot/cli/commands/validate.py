"""``validate``: what is wrong with a configuration, and what it comes to."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from bot.cli.terminal.failures import FAILED, WRONG_USAGE, complain, name_hub
from bot.cli.terminal.output import say
from bot.cli.terminal.tables import show_table, when
from bot.cli.terminal.usage import Context, Section
from bot.core.errors import ConfigError
from bot.core.render.clean import inert
from bot.core.render.numbers import how_long, some

if TYPE_CHECKING:
    from bot.channels.base import Channel
    from bot.config import Examined, Problem, Settings
    from bot.core.alerts.watch import Known
    from bot.views.probe import Probed
    from bot.views.watches import Stored

SECTION, PLACE = Section.SET_UP, 2


def validate(
    context: Context,
    offline: Annotated[
        bool, typer.Option("--offline", help="Only the file: ask neither the Hub nor channels.")
    ] = False,
) -> None:
    """Check the configuration.

    Tells every problem at once; then what is watched, for whom, and when it is polled next.

    Online, also what a poll would meet: unknown benchmarks, gated boards without access, channels
    that cannot be reached. Exit status 2 where the configuration is wrong, an unknown benchmark
    included; 1 where something else failed.
    """
    from bot.app import build_channels, now
    from bot.views.check import refused, unusable
    from bot.views.probe import Probed
    from bot.views.stored import looked_up
    from bot.views.watches import Stored, stored_knowledge

    examined = context.obj.examined("error")
    settings = examined.usable
    channels = build_channels(settings, sys.stdout)
    wrong, failed = list(unusable(settings, channels)), list(refused(settings))
    stored = looked_up(settings, stored_knowledge, Stored())
    if examined.problems:
        raise _with_those_of_the_machine(examined, [*wrong, *failed], stored.known)
    context.obj.loaded = settings
    found = Probed() if offline else _probed(settings, channels, stored)
    for line in examined.lines(found.warnings):
        say(f"warning: {line}")
    _show(examined, stored, found.known, now())
    failed += found.problems
    for problem in examined.shown([*wrong, *failed]):
        complain(problem)
    if found.of_hub:
        name_hub(settings.hub.endpoint)
    if wrong or failed:
        raise typer.Exit(WRONG_USAGE if wrong or found.misnamed else FAILED)
    source = settings.source or "the built-in default"
    say(f"no problem found in {source}{' (nothing was asked online)' if offline else ''}")


def _with_those_of_the_machine(
    examined: Examined, found: list[Problem], known: Known | None
) -> ConfigError:
    """Return all problems of a file, with those of this machine that have to do with others."""
    from bot.views.check import recognized

    official = known.official if known else ()
    own = (recognized(problem, examined.tables, official) for problem in examined.problems)
    broken = {problem.path[:1] for problem in examined.problems}
    others = (one for one in found if one.path[:1] == ("channels",) or one.path[:1] not in broken)
    problems = (*own, *others)
    return ConfigError(examined.lines(problems), examined.shown(problems))


def _probed(settings: Settings, channels: Mapping[str, Channel], stored: Stored) -> Probed:
    from bot.app import now, open_hub
    from bot.views.probe import probe

    with open_hub(settings) as hub:
        return probe(settings, hub, channels, stored, now())


def _show(examined: Examined, stored: Stored, known: Known | None, now: datetime) -> None:
    """Write the effective watches; entries whose boards are not known stand for themselves."""
    from bot.views.check import hints, renamed, too_often, unmet
    from bot.views.operation.mutes import idle
    from bot.views.stored import looked_up
    from bot.views.watches import other_tasks, plan

    settings = examined.settings
    listed = known if known is not None else stored.known
    planned = plan(settings, listed)
    rows = [
        (
            inert(one.board),
            how_long(one.every),
            ", ".join(one.watches),
            ", ".join(one.channels),
            _next(stored.next_polls.get(one.key) if one.key else None, now),
        )
        for one in planned
    ]
    columns = ("Board", "Every", "Watches", "Channels", "Next poll")
    show_table(columns, rows, whole=("Every",))
    for benchmark, others in other_tasks(settings, listed) if listed else ():
        say(f"other tasks of {inert(benchmark)}: {some([*map(inert, others)])}")
    doubtful = unmet(settings, stored.known) if known is None and stored.known else ()
    for line in examined.lines([*doubtful, *too_often(settings, planned, stored.limit)]):
        say(f"warning: {line}")
    seen = stored if known is None else replace(stored, models=frozenset())
    renames = renamed(settings, listed) if listed else ()
    for line in examined.lines([*renames, *hints(settings, seen)]):
        say(f"hint: {line}")
    nothing: tuple[str, ...] = ()
    for sentence in looked_up(settings, lambda store: idle(store, settings, now), nothing):
        say(f"hint: {sentence}")


def _next(poll: datetime | None, now: datetime) -> str:
    return when(poll) if poll and poll > now else "at once"
