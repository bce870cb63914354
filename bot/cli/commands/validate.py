"""``validate``: what is wrong with a configuration, and what it comes to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from bot.cli.session import Session
from bot.cli.terminal.failures import FAILED, WRONG_USAGE, complain, name_hub
from bot.cli.terminal.output import how_long, say, show_table, when
from bot.cli.terminal.usage import Section
from bot.core.render.clean import inert

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.core.alerts.watch import Known

SECTION, PLACE = Section.SET_UP, 2


def validate(
    context: typer.Context,
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
    from bot.cli.unusable import unusable

    session: Session = context.obj
    settings = session.settings("error")
    wrong = list(unusable(settings))
    problems: Sequence[str] = ()
    known: Known | None = None
    of_hub = misnamed = False
    if not offline:
        from bot.cli.probing import probe

        found = probe(settings)
        problems, known = found.problems, found.known
        of_hub, misnamed = found.of_hub, found.misnamed
        for warning in found.warnings:
            say(f"warning: {warning}")
    _show(settings, known)
    for problem in (*wrong, *problems):
        complain(problem)
    if of_hub:
        name_hub(settings.hub.endpoint)
    if wrong or problems:
        raise typer.Exit(WRONG_USAGE if wrong or misnamed else FAILED)
    source = settings.source or "the built-in default"
    say(f"no problem found in {source}{' (nothing was asked online)' if offline else ''}")


def _show(settings: Settings, known: Known | None) -> None:
    """Write the effective watches; entries whose boards are not known stand for themselves."""
    from bot.app import now
    from bot.cli.oversights import unmet
    from bot.cli.plans import hints, other_tasks, plan, stored_knowledge
    from bot.core.render.figures import some

    stored, moment = stored_knowledge(settings), now()
    listed = known if known is not None else stored.known
    rows = [
        (
            inert(one.board),
            how_long(one.every),
            ", ".join(one.watches),
            ", ".join(one.channels),
            _next(stored.next_polls.get(one.key) if one.key else None, moment),
        )
        for one in plan(settings, listed)
    ]
    columns = ("Board", "Every", "Watches", "Channels", "Next poll")
    show_table(columns, rows, whole=("Every",))
    for benchmark, others in other_tasks(settings, listed) if listed else ():
        say(f"other tasks of {inert(benchmark)}: {some([*map(inert, others)])}")
    for sentence in unmet(settings, stored.known) if known is None and stored.known else ():
        say(f"warning: {sentence}")
    for hint in hints(settings, stored if known is None else replace(stored, models=frozenset())):
        say(f"hint: {hint}")


def _next(poll: datetime | None, now: datetime) -> str:
    return when(poll) if poll and poll > now else "at once"
