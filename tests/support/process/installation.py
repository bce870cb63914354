"""An installation for end-to-end tests: the real command, a Hub to poll, a receiver to be told."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from standardwebhooks import Webhook

from bot.demo.server import LoopbackServer, Reply, Request
from tests.support.hub.fake_hub import Json, SampleHub
from tests.support.store.migrated import place_for

if TYPE_CHECKING:  # it imports this module
    from tests.support.process.fork_server import Forked, ForkServer

ROOT = Path(__file__).parents[3]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BENCH = "acme/bench"
TIMEOUT = 60


class Receiver(LoopbackServer):
    """Takes webhooks, answers with ``status``, keeps what came in."""

    def __init__(self) -> None:
        super().__init__(self._take)
        self.status = 200
        self.headers: Mapping[str, str] = {}
        self._requests: list[Request] = []
        self._arrived = threading.Condition()

    @property
    def url(self) -> str:
        return f"{super().url}/hook"

    @property
    def requests(self) -> list[Request]:
        with self._arrived:
            return list(self._requests)

    @property
    def bodies(self) -> list[Json]:
        """Every body that came in, its signature checked."""
        return [self.verified(request) for request in self.requests]

    def verified(self, request: Request) -> Json:
        """Check a request's signature with the specification's own library."""
        body: Json = Webhook(SECRET).verify(request.body, request.headers)
        return body

    def wait(self, count: int, seconds: float = 30) -> bool:
        """Wait until ``count`` requests have come; False when they do not."""
        with self._arrived:
            return self._arrived.wait_for(lambda: len(self._requests) >= count, seconds)

    def _take(self, request: Request) -> Reply:
        with self._arrived:
            self._requests.append(request)
            self._arrived.notify_all()
            return Reply(self.status, b"", self.headers)


class Installation:
    """One Hub, one receiver, one folder with a configuration and a database."""

    def __init__(
        self, folder: Path, hub: SampleHub, receiver: Receiver, fork_server: ForkServer
    ) -> None:
        self.folder = folder
        self.hub = hub
        self.receiver = receiver
        self.fork_server = fork_server
        self.config = folder / "config.toml"
        self.database = folder / "bot.db"

    def configure(self, *watches: str, extra: str = "", channels: str | None = None) -> None:
        """Write the configuration: TOML bodies of ``[[watch]]`` tables, channel ``hook``."""
        hook = f'[channels.hook]\ntype = "webhook"\nurl = "{self.receiver.url}"\n'
        hook += f'secret = "{SECRET}"\nallow_private = true\n'
        tables = "\n".join(f"[[watch]]\n{watch}\n" for watch in watches)
        self.config.write_text(
            f'[hub]\nendpoint = "{self.hub.url}"\ntoken = "hf_test"\ntimeout = "5s"\n'
            f'[database]\nurl = "sqlite:///bot.db"\n'
            f"{tables}\n{hook if channels is None else channels}\n{extra}\n"
        )

    def run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run the command with the configuration, in a fork, and return what it came to."""
        place_for(arguments, self.database)
        return self.fork_server.run(self.command(*arguments), self.folder, environment(**environ))

    def command(self, *arguments: str) -> list[str]:
        """Return a command's arguments, with those that name the configuration."""
        return ["--config", str(self.config), *arguments]

    def poll(self, *arguments: str, status: int = 0) -> Json:
        """Run ``poll --json`` and return its document, the exit status checked."""
        done = self.run("poll", "--json", *arguments)
        assert done.returncode == status, done.stderr
        document: Json = json.loads(done.stdout)
        return document

    def json(self, *arguments: str) -> Any:
        """Run a command that succeeds, and return its JSON."""
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def events(self) -> list[Json]:
        """Return the events of every body that came in, in order."""
        return [event for body in self.receiver.bodies for event in body["data"]["events"]]

    @contextmanager
    def daemon(self, *options: str) -> Iterator[Forked]:
        """Run the daemon, in a fork; it is killed at the end if it still runs."""
        command = self.command(*options, "run")
        place_for(command, self.database)
        process = self.fork_server.start(command, self.folder)
        try:
            yield process
        finally:
            process.kill()
            process.communicate()


def boards_asked(installation: Installation) -> int:
    """Count the leaderboards that the program has asked for."""
    return sum("/leaderboard" in request.path for request in installation.hub.requests)


def environment(**extra: str) -> dict[str, str]:
    """Return an environment in which nothing but the configuration counts."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HF_", "LEADERBOARD_", "SLACK_")) and "proxy" not in name.lower()
    }
    return {**kept, "PYTHONPATH": str(ROOT), "COLUMNS": "80", **extra}
