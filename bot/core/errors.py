"""The exceptions of the program, one short family.

* ``BotError``: the base; its text is for people and never holds a URL, token or secret.

  * ``ConfigError``: the configuration or the command line cannot be used (exit status 2).

    * ``UnwatchedError``: no watch looks at the board that was named.

  * ``FetchError``: the Hub did not give an answer that can be used; carries a ``reason``.

    * ``GatedError``: the benchmark is gated and the token gives no access.
    * ``UnknownBenchmarkError``: the Hub has no such dataset or leaderboard.
    * ``NoColumnError``: the file over all benchmarks has no such column.
    * ``ParseError``: the answer is not a leaderboard.
    * ``QuotaError``: the Hub's rate limit is used up, for a time that is known.

  * ``StoreError``: the database cannot be used.

    * ``BusyError``: another program held it, or a row of it, for too long.

      * ``ConflictError``: a transaction was undone for another's sake, and may be run again.

    * ``DatabaseAddressError``: there can be none where ``database.url`` says (exit status 2).
    * ``MissingDatabaseError``: it is not there, or not set up.
    * ``NewerDatabaseError``: it was written by a newer program.
    * ``UnfinishedCopyError``: a copy of another database into it was not finished.

  * ``OutputError``: standard output cannot be written.

  * ``UnwritableError``: a file that was named cannot be written.

  * ``NotPolledError``: a board is watched, and nothing is stored of it yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from math import ceil

from bot.core.secret import hide_lookalikes


class BotError(Exception):
    """Base of all errors that are reported to people without a traceback."""


class ConfigError(BotError):
    """The configuration cannot be used; carries every problem that was found.

    ``problems`` are a line each, ``shown`` the same as a terminal shows them, in several lines
    where the file is quoted. What looks like a secret is hidden in them, wherever somebody put it.
    """

    def __init__(self, problems: Sequence[str], shown: Sequence[str] | None = None) -> None:
        self.problems = tuple(map(hide_lookalikes, problems))
        self.shown = self.problems if shown is None else tuple(map(hide_lookalikes, shown))
        super().__init__("\n".join(self.problems))


class UnwatchedError(ConfigError):
    """No watch looks at the board that was named."""


class OutputError(BotError):
    """Standard output cannot be written: the disk under it is full, or it was closed."""


class UnwritableError(BotError):
    """A file that was named cannot be written; ``error`` says why, ``path`` which."""

    def __init__(self, path: object, error: OSError) -> None:
        reason = f"{error.strerror}. Name another file."
        if isinstance(error, FileNotFoundError):
            reason = "its folder is not there; make it, or name another."
        super().__init__(f"{path} cannot be written: {reason}")


class NotPolledError(BotError):
    """A board is watched, and nothing is stored of it yet.

    ``board`` is its name as people write it; ``why`` what kept the last poll from it, if known.
    """

    def __init__(self, board: str, why: str | None = None) -> None:
        reason = f" (the last poll failed: {why})" if why else ""
        super().__init__(f"{board} was not polled yet{reason}")
        self.board = board


class FetchError(BotError):
    """The Hub did not give a usable answer.

    ``retry_after`` is the wait that the Hub asked for, if any; ``status`` what it answered, if it
    did.
    """

    def __init__(
        self, reason: str, *, retry_after: timedelta | None = None, status: int | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after
        self.status = status


class GatedError(FetchError):
    """The benchmark is gated and the request carried no token with access."""


class UnknownBenchmarkError(FetchError):
    """The Hub knows no dataset, or no leaderboard, of that name."""


class NoColumnError(FetchError):
    """The file over all benchmarks has no such column now; ``etag`` is that of the file."""

    def __init__(self, column: str, etag: str | None) -> None:
        super().__init__(f"the file over all benchmarks has no column {column}_score")
        self.etag = etag


class ParseError(FetchError):
    """The answer arrived but is not a leaderboard."""


class QuotaError(FetchError):
    """The Hub's rate limit is used up: nothing is to be asked for ``retry_after``."""

    def __init__(self, wait: timedelta, *, status: int | None = None) -> None:
        self.wait = timedelta(seconds=ceil(wait.total_seconds()))
        seconds = int(self.wait.total_seconds())
        text = f"the Hub's rate limit is used up, wait {seconds} s"
        super().__init__(text, retry_after=self.wait, status=status)


class StoreError(BotError):
    """The database cannot be opened, read or written."""


class BusyError(StoreError):
    """Another program held the database, or a row of it, for too long; it may be free soon."""


class DatabaseAddressError(StoreError):
    """No database can be where ``database.url`` says; ``flaw`` says why, and what to do."""

    def __init__(self, flaw: str) -> None:
        super().__init__(f"database.url: {flaw}.")
        self.flaw = flaw


class MissingDatabaseError(StoreError):
    """There is no database where one is looked for, or nothing is set up in it."""


class NewerDatabaseError(StoreError):
    """The database has a schema this program does not know."""


class UnfinishedCopyError(StoreError):
    """A copy of another database into this one was not finished: there is nothing in it yet."""

    def __init__(self) -> None:
        super().__init__(
            "A copy into this database was not finished, so there is nothing in it. Run "
            "`leaderboard-bot db copy` into it again, or set database.url back."
        )


class ConflictError(BusyError):
    """PostgreSQL undid a transaction for another's sake: it wrote nothing, and may be run again."""
