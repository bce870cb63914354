"""Logging to standard error, as text or JSON lines, with secrets taken out."""

from __future__ import annotations

import json
import logging
import os
import re
import select
import sys
import threading
import time
from collections.abc import Iterable
from types import TracebackType
from typing import TextIO

from bot.core.masking import Mask

OURS = "bot"
NOISY = ("httpx", "httpcore", "slack_sdk", "apscheduler", "urllib3", "alembic", "apprise",
         "huggingface_hub", "filelock", "asyncio", "httpx2", "httpcore2", "sqlalchemy")  # fmt: skip
"""Libraries that tell more than people want, some of it addresses that are secrets."""

FIELDS = ("board", "events", "channel", "delivery", "duration")
"""What a line may be about, given as its ``extra``; logs as JSON have each as a field.

``board`` is its name and task, ``events`` their number, ``delivery`` an id, ``duration`` seconds.
"""

MASK = "[secret]"

# All that a terminal might obey, but the end of a line.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")

log = logging.getLogger(__name__)


class RedactingFormatter(logging.Formatter):
    """Formats records with every known secret masked, wherever and however encoded it stands.

    Never raises: a record that cannot be formatted is told as far as it can be. A secret of a few
    letters is masked where it stands alone. What is logged cannot begin a line of its own: each
    line but the first is set in.
    """

    converter = staticmethod(time.gmtime)

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")
        self.masked = Mask(secrets, MASK)

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one text, tracebacks included, without secrets."""
        at, level = self.formatTime(record, self.datefmt), record.levelname
        text = "\n".join([f"{at} {level} {_message(record)}", *self.details(record).values()])
        return _CONTROL.sub(_escaped, self.masked(text)).replace("\n", "\n  ")

    def details(self, record: logging.LogRecord) -> dict[str, str]:
        """Return the traceback and the stack that a record carries, if any."""
        found: dict[str, str] = {}
        if record.exc_info:
            try:
                found["error"] = self.formatException(record.exc_info)
            except Exception:  # noqa: BLE001 - an exception's own text may fail
                found["error"] = f"{getattr(record.exc_info[0], '__name__', '?')} (without a text)"
        elif record.exc_text:
            found["error"] = record.exc_text
        if record.stack_info:
            found["stack"] = record.stack_info
        return found


class JsonFormatter(RedactingFormatter):
    """Formats records as JSON lines: ``at``, ``level``, ``logger``, ``message``, ``error``.

    What a line is about, of ``FIELDS``, stands there, too.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON without secrets."""
        line = {
            "at": self.formatTime(record, self.datefmt),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
            **{name: vars(record)[name] for name in FIELDS if vars(record).get(name) is not None},
            **self.details(record),
        }
        return json.dumps({key: self._safe(value) for key, value in line.items()})

    def _safe(self, value: object) -> float | str:
        return value if isinstance(value, int | float) else self.masked(str(value))


class QuietHandler(logging.Handler):
    """Writes records to a stream, and never waits for whoever reads it.

    Where nobody reads, or it cannot be written, records are dropped and counted; the next one that
    can be written says how many. Nothing else is said, as it would not be masked.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._dropped = 0
        self._is_cut = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record, or count it."""
        try:
            lines = [self.format(record)]
            if self._dropped:
                lines.insert(0, self.format(_lost(self._dropped)))
            self._write("\n" * self._is_cut + "".join(f"{line}\n" for line in lines))
        except Exception:  # noqa: BLE001 - a log that fails must not fail what it tells of
            self._dropped += 1
        else:
            self._dropped = 0

    def _write(self, text: str) -> None:
        try:
            file = self._stream.fileno()
        except (OSError, AttributeError):  # a stream of Python alone
            self._stream.write(text)
            self._stream.flush()
            return
        data = text.encode(self._stream.encoding or "utf-8", "backslashreplace")
        while data:
            if not _has_room(file):
                raise BlockingIOError
            # A pipe that has room takes as much without waiting.
            data = data[os.write(file, data[: select.PIPE_BUF]) :]
            self._is_cut = bool(data)


def _has_room(file: int) -> bool:
    poll = select.poll()
    poll.register(file, select.POLLOUT)
    return any(event & select.POLLOUT for _, event in poll.poll(0))


def _lost(count: int) -> logging.LogRecord:
    text = "%s lines of the log are lost: nobody read standard error, or it could not be written"
    return logging.LogRecord(OURS, logging.WARNING, __file__, 0, text, (count,), None)


def set_up(level: str, style: str, secrets: Iterable[str] = ()) -> None:
    """Send logs of ``level`` and above to standard error, ``style`` being ``text`` or ``json``.

    Libraries are heard from ``warning`` on, whatever the level. May be called again, as after a
    reload with other secrets.
    """
    formatter = JsonFormatter(secrets) if style == "json" else RedactingFormatter(secrets)
    handler = QuietHandler(sys.stderr)
    handler.setFormatter(formatter)
    wanted = logging.getLevelNamesMapping()[level.upper()]
    root = logging.getLogger()
    root.handlers = [handler]
    levels = {None: max(wanted, logging.WARNING), OURS: wanted}
    for name, one in (levels | dict.fromkeys(NOISY, logging.WARNING)).items():
        logger = logging.getLogger(name)
        if logger.level != one:  # to set one costs a look at all that there are
            logger.setLevel(one)


def catch_strays() -> None:
    """Send what nobody catches, in any thread, through the log: Python's own way masks nothing."""

    def stray(
        kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shown = error if error is not None else kind()
        log.error("unexpected %s", kind.__name__)
        log.debug("the traceback, for a report:", exc_info=(kind, shown, trace))

    def interrupted_or_stray(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            stray(kind, error, trace)

    sys.excepthook = interrupted_or_stray
    threading.excepthook = lambda args: stray(args.exc_type, args.exc_value, args.exc_traceback)
    sys.unraisablehook = lambda args: stray(args.exc_type, args.exc_value, args.exc_traceback)
    logging.captureWarnings(capture=True)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - logging would print it itself, unmasked
        return f"{_shown(record.msg)} {_shown(record.args)}"


def _shown(thing: object) -> str:
    try:
        return thing if isinstance(thing, str) else repr(thing)
    except Exception:  # noqa: BLE001 - a repr may do anything
        return f"<{type(thing).__name__}>"


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()
