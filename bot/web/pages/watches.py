"""``/watches``: what is watched, for whom, when it is polled next, and what is muted of it."""

from __future__ import annotations

import shlex

from starlette.responses import Response

from bot.core.kinds import DEFAULT_KINDS, Kind
from bot.views.operation.watched import SeenWatch, seen_watches
from bot.web.answers import answer, check
from bot.web.lists import PARAMETERS, Part, onward, some
from bot.web.site import Asked

NAME = "watches"


def watches(asked: Asked) -> Response:
    """List the watches, and the commands that hold back what they tell."""
    check(asked, *PARAMETERS)
    now = asked.site.clock()
    part = some(asked, NAME, seen_watches(asked.store, asked.settings, now, polls=asked.site.polls))
    return answer(
        asked,
        Part([one.item for one in part.items], part.next),
        "watches.html",
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
