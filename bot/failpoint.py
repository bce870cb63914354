"""Named points at which a test may kill the process. In normal use they do nothing.

With ``LEADERBOARD_BOT_FAILPOINT=17`` the process dies of SIGKILL at the 17th point that it comes
to, with ``="deliver: after a send"`` at the first one of that name; the name is written to standard
error before, and nothing is tidied up. With ``=names`` every name is written and nothing dies.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from itertools import count

VARIABLE = "LEADERBOARD_BOT_FAILPOINT"
ARMED = VARIABLE in os.environ
STDERR = 2


def _nothing(_name: str, /) -> None:
    """Do nothing."""


def _armed(plan: str) -> Callable[[str], None]:
    """Return what dies at the point that ``plan`` numbers or names, or writes every name."""
    numbers = count(1)

    def come_to(name: str, /) -> None:
        number = next(numbers)
        here = plan in (name, str(number))
        if here or plan == "names":
            os.write(STDERR, f"failpoint {number}: {name}\n".encode())
        if here:
            os.kill(os.getpid(), signal.SIGKILL)

    return come_to


hit: Callable[[str], None] = _armed(os.environ[VARIABLE]) if ARMED else _nothing
"""Say that a point is reached. Safe to call from several threads."""
