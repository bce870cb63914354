"""``mute add``, ``mute list`` and ``mute remove``: what channels are not told for a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.terminal.completion import boards, channels, models, mutes
from bot.cli.terminal.completion import listed as offered
from bot.cli.terminal.options import Json, listed, span
from bot.cli.terminal.output import say, write, write_json
from bot.cli.terminal.tables import show_table, when
from bot.cli.terminal.usage import Command, Context, Group, Section
from bot.core.render.clean import inert
from bot.core.render.numbers import plural, relative

if TYPE_CHECKING:
    from bot.core.kinds import Kind

SECTION, PLACE = Section.DELIVERIES, 3

group = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Hold events back from channels for a time.",
)


def _kinds() -> list[str]:
    from bot.core.kinds import Kind

    return [one.value for one in Kind]


@group.command(cls=Command)
def add(
    context: Context,
    benchmark: Annotated[
        str | None,
        typer.Option(
            metavar="GLOB",
            autocompletion=boards,
            help="Events of these benchmarks; with #TASK, of this task.",
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(metavar="GLOB", autocompletion=models, help="Events of these models."),
    ] = None,
    channel: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", autocompletion=channels, help="Only for this channel, not for all."
        ),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            metavar="KIND", autocompletion=offered(_kinds), help="Events that are of this kind."
        ),
    ] = None,
    lasting: Annotated[
        str, typer.Option("--for", metavar="SPAN", help="How long: 12h, 7d, 4w.")
    ] = "7d",
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why, for whoever lists it.")
    ] = None,
) -> None:
    """Hold back the events that meet all that is named.

    They stay in events, and the channel's next message says how many there were. At least one of
    --benchmark, --model, --channel and --kind is needed.
    """
    from bot.app import now
    from bot.core.alerts.mute import Mute
    from bot.jobs.commit import commit
    from bot.views.operation.in_words import mute_in_words
    from bot.views.operation.mutes import amiss, benchmark_meant, model_meant, no_channel, seen
    from bot.views.stored import opened

    if not (benchmark or model or channel or kind):
        context.fail("say what to mute: --benchmark, --model, --channel or --kind")
    length, its_kind = span(lasting, "--for"), _kind(kind)
    settings = context.obj.settings()
    if channel is not None and channel not in settings.channels:
        raise no_channel(channel, settings)
    with opened(settings) as store:
        there, at = seen(store, settings), now()
        new = Mute(
            id="",
            benchmark=benchmark and benchmark_meant(benchmark, settings.hub.endpoint, there),
            model=model and model_meant(model, settings.hub.endpoint, there),
            channel=channel,
            kind=its_kind,
            reason=reason,
            created_at=at,
            expires_at=at + length,
        )
        for sentence in amiss(new, settings, there):
            say(f"warning: {sentence}")
        added = commit(store, lambda db: db.mutes.add(new))
    write(f"Muted until {when(added.expires_at)}: {mute_in_words(added)} (mute {added.id}).\n")


@group.command("list", cls=Command)
def list_(context: Context, as_json: Json = False) -> None:
    """List the mutes that last.

    Held is how many events each has held back so far, each counted once a channel.
    """
    from bot.app import now
    from bot.views.operation.in_words import mute_in_words
    from bot.views.stored import opened

    with opened(context.obj.settings()) as store, store.read() as db:
        live = db.mutes.live(now())
    if as_json:
        write_json(live)
    elif not live:
        say("nothing is muted")
    else:
        rows = [
            (
                one.id,
                mute_in_words(one),
                relative(one.expires_at, now()),
                f"{one.held:,}",
                inert(one.reason or ""),
            )
            for one in live
        ]
        columns = ("Id", "Muted", "Ends", "Held", "Reason")
        show_table(columns, rows, whole=("Id", "Ends"), right=("Held",))


@group.command(cls=Command)
def remove(
    context: Context,
    id_: Annotated[
        str, typer.Argument(metavar="ID", autocompletion=mutes, help="A mute, as listed.")
    ],
) -> None:
    """End a mute. What it held back is not sent afterwards."""
    from bot.app import now
    from bot.jobs.commit import commit
    from bot.views.operation.in_words import mute_in_words
    from bot.views.operation.mutes import no_mute
    from bot.views.stored import opened

    with opened(context.obj.settings()) as store:
        at = now()
        with store.read() as db:
            live = {one.id: one for one in db.mutes.live(at)}
        if id_ not in live or not commit(store, lambda db: db.mutes.end(id_, at)):
            raise no_mute(id_, live.values())
    held = plural(live[id_].held, "event")
    write(f"Mute {id_} has ended; it held back {held}: {mute_in_words(live[id_])}.\n")


def _kind(written: str | None) -> Kind | None:
    from bot.core.kinds import Kind

    if written is None:
        return None
    found = listed([written], _kinds(), "--kind")
    if len(found) != 1:
        raise typer.BadParameter("name one kind; add a mute for each", param_hint="--kind")
    return Kind[found[0].upper()]
