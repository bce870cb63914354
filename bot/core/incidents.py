"""When people are told that something fails, and that it works again: once each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

BOARD = "board"
CHANNEL = "channel"
HUB = "hub"
DELIVERY = "delivery"
SOURCE = "source"
"""A file that boards are read from, where it has not changed for long."""
ROWS = "rows"
"""Under which it is kept that rows of a board cannot be read; told as the board's."""

UNREADABLE = "rows cannot be read"
"""What the error begins with where rows of a board cannot be read."""
LIST = "list of benchmarks"
"""What of the Hub fails where it cannot say which benchmarks there are."""
TOKEN = "token"  # noqa: S105 - the name under which the Hub's refusal of the token is kept
TOKEN_REFUSED = "the Hub refuses the token"  # noqa: S105
"""What the error begins with where the Hub refuses the token."""

LONGEST_PATIENCE = timedelta(hours=1)
"""No notice waits longer for others, however seldom boards are polled."""


class Incident(Struct, frozen=True, kw_only=True):
    """The health of one subject; ``failures`` in a row, 0 once it works again.

    ``subject`` is ``board``, ``channel``, ``delivery``, ``rows`` where some of a board cannot be
    read, ``source`` where a file has not changed for long, or ``hub`` where it gives no list of
    benchmarks or refuses the token; ``name`` tells which: a board's name, a channel's, a
    delivery's id, a dataset's. ``since`` is the first failure, ``at`` the last time that was
    counted or, at 0 failures, the recovery.
    ``told`` says that people know it to be failing. ``channel`` is whose delivery it is.
    ``paused`` says that a channel refuses everything and holds its deliveries: no count of
    failures is waited for then.
    """

    subject: str
    name: str
    failures: int
    since: datetime
    at: datetime
    error: str
    channel: str | None = None
    told: bool = False
    paused: bool = False


class Notice(Struct, frozen=True, kw_only=True):
    """One notice: ``about`` fail, or work again. Subject ``hub`` means all boards at once."""

    failing: bool
    subject: str
    about: tuple[Incident, ...]


def notices(
    incidents: Sequence[Incident],
    *,
    watched: int,
    after_failures: int,
    now: datetime,
    patience: timedelta,
    lasting: timedelta,
) -> tuple[Notice, ...]:
    """Return what is to be told now.

    Boards that fail (or recover) together make one notice, about the Hub where they are all
    ``watched`` boards and more than one. Boards are polled at different times, so a notice waits
    for others that are on the same way, but no longer than ``patience`` past the last poll of
    those that it is about, nor for more than twice ``after_failures``. Rows that cannot be read are
    told when they have been there for ``lasting``, for polls that find nothing new do not count
    them.
    """
    patience = min(patience, LONGEST_PATIENCE)
    boards = [incident for incident in incidents if incident.subject == BOARD]
    found = [
        *_boards_failing(boards, watched, after_failures, now, patience),
        *_boards_recovered(boards, watched, now, patience),
        *_rows([one for one in incidents if one.subject == ROWS], now - lasting),
    ]
    for incident in incidents:
        failing = _alone(incident, after_failures)
        if failing is not None and failing is not incident.told:
            found.append(Notice(failing=failing, subject=incident.subject, about=(incident,)))
    return tuple(found)


def is_token(incident: Incident) -> bool:
    """Tell whether this is the Hub's refusal of the token: no second look makes it truer."""
    return (incident.subject, incident.name) == (HUB, TOKEN)


def _alone(incident: Incident, after_failures: int) -> bool | None:
    """Tell whether what is told by itself fails; None where that is not to be told (yet)."""
    if incident.subject in (BOARD, ROWS):
        return None
    if incident.subject == DELIVERY:
        return True
    at_once = incident.paused or is_token(incident) or incident.subject == SOURCE
    if incident.failures and (at_once or incident.failures >= after_failures):
        return True
    return None if incident.failures else False


def _rows(incidents: Sequence[Incident], before: datetime) -> list[Notice]:
    """Return one notice of all boards whose rows cannot be read since then, one of the others."""
    ripe = [one for one in incidents if one.failures and not one.told and one.since <= before]
    well = [one for one in incidents if not one.failures and one.told]
    return [
        Notice(failing=failing, subject=ROWS, about=tuple(about))
        for failing, about in ((True, ripe), (False, well))
        if about
    ]


def _boards_failing(
    boards: Sequence[Incident],
    watched: int,
    after_failures: int,
    now: datetime,
    patience: timedelta,
) -> list[Notice]:
    ripe = [board for board in boards if board.failures >= after_failures and not board.told]
    if not ripe:
        return []
    last = max(board.since for board in ripe)
    on_the_way = any(
        0 < board.failures < after_failures and board.since <= last + patience for board in boards
    )
    soon = max(board.failures for board in ripe) < 2 * after_failures
    if on_the_way and soon and now < max(board.at for board in ripe) + patience:
        return []
    return [Notice(failing=True, subject=_subject(ripe, watched), about=tuple(ripe))]


def _boards_recovered(
    boards: Sequence[Incident], watched: int, now: datetime, patience: timedelta
) -> list[Notice]:
    well = [board for board in boards if not board.failures and board.told]
    if not well:
        return []
    still = any(board.failures and board.told for board in boards)
    if still and now < min(board.at for board in well) + patience:
        return []
    return [Notice(failing=False, subject=_subject(well, watched), about=tuple(well))]


def _subject(boards: Sequence[Incident], watched: int) -> str:
    return HUB if len(boards) == watched and watched > 1 else BOARD
