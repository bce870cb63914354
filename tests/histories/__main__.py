"""``python -m tests.histories NAME CLONE [CONFIG]``: prints what a history would have told.

Each version of the leaderboard becomes a board of the sample Hub, polled at the time of its commit;
where it changed, twice, as a poll every quarter of an hour would. ``CONFIG`` is a file of
``[[watch]]`` tables; without one the watch is the starter configuration's.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.config import Settings, load
from bot.demo.driven import Driven
from bot.demo.hub import SampleHub
from bot.demo.replay import Stage, Voice
from tests.histories.sources import SOURCES, Json

POLL = timedelta(minutes=15)
AFTER = 3
"""Polls of each version: what is doubted, or gone, must be seen again to be believed."""

CONFIG = """\
[hub]
endpoint = "{endpoint}"
token = "sample"
[database]
url = "sqlite:///history.db"
[channels.screen]
type = "console"
{watches}
"""
WATCH = """\
[[watch]]
name = "top ten"
benchmarks = ["official"]
top = 10
"""


class Replayed(Driven):
    """The program on a history, with watches of one's own."""

    def __init__(self, stage: Stage, watches: str) -> None:
        """Prepare the program; ``opened`` starts it."""
        super().__init__(stage)
        self.watches = watches

    def settings(self) -> Settings:
        """Return what the program runs with."""
        path = self.stage.directory / "config.toml"
        text = CONFIG.format(endpoint=self.stage.endpoint, watches=self.watches)
        path.write_text(text, encoding="utf-8")
        return load(path, {})


def _with_next(
    versions: Iterable[tuple[datetime, list[Json]]],
) -> Iterator[tuple[datetime, list[Json], datetime]]:
    """Yield each version with the time at which the next one came."""
    last = None
    for at, rows in versions:
        if last:
            yield *last, at
        last = at, rows
    if last:
        yield *last, datetime.max.replace(tzinfo=UTC)


def main(arguments: Sequence[str]) -> int:
    """Replay one history; return the exit status."""
    if len(arguments) not in {2, 3} or arguments[0] not in SOURCES:
        sys.stderr.write(f"{__doc__}\nNames: {', '.join(SOURCES)}\n")
        return 2
    name, clone = arguments[0], Path(arguments[1])
    watches = Path(arguments[2]).read_text() if len(arguments) > 2 else WATCH
    messages = 0

    def say(text: str) -> None:
        nonlocal messages
        messages += not text.startswith("\n==")
        sys.stdout.write(f"{text}\n")

    voice = Voice(say)
    with tempfile.TemporaryDirectory() as directory, SampleHub() as hub:
        stage = Stage(endpoint=hub.url, directory=Path(directory), say=voice, head=voice.tell)
        versions = 0
        with Replayed(stage, watches).opened() as program:
            for at, rows, until in _with_next(SOURCES[name].versions(clone)):
                versions += 1
                hub.add_benchmark(f"history/{name}", rows)
                for moment in (at + number * POLL for number in range(AFTER)):
                    if moment < until:
                        voice.head(f"\n== {moment:%Y-%m-%d %H:%M}, {len(rows)} rows")
                        program.poll(moment)
    sys.stdout.write(f"\n{versions} versions, {messages} messages\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
