"""``/watches``: what is watched, for whom, when it is polled next, and what is muted of it."""

from __future__ import annotations

import shlex

from starlette.responses import Response

from bot.core.kinds import DEFAULT_KINDS, Kind
from bot.views.operation.watched import SeenWatch, WatchItem, seen_watches
from bot.web.answers import Table, answer, check
from bot.web.lists import PARAMETERS, Part, onward, some
from bot.web.site import Asked

NAME = "watches"
COLUMNS = ("watch", "boards", "channels", "next_poll_at", "muted")


def watches(asked: Asked) -> Response:
    """List the watches, and the commands that hold back what they tell."""
    check(asked, *PARAMETERS, table=True)
    now = asked.site.clock()
    part = some(asked, NAME, seen_watches(asked.store, asked.settings, now, polls=asked.site.polls))
    items = [one.item for one in part.items]
    return answer(
        asked,
        Part(items, part.next),
        "watches.html",
        Table(COLUMNS, map(_record, items)),
        seen=[(one, _mute(one)) for one in part.items],
        usual=DEFAULT_KINDS,
        every=frozenset(Kind) - {Kind.RANK_SHIFT},
        now=now,
        next_path=onward(asked, part.next),
    )


def _mute(seen: SeenWatch) -> str | None:
    """Return the command that mutes the first board of a watch; None where it has none."""
    if not seen.boards:
        return None
    board = seen.boards[0].name.removesuffix("+derived")
    told = ["leaderboard-bot", "mute", "add", "--benchmark", board, "--for", "7d"]
    return shlex.join(told)


def _record(item: WatchItem) -> dict[str, object]:
    """Return a watch as a line: lists of names with spaces between, and how many mutes hold."""
    return {
        "watch": item.watch,
        "boards": " ".join(item.boards),
        "channels": " ".join(item.channels),
        "next_poll_at": item.next_poll_at,
        "muted": len(item.muted),
    }
