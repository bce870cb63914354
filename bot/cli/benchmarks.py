"""``benchmarks``: which boards there are."""

from __future__ import annotations

import typer

from bot.cli.options import Json
from bot.cli.output import clean, show_table, write_json
from bot.cli.session import Session


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(rich_help_panel="Look at what is known")(benchmarks)


def benchmarks(context: typer.Context, as_json: Json = False) -> None:
    """List the Hub's official benchmarks."""
    from bot.app import open_hub
    from bot.core.rules import covers

    session: Session = context.obj
    settings = session.settings()
    with open_hub(settings) as hub:
        found = hub.benchmarks()
    if as_json:
        write_json([{"id": one.id, "gated": one.gated} for one in found])
        return
    official = {one.id for one in found}
    rows = [
        (
            clean(one.id),
            "gated" if one.gated else "",
            ", ".join(w.name for w in settings.watches if covers(w, one.id, official)),
        )
        for one in found
    ]
    show_table(("Benchmark", "Access", "Watched by"), rows, whole=("Access",))
