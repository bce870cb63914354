"""One database, one Hub, one receiver: what is changed there, and what has to come of it."""

from __future__ import annotations

import re
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.app import now
from bot.core.board import BoardKey
from bot.store import Store, check, open_dry, open_existing, state
from bot.views.boards import stored_rows
from tests.support.hub.fake_hub import EVERYTHING, SampleHub, board
from tests.support.process import failpoints
from tests.support.process.fork_server import ForkServer, fresh
from tests.support.process.installation import SECRET, environment
from tests.support.store import reads
from tests.support.store.migrated import place
from tests.support.store.units import retry
from tests.torture.listener import Alert, Change, Listener
from tests.torture.tally import Tally

CHANNELS = ("hook", "other")
KILLED = -9
LIMIT = 30.0
"""Seconds after which a run hangs."""

CONFIGURATION = """
[hub]
endpoint = "{hub}"
token = "hf_test"
timeout = "5s"
[database]
url = "{database}"
[poll]
every = "1s"
[[watch]]
name = "all"
benchmarks = {benchmarks}
events = "all"
"""

CHANNEL = """
[channels.{name}]
type = "webhook"
url = "{url}/{name}"
secret = "{secret}"
allow_private = true
"""


class Trial:
    """Boards that change, runs that are killed, and the account of what was told.

    The Hub and the receiver live in this process: they outlive every run. ``keys`` are those of
    the channels, beside what all have.
    """

    def __init__(
        self,
        folder: Path,
        url: str,
        hub: SampleHub,
        fork_server: ForkServer,
        boards: int = 1,
        keys: str = "",
    ) -> None:
        self.url = url
        self.hub = hub
        self.tally = Tally()
        self.benchmarks = [f"acme/board-{number}" for number in range(boards)]
        self.scores = {"acme/a": 80.0, "acme/b": 79.0, "acme/c": 50.0, "acme/d": 40.0}
        self.listener = Listener()
        self._keys = keys
        self._folder = folder
        self._fork_server = fork_server
        self._log = ""
        self._expected: set[Change] = set()
        self._open: Counter[str] = Counter()

    @contextmanager
    def running(self) -> Iterator[Trial]:
        """Listen, write the configuration, put rows on the boards."""
        with self.listener:
            text = CONFIGURATION.format(
                hub=self.hub.url, database=self.url, benchmarks=self.benchmarks
            )
            for name in CHANNELS:
                text += CHANNEL.format(name=name, url=self.listener.url, secret=SECRET)
                text += self._keys
            (self._folder / "config.toml").write_text(text)
            self._publish()
            yield self
            self.tally.faults += self.listener.faults
            self._account()

    def begin(self) -> None:
        """Poll for the first time; a file is there by then, for to make it takes longer."""
        if self.url.startswith("sqlite"):
            place(self._folder / "bot.db")
        self.run("poll")

    def change(self) -> None:
        """Let the second model take the lead on every board, and the third one improve."""
        second = min(("acme/a", "acme/b"), key=lambda model: self.scores[model])
        self.scores[second] += 2
        self.scores["acme/c"] = round(self.scores["acme/c"] + 0.001, 3)
        self._publish()
        for benchmark in self.benchmarks:
            for kind, model in (("new_leader", second), ("score_change", "acme/c")):
                self._expected.add(Change(benchmark, kind, model, self.scores[model]))
                self.tally.changes += 1

    def upset(self, fault: str) -> None:
        """Let something outside fail: "hub down", "refuses", "cuts", or nothing."""
        if fault == "hub down":
            self.hub.fail(EVERYTHING, 503)
            self.tally.faults += 1
        self.listener.behaviour = fault if fault in ("refuses", "cuts") else "well"

    def strike(
        self,
        command: str = "poll",
        *,
        failpoint: str = "",
        life: float = LIMIT,
        own_interpreter: bool = False,
    ) -> bool:
        """Run a command that is to be killed; say whether it was."""
        status: int | str
        if own_interpreter:
            status = self._end_of_fresh(command, failpoint)
        else:
            status = self._end(command, failpoint=failpoint, life=life)
        self._count(status, own_interpreter=own_interpreter)
        self._note_open()
        return status == KILLED

    def settle(self) -> None:
        """End all faults, run once more unharmed, and judge."""
        self.hub.recover()
        self.upset("")
        waiting = self._waiting()
        if waiting:
            with closing(open_existing(self.url)) as store:
                retry(store, waiting, now())
        self.run("poll")
        while self.await_end():
            self.run("poll")
        self.judge()

    def await_end(self) -> bool:
        """Wait until what is collected is to be told; say whether anything is."""
        with _peek(self.url) as store:
            closing_times = [one.closes_at for one in reads.windows(store)] if store else []
        if closing_times:
            threading.Event().wait((max(closing_times) - now()).total_seconds())
        return bool(closing_times)

    def run_twice(self, *arguments: str) -> None:
        """Run a command that must succeed in two processes at once."""
        with ThreadPoolExecutor(2) as pool:
            for ended in [pool.submit(self._end, *arguments) for _ in range(2)]:
                self._count(ended.result(), own_interpreter=False)

    def run(self, *arguments: str) -> None:
        """Run a command that must succeed."""
        status = self._end(*arguments)
        if status != 0:
            self._complain(f"{arguments} ended with {status} instead of 0: {self._log[-500:]}")

    def _end(self, *arguments: str, failpoint: str = "", life: float = LIMIT) -> int | str:
        """Run a command, killed when its life is over; return its exit status, or "hung"."""
        environ = armed(failpoint)
        forked = self._fork_server.start(self._arguments(*arguments), self._folder, environ)
        try:
            status: int | str = forked.wait(life)
        except subprocess.TimeoutExpired:
            forked.kill()
            status = "hung" if life == LIMIT else forked.wait()
        self._log = "".join(forked.communicate())
        return status

    def _end_of_fresh(self, command: str, failpoint: str) -> int:
        program = failpoints.__name__
        done = fresh(self._arguments(command), self._folder, armed(failpoint), program)
        self._log = done.stdout + done.stderr
        return done.returncode

    def _arguments(self, *arguments: str) -> list[str]:
        return ["--config", str(self._folder / "config.toml"), *arguments]

    def _publish(self) -> None:
        for benchmark in self.benchmarks:
            self.hub.set(benchmark, board(*self.scores.items()))

    def _count(self, status: int | str, *, own_interpreter: bool) -> None:
        if "Traceback" in self._log or status not in (0, 1, KILLED):
            self._complain(f"ended with {status}: {self._log[-500:]}")
        if status != KILLED:
            return
        self.tally.faults += 1
        point = re.search(r"^failpoint \d+: (.*)", self._log, re.MULTILINE)
        how = "at a failpoint" if point else "at a random moment"
        self.tally.kills[f"{how}, own interpreter" if own_interpreter else how] += 1
        if point:
            self.tally.points[point[1]] += 1

    def _note_open(self) -> None:
        """Note what the receiver may have and we have no record of: the window for repeats."""
        self._open.update(self._waiting())

    def _waiting(self) -> Sequence[str]:
        with _peek(self.url) as store:
            return [one.id for one in reads.deliveries(store, ["pending"])] if store else []

    def judge(self) -> None:
        """Compare what was told with what happened, and look into the database."""
        for problem in check(self.url):
            self._complain(f"db check: {problem}")
        told, _ = self.listener.account()
        wanted = {Alert(channel, one) for channel in CHANNELS for one in self._expected}
        for alert in wanted - told.keys():
            self.tally.lost += 1
            self._complain(f"lost: {alert}")
        self._expected.clear()
        with closing(open_existing(self.url)) as store:
            self._compare(store)

    def _compare(self, store: Store) -> None:
        if left := reads.deliveries(store, ["pending", "failed", "held"]):
            self._complain(f"not sent: {left}")
        for benchmark in self.benchmarks:
            found = stored_rows(store, BoardKey(benchmark))
            results = [row.result for row in found.rows] if found else []
            rows = {result.model: float(result.score or 0) for result in results}
            if rows != self.scores:
                self._complain(f"{benchmark} is stored as {rows}")

    def _account(self) -> None:
        """Look at everything that was told, from the beginning to the end."""
        told, accepted = self.listener.account()
        for alert, ids in told.items():
            if len(ids) > 1:
                self.tally.twice += 1
                self._complain(f"twice: {alert} as {sorted(ids)}")
        for delivery, times in accepted.items():
            self.tally.repeats += times - 1
            if times - 1 > self._open[delivery]:
                self._complain(f"{delivery} was repeated although its acceptance was on record")
        for delivery in self.listener.altered:
            self._complain(f"{delivery} was repeated with another body")
        if len(told) != self.tally.changes * len(CHANNELS):
            self._complain(f"{len(told)} alerts of {self.tally.changes} changes")

    def _complain(self, problem: str) -> None:
        self.tally.problems.append(f"{self.url.partition(':')[0]}: {problem}")


def armed(failpoint: str) -> dict[str, str]:
    """Return an environment in which the program dies at a failpoint, if one is given."""
    return environment(**({failpoints.VARIABLE: failpoint} if failpoint else {}))


@contextmanager
def _peek(url: str) -> Iterator[Store | None]:
    """Look into a database without undoing what a crash left half-done in the file."""
    on_sqlite = url.startswith("sqlite")
    if not on_sqlite and state(url) == "missing":
        yield None
        return
    with TemporaryDirectory() as folder:
        opened = open_dry(url, Path(folder)) if on_sqlite else open_existing(url)
        with closing(opened) as store:
            yield store
