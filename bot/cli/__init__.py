"""The command line: a file a command, the only place that prints or picks exit statuses.

Data goes to standard output (through ``output``), everything else to standard error. What the
commands need is imported when they run: ``--help`` loads Typer and nothing else.
"""

import gc
import os
import sys
from collections.abc import Callable

from typer.completion import completion_init  # type: ignore[attr-defined]
from typer.main import get_command

from bot.cli.program import app
from bot.cli.terminal.completion import VARIABLE

GARBAGE = 50_000
"""New objects between two collections. Python's 700 costs a tenth of the time to start."""


def main(loaded: Callable[[], None] = lambda: None) -> None:
    """Run the command that the process was started with, and end the process.

    ``loaded`` is called once the command is about to begin.
    """
    from bot import log

    _open_closed_streams()
    gc.set_threshold(GARBAGE, 50, 50)
    log.catch_strays()
    # Else pydantic reads the metadata of every installed package, to find plugins we do not want.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # Where rich is installed, httpx loads its own command line with it; None stands for "absent".
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    if VARIABLE in os.environ:
        completion_init()
    loaded()
    # Called itself, the app puts Typer's hook for strays in the place of ours.
    get_command(app)(prog_name="leaderboard-bot")


def _open_closed_streams() -> None:
    """Put something in the place of each stream that the process was started without.

    Else a file that is opened later would get its number. What is written to standard output then
    fails as it would; what is said on standard error goes nowhere.
    """
    for name, how in (("stdin", os.O_RDONLY), ("stdout", os.O_RDONLY), ("stderr", os.O_WRONLY)):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, how)
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(nowhere, mode, encoding="utf-8"))  # noqa: SIM115, PTH123


__all__ = ["app", "main"]
