"""The entry point: catches signals, and answers ``healthcheck``, before anything is loaded.

As process 1 a program gets no signal that it has not asked for, and loading takes half a second:
what comes then would be lost. Nothing is at stake yet, so the process ends at once.
"""

import os
import signal
import sys
from collections.abc import Mapping

from bot.location import split

INTERRUPTED = 130


def main() -> None:
    """Run the command that the process was started with, and end the process."""
    _, words = split(sys.argv[1:])
    is_daemon = words[:1] == ["run"]
    if is_daemon:
        _heed({signal.SIGINT: 0, signal.SIGTERM: 0, signal.SIGHUP: None})
    else:
        _heed({signal.SIGINT: INTERRUPTED})

    from bot.daemon import heartbeat

    if found := heartbeat.asked(sys.argv[1:], os.environ):
        sys.exit(heartbeat.answer(*found))

    from bot.cli import main as command

    try:
        # `run` takes its signals over by itself; what other commands have begun, they undo.
        command(_nothing if is_daemon else _raise_interrupts)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    finally:
        if not is_daemon:
            _heed({signal.SIGINT: INTERRUPTED})


def _nothing() -> None:
    """Do nothing."""


def _raise_interrupts() -> None:
    """Let SIGINT raise KeyboardInterrupt again, as Python begins."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _heed(signals: Mapping[signal.Signals, int | None]) -> None:
    """End on a signal with its exit status, or go on (None); what is ignored stays ignored."""

    def heed(number: int, _: object) -> None:
        status = signals[signal.Signals(number)]
        if status is not None:
            os._exit(status)

    for number in signals:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, heed)


if __name__ == "__main__":
    main()
