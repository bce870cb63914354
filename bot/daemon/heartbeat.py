"""The file that says that a daemon of this machine is alive. Loads next to nothing.

Each daemon touches a file of its own, whatever its database does; ``healthcheck`` looks at its
age. Which daemon it is stands in the name: the configuration's path, and the process.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from bot.location import configuration, split

FRESH = 60.0
"""Seconds for which a heartbeat counts; a daemon's heart beats every 10."""

NONE = "no daemon of this machine runs with {}; start one with: leaderboard-bot run"
OLD = "the daemon's last heartbeat was {} ago"
ALIVE = "The daemon is alive; its last heartbeat was {} ago."

_PRIVATE = 0o600


class Heart:
    """The heartbeat of this process, which runs with one configuration."""

    def __init__(self, named: str | None, environ: Mapping[str, str]) -> None:
        self._name = f"{_stem(named, environ)}{os.getpid()}.beat"
        self._environ = environ
        self._beat_at = time.monotonic()

    def beat(self) -> bool:
        """Touch the file in the first place that it can be in; False where there is none."""
        self._beat_at = time.monotonic()
        return any(_touch(os.path.join(place, self._name)) for place in _places(self._environ))

    def lives(self) -> bool:
        """Tell whether it has beaten of late, whatever became of the file; it does at first."""
        return time.monotonic() - self._beat_at < FRESH

    def stop(self) -> None:
        """Remove the file: nobody need wait to find this daemon dead."""
        for place in _places(self._environ):
            with suppress(OSError):
                os.unlink(os.path.join(place, self._name))


def look(named: str | None, environ: Mapping[str, str]) -> tuple[int, str]:
    """Return the exit status that says whether a daemon is alive, and the sentence for people."""
    ages = [time.time() - at for at in _beats(_stem(named, environ), environ)]
    if not ages:
        return 1, NONE.format(os.path.abspath(configuration(named, environ)))
    # A clock that was set back makes times of the future: they say nothing of now.
    age = min(map(abs, ages))
    return (0, ALIVE.format(_span(age))) if age < FRESH else (1, OLD.format(_span(age)))


def last_beat(named: str | None, environ: Mapping[str, str]) -> float | None:
    """Return when a daemon's heart last beat, in seconds since the epoch; None without one."""
    return max(_beats(_stem(named, environ), environ), default=None)


def asked(arguments: Sequence[str], environ: Mapping[str, str]) -> tuple[int, str] | None:
    """Answer a command line that is ``healthcheck``; None for any other, help and errors too."""
    named, words = split(arguments)
    return look(named, environ) if words == ["healthcheck"] else None


def answer(status: int, text: str) -> int:
    """Say it where it belongs, if anybody listens, and return the status."""
    stream = sys.stderr if status else sys.stdout
    with suppress(AttributeError, OSError):  # it may be closed
        stream.write(f"leaderboard-bot: {text}\n" if status else f"{text}\n")
        stream.flush()
    return status


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 2 * FRESH else f"{seconds / 60:.0f} min"


def _stem(named: str | None, environ: Mapping[str, str]) -> str:
    import hashlib

    path = os.fsencode(os.path.abspath(configuration(named, environ)))
    return f"leaderboard-bot-{hashlib.sha256(path).hexdigest()[:16]}-"


def _places(environ: Mapping[str, str]) -> Iterator[str]:
    named = (environ.get("RUNTIME_DIRECTORY"), environ.get("XDG_RUNTIME_DIR"))
    temporary = environ.get("TMPDIR") or "/tmp"  # noqa: S108 - no file is made there blindly
    yield from (place for place in (*named, temporary, os.curdir) if place)


def _touch(path: str) -> bool:
    """Make the file, or set its time to now; never through a link that somebody else put there."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        file = os.open(path, flags, _PRIVATE)
        try:
            if os.fstat(file).st_uid != os.geteuid():
                return False
            os.utime(file)
        finally:
            os.close(file)
    except OSError:
        return False
    return True


def _beats(stem: str, environ: Mapping[str, str]) -> Iterator[float]:
    """Yield when the files of this user that begin so were last touched."""
    for place in _places(environ):
        with suppress(OSError), os.scandir(place) as entries:
            for entry in entries:
                if entry.name.startswith(stem) and entry.name.endswith(".beat"):
                    with suppress(OSError):  # its daemon has just ended
                        found = entry.stat(follow_symlinks=False)
                        if found.st_uid == os.geteuid():
                            yield found.st_mtime
