"""The place of an SQLite file: what stands in the way of making or writing it, and whose it is."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from bot.core.errors import DatabaseAddressError, StoreError


def flaw(path: Path) -> str | None:
    """Say why there can be no database, as where a container made a folder in its place."""
    if _is_missing(path.parent):
        return f"the folder {path.parent} is not there; make it, or name another"
    # Unlike pathlib, these say no where nobody may look.
    if os.path.isdir(path):  # noqa: PTH112
        if path.suffix:  # a container makes one in the place of a file that is not there
            return f"{path} is a folder: remove it, and mount the folder that will hold the file"
        return f"{path} is a folder: name a file in it, such as {path / 'leaderboard-bot.db'}"
    if os.path.exists(path) and not os.path.isfile(path):  # noqa: PTH110, PTH113
        return f"{path} is no ordinary file: name another"
    return None


def refuse_flaw(path: Path) -> None:
    """Raise ``DatabaseAddressError`` where there can be no database."""
    if wrong := flaw(path):
        raise DatabaseAddressError(wrong)


def _is_missing(folder: Path) -> bool:
    """Tell whether a folder is not there; where nobody may look it may be."""
    try:
        folder.stat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return not folder.is_dir()


def refuse_unwritable(path: Path) -> None:
    """Refuse a file that this user could not make or write, without making or writing anything.

    Raises:
        DatabaseAddressError: no file can be there.
        StoreError: the sentence says what stands in the way.
    """
    refuse_flaw(path)
    real = path.resolve()
    file = [real] if os.path.exists(real) else []  # noqa: PTH110
    if not all(_may_write(one) for one in (*file, real.parent)):
        raise StoreError(not_writable(path))


def not_writable(path: Path) -> str:
    """Say why a file cannot be made or written, and what helps."""
    real = path.resolve()
    if os.path.exists(real) and not _may_write(real):  # noqa: PTH110
        return _not_ours(f"The database file {path}", real)
    if os.path.isdir(real.parent) and not _may_write(real.parent):  # noqa: PTH112
        return _not_ours(f"The folder {real.parent}, where the database belongs,", real.parent)
    return (
        f"The database file {path} cannot be made or written. Check that its folder exists and "
        "that this user may write there."
    )


def _may_write(place: Path) -> bool:
    """Tell whether this user may read and write a file, or make files in a folder."""
    wanted = os.R_OK | os.W_OK | (os.X_OK if place.is_dir() else 0)
    return os.access(place, wanted, effective_ids=os.access in os.supports_effective_ids)


def _not_ours(what: str, place: Path) -> str:
    if os.statvfs(place).f_flag & os.ST_RDONLY:
        return f"{what} is on a file system that is mounted read-only. Mount it to be written to."
    owner, me = place.stat().st_uid, os.geteuid()
    if owner == me:
        return f"{what} may not be written by this user. Let it: chmod u+rwX {place}"
    return (
        f"{what} is the user {_name(owner)}'s, and {_name(me)} may not write there. Run this "
        f"program as {_name(owner)}, or give it away: chown {_name(me)} {place}"
    )


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)  # as in a container
