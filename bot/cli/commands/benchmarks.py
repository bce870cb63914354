"""``benchmarks``: which boards there are."""

from __future__ import annotations

from bot.cli.terminal.options import Json
from bot.cli.terminal.output import write_json
from bot.cli.terminal.tables import show_table
from bot.cli.terminal.usage import Context, Section
from bot.core.render.clean import inert
from bot.core.render.numbers import some

SECTION, PLACE = Section.LOOK, 1

MOST_NAMED = 4
"""How many tasks of a benchmark a table names."""


def benchmarks(context: Context, as_json: Json = False) -> None:
    """List the Hub's official benchmarks, with names and tasks."""
    from bot.app import open_hub
    from bot.views.benchmarks import benchmarks as look_up

    settings = context.obj.settings()
    with open_hub(settings) as hub:
        found = look_up(settings, hub)
    if as_json:
        write_json(
            [
                {"id": one.id, "name": one.name, "gated": one.gated, "tasks": one.tasks}
                for one in found
            ]
        )
        return
    rows = [
        (
            inert(one.id),
            inert(one.name or ""),
            some([*map(inert, one.tasks or ())], MOST_NAMED),
            "gated" if one.gated else "",
            ", ".join(one.watches),
        )
        for one in found
    ]
    show_table(("Benchmark", "Name", "Tasks", "Access", "Watched by"), rows, whole=("Access",))
