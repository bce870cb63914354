"""``demo``: the real program, driven through the sample weeks."""

from __future__ import annotations

import shlex
import signal
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from bot.cli.terminal.output import write
from bot.cli.terminal.usage import Context, Section

if TYPE_CHECKING:
    from socket import socket

    from bot.demo.driven import Driven
    from bot.demo.replay import Program, Stage

SECTION, PLACE = Section.WATCH, 3

SERVE_EVERY = 5.0
"""Seconds between two polls of the sample Hub that stays up."""

PAGE = "See it as it happens: http://{}/race/SWE-bench/SWE-bench_Verified\n\n"
PORT = 8080
"""Where the page is, unless it is taken."""

SEEN = """\
In another terminal, commands read the same weeks:

  export LEADERBOARD_BOT_CONFIG={config}
  leaderboard-bot events --kind new_leader
  leaderboard-bot history SWE-bench/SWE-bench_Verified
  leaderboard-bot explain zai-org/GLM-5 SWE-bench/SWE-bench_Verified

"""

SERVING = """\
The sample Hub is at {endpoint}, and stays up until Ctrl-C. To watch it with a configuration of
your own, in a folder of its own, so that no sample rows enter a database of yours:

  cd "$(mktemp -d)"; unset LEADERBOARD_BOT_CONFIG
  export HF_ENDPOINT={endpoint} HF_TOKEN=sample
  leaderboard-bot poll
  leaderboard-bot show SWE-bench/SWE-bench_Verified

"""

STILL = "\nThe page stays up at http://{place}/, the sample Hub at {endpoint}; Ctrl-C ends both.\n"


def demo(
    context: Context,
    serve: Annotated[
        bool,
        typer.Option("--serve", help="Show the page; it and the sample Hub stay up until Ctrl-C."),
    ] = False,
    speed: Annotated[
        float, typer.Option(min=0.1, max=100.0, metavar="S", help="How many times as fast.")
    ] = 1.0,
    with_: Annotated[
        Path | None,
        typer.Option(
            "--with",
            metavar="CONFIG",
            exists=True,
            dir_okay=False,
            help="Play them through the watches and channels of a file of yours; nothing is sent.",
        ),
    ] = None,
) -> None:
    """Replay some weeks of sample leaderboards.

    Needs no network, token or configuration, and leaves nothing behind.
    """
    from bot.demo.driven import Driven
    from bot.demo.replay import RIGHTLY, WITH, run_demo

    context.obj.set_up_log("error")  # the sample Hub fails on purpose
    # Told to end, it leaves nothing behind; one that serves has no other end.
    ended = threading.Event()
    told_to = (lambda *_: ended.set()) if serve else signal.default_int_handler
    signal.signal(signal.SIGTERM, told_to)
    with _place() if serve else nullcontext() as bound:
        run_demo(
            lambda stage: Driven(stage, with_, ended, bound).opened(),
            lambda text: write(f"{text}\n"),
            ended.wait,
            speed=speed,
            beforehand=partial(_say_where, bound, own=with_ is not None) if bound else None,
            afterwards=partial(_go_on, bound, ended) if bound else None,
            of_quiet=WITH if with_ else RIGHTLY,
        )


@contextmanager
def _place() -> Iterator[socket]:
    """Take a place for the page: the usual one, or any that is free."""
    from bot.core.errors import BotError
    from bot.core.names.hosts import Listen
    from bot.web.server import bind

    try:
        bound = bind(Listen("127.0.0.1", PORT))
    except BotError:
        bound = bind(Listen("127.0.0.1", 0))
    with closing(bound):
        yield bound


def _say_where(bound: socket, stage: Stage, *, own: bool) -> None:
    """Say where the page and the sample Hub are; ``own`` if the watches are of a file of one's own.

    Then the sample's configuration would explain what is told by other watches.
    """
    from bot.web.server import place_of

    write(PAGE.format(place_of(bound)))
    if not own:
        write(SEEN.format(config=shlex.quote(str(stage.config))))
    write(SERVING.format(endpoint=stage.endpoint))


def _go_on(bound: socket, ended: threading.Event, program: Program) -> None:
    """Go on polling the sample Hub until the process is told to end."""
    from bot.web.server import place_of

    driven = cast("Driven", program)
    write(STILL.format(endpoint=driven.stage.endpoint, place=place_of(bound)))
    while not ended.wait(SERVE_EVERY):
        driven.poll(driven.now)
