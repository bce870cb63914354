"""A process's name in claims, and what it tells once the process is dead.

A claim is a lease, so one that a killed process left behind ends by itself. Where its process is
known to be dead, nobody has to wait for that.
"""

from __future__ import annotations

import logging
import os
import socket
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

from bot.core.errors import StoreError
from bot.jobs.commit import commit
from bot.store import Store, Unit

log = logging.getLogger(__name__)

_UNKNOWN = "-"


def new_owner() -> str:
    """Return a name for this process, unlike any other's."""
    return f"{socket.gethostname()}:{os.getpid()}:{_place()}:{uuid4().hex[:8]}"


def is_dead(owner: str) -> bool:
    """Tell whether the process that had this name is known to be dead.

    False where it lives, and where that cannot be known: on another machine, in another
    container, before the last start of this machine, or where its number is used again.
    """
    host, number, place, *_ = [*owner.split(":"), "", ""]
    here = _place()
    if here == _UNKNOWN or (host, place) != (socket.gethostname(), here) or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False  # another user's, so it lives
    return False


def refuse_company(db: Unit, now: datetime) -> None:
    """Raise ``StoreError`` where another process is at work, for all that is known."""
    if others := sorted(one for one in db.at_work(now) if not is_dead(one)):
        host, number, *_ = [*others[0].split(":"), ""]
        raise StoreError(
            f"A `run` or a `poll` is at work on this database (process {number} on {host}), and "
            "would be half in the copy. Stop it, or wait for its end; what was killed elsewhere is "
            "forgotten within some minutes."
        )


def take_over(store: Store) -> None:
    """Give up the claims of processes that are known to be dead; raises ``StoreError``."""
    with store.read() as db:
        dead = [owner for owner in db.owners() if is_dead(owner)]
    for owner in dead:
        log.info("gives up what a killed process had claimed: %s", owner)
        commit(store, partial(Unit.release, owner=owner))


def _place() -> str:
    """Name the space in which process numbers mean something: this start, this container."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').stat().st_ino}"
    except (OSError, UnicodeError):
        return _UNKNOWN
