"""``/boards/NAMESPACE/NAME``: a board as it stands, or as it stood on any day."""

from __future__ import annotations

from datetime import datetime

from starlette.responses import Response

from bot.core.board import BoardKey
from bot.core.names.moments import end_of
from bot.views.boards import FoundBoard, ShownRow
from bot.views.seen.board import SeenBoard, seen_board
from bot.web.answers import Table, answer, check
from bot.web.refusal import BAD_REQUEST, Refused
from bot.web.site import Asked

PARAMETERS = ("task", "derived", "at")
COLUMNS = (
    "rank", "model", "variant", "value", "verified", "pull_request", "notes", "source_name",
    "source_url", "parameters", "last_change",
)  # fmt: skip


def board(asked: Asked) -> Response:
    """Show a board's rows, how far each has moved, and what leads to more of it."""
    check(asked, *PARAMETERS, table=True)
    now, at = asked.site.clock(), past(asked)
    found, seen = look(asked, now, at)
    others = [key for key in found.boards if key != found.key and _is_alike(key, found.key)]
    table = Table(COLUMNS, map(record, seen.rows))
    shown = {"key": found.key, "others": others, "at": at, "shown_at": min(at or now, now)}
    return answer(
        asked, seen, "board.html", table, endpoint=asked.endpoint, **shown, **_days(seen, now, at)
    )


def look(asked: Asked, now: datetime, at: datetime | None) -> tuple[FoundBoard, SeenBoard]:
    """Return the board that a path names.

    Raises:
        BotError: there is no such board for this visitor, or nothing is stored of it or of that
            time.
    """
    return seen_board(
        asked.store,
        asked.settings,
        written(asked),
        derived=asked.flag("derived"),
        now=now,
        at=at,
        visible=asked.visible(),
    )


def written(asked: Asked) -> str:
    """Return the name of the board that a path and its ``?task=`` mean."""
    task = asked.parameter("task")
    return BoardKey(asked.request.path_params["name"], task).name


def past(asked: Asked) -> datetime | None:
    """Return the moment that ``?at=`` says; None where it is not given.

    Raises:
        Refused: it is none of the past.
    """
    text = asked.parameter("at")
    try:
        return None if text is None else end_of(text, asked.site.clock())
    except ValueError as error:
        raise Refused(BAD_REQUEST, f"at: {error}") from None


def _is_alike(key: BoardKey, shown: BoardKey) -> bool:
    return key.benchmark == shown.benchmark


def record(row: ShownRow) -> dict[str, object]:
    """Return a row as a line of CSV."""
    values = {name: getattr(row, name, None) for name in COLUMNS}
    source = row.source
    return {
        **values,
        "source_name": source.name if source else None,
        "source_url": source.url if source else None,
    }


def _days(seen: SeenBoard, now: datetime, at: datetime | None) -> dict[str, str]:
    """Return the first day that can be shown, the last, and the one that is."""
    first = seen.baseline_at or now
    return {
        "first_day": f"{first:%Y-%m-%d}",
        "last_day": f"{now:%Y-%m-%d}",
        "shown_day": f"{min(at or now, now):%Y-%m-%d}",
    }
