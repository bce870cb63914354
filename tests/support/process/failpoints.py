"""Named points at which the program is killed, put in from outside; run as a program, it is ours.

With ``LEADERBOARD_BOT_FAILPOINT=17`` the process dies of SIGKILL at the 17th point that it comes
to, with ``="deliver: after a send"`` at the first one of that name; the name is written to standard
error before, and nothing is tidied up. With ``=names`` every name is written and nothing dies.
Without it there are no points.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from functools import wraps
from itertools import count
from typing import Any

from sqlalchemy import Engine, Pool, event

VARIABLE = "LEADERBOARD_BOT_FAILPOINT"
STDERR = 2

Hit = Callable[[str], None]
"""Says that a point is reached. Safe to call from several threads."""


def arm(environ: Mapping[str, str]) -> None:
    """Put the points into the program that this process has imported, where they are asked for."""
    if plan := environ.get(VARIABLE):
        hit = _counted(plan)
        _around_transactions(hit)
        _around_jobs(hit)


def _counted(plan: str) -> Hit:
    """Return what dies at the point that ``plan`` numbers or names, or writes every name."""
    numbers = count(1)

    def hit(name: str) -> None:
        number = next(numbers)
        here = plan in (name, str(number))
        if here or plan == "names":
            os.write(STDERR, f"failpoint {number}: {name}\n".encode())
        if here:
            os.kill(os.getpid(), signal.SIGKILL)

    return hit


def _around_transactions(hit: Hit) -> None:
    """Come to a point before every statement, commit and rollback, and after a transaction."""
    listen = event.listen
    listen(Engine, "before_cursor_execute", lambda _c, _k, words, *_: hit(_statement(words)))
    # What listens to all engines hears of a commit before SQLite's own listener, which commits.
    listen(Engine, "commit", lambda _: hit("store: before a commit"))
    listen(Engine, "rollback", lambda _: hit("store: before a rollback"))
    listen(Pool, "checkin", lambda *_: hit("store: after a transaction"))


def _statement(text: str) -> str:
    words = text.split()
    near = next((words.index(w) + 1 for w in ("FROM", "INTO", "UPDATE") if w in words[:-1]), None)
    return f"store: {words[0].lower()} {words[near] if near else ''}".rstrip()


def _around_jobs(hit: Hit) -> None:
    """Come to a point before and after a fetch and a send, and after a settlement."""
    from bot.channels.webhook.channel import WebhookChannel
    from bot.hub.client import HubClient
    from bot.jobs.deliver import Deliverer

    _wrap(HubClient, "leaderboard", hit, "poll: before a fetch", "poll: after a fetch")
    _wrap(WebhookChannel, "send", hit, "deliver: before a send", "deliver: after a send")
    _wrap(Deliverer, "_attempt", hit, None, "deliver: after a settlement")


def _wrap(owner: type, name: str, hit: Hit, before: str | None, after: str) -> None:
    method = getattr(owner, name)

    @wraps(method)
    def wrapped(*given: Any, **named: Any) -> Any:
        if before:
            hit(before)
        came = method(*given, **named)
        hit(after)
        return came

    setattr(owner, name, wrapped)


if __name__ == "__main__":
    from bot.__main__ import main

    arm(os.environ)
    main()
