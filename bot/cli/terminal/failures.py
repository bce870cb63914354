"""Failures as people see them: one clear message on standard error, and an exit status."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from shlex import quote
from typing import TYPE_CHECKING

import typer
from typer.exceptions import Abort, Exit, TyperException

from bot.cli.session import Session
from bot.cli.terminal.output import finish, say
from bot.core.errors import (
    BotError,
    ConfigError,
    DatabaseAddressError,
    FetchError,
    MissingDatabaseError,
    NotPolledError,
    UnwatchedError,
)
from bot.daemon.pool import NO_THREAD, is_want_of_threads

if TYPE_CHECKING:
    from bot.config import Settings

FAILED = 1
WRONG_USAGE = 2

TO_WATCH = " (write it into `benchmarks` of a [[watch]], then run: leaderboard-bot poll)"
"""What to do about a board that no watch looks at."""

USUAL_HUB = "huggingface.co"

LONGEST_ORIGIN = 2_000
"""Paths are shown whole; the names of files may be strangers' text all the same."""

log = logging.getLogger(__name__)


@contextmanager
def reported(session: Session) -> Iterator[None]:
    """Turn whatever ends the block into a message and an exit status."""
    try:
        yield
        finish()
    except TyperException:
        raise
    except (Exit, Abort):
        finish()
        raise
    except ConfigError as error:
        for problem in error.shown:
            complain(f"{problem}{TO_WATCH if isinstance(error, UnwatchedError) else ''}")
        raise typer.Exit(WRONG_USAGE) from None
    except DatabaseAddressError as error:
        _point_at(error, session)
        raise typer.Exit(WRONG_USAGE) from None
    except BotError as error:
        complain(f"{error}{_to_poll(error)}")
        if isinstance(error, MissingDatabaseError) and session.loaded:
            name_origin(session.loaded)
        if isinstance(error, FetchError) and session.loaded:
            name_hub(session.loaded.hub.endpoint)
        _detail(error, session)
        raise typer.Exit(FAILED) from None
    except Exception as error:  # noqa: BLE001 - a traceback is for those who ask for it
        complain(NO_THREAD if is_want_of_threads(error) else _unexpected(error, session))
        _detail(error, session)
        raise typer.Exit(FAILED) from None


def _to_poll(error: BotError) -> str:
    """Return the command that begins the history of a board that was not polled yet."""
    if isinstance(error, NotPolledError):
        return f"; run: leaderboard-bot poll {quote(error.board)}"
    return ""


def _point_at(error: DatabaseAddressError, session: Session) -> None:
    """Say where no database can be, with the place in the file that says so."""
    from bot.views.check import misplaced

    for problem in session.read.shown([misplaced(error.flaw)]) if session.read else [str(error)]:
        complain(problem)


def complain(text: str) -> None:
    """Say on standard error what is wrong."""
    say(f"leaderboard-bot: {text}")


def name_origin(settings: Settings) -> None:
    """Say which configuration and which database are used: it may not be the ones meant."""
    from bot.core.render.clean import clean

    say(clean(settings.origin(), LONGEST_ORIGIN))


def name_hub(endpoint: str) -> None:
    """Say which Hub was asked, where it is not the usual one."""
    from urllib.parse import urlsplit

    host = urlsplit(endpoint).netloc.rpartition("@")[2]
    if host != USUAL_HUB:
        say(f"the Hub was asked at {host} (hub.endpoint, else HF_ENDPOINT)")


def _unexpected(error: Exception, session: Session) -> str:
    # The text of a stranger's exception may hold an address or a secret: it is only logged.
    reason = f" ({error.strerror})" if isinstance(error, OSError) and error.strerror else ""
    what = f"unexpected {type(error).__name__}{reason}"
    return what if session.debugging else f"{what}; --log-level debug tells more"


def _detail(error: Exception, session: Session) -> None:
    if session.debugging:
        log.debug("the traceback, for a report:", exc_info=error)
