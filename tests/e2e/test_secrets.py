"""No secret of a configuration leaves, whatever goes wrong, at the loudest log level."""

from __future__ import annotations

import base64
import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from io import StringIO
from pathlib import Path
from urllib.parse import quote

import pytest

from bot.app import build_channels
from bot.config import load
from bot.core.secret import shapes
from bot.demo.server import LoopbackServer, Reply, Request
from tests.support.hub.fake_hub import SampleHub, board
from tests.support.process.fork_server import Forked, ForkServer
from tests.support.process.installation import BENCH, ROOT, TIMEOUT, environment
from tests.support.store.migrated import place_for
from tests.support.waiting import until

MARK = "c4n4ry"
KEYS = [f"{MARK}-signing-key-{number}-0123456789".encode() for number in (1, 2)]
SIGNING = ["whsec_" + base64.b64encode(key).decode() for key in KEYS]
HUB = f"hf_{MARK}Hub0123456789"
SLACK = f'xoxb-{MARK}-"quoted"-\\back/slash+plus%25'
USER, PASSWORD = f"{MARK}-user", f"{MARK}/pass%@word"
LEADERS = [board(("acme/a", 80.0 + n), ("acme/b", 70.0), ("acme/c", 60.0 - n)) for n in range(9)]
QUIET = ("error", "text")
LOUD = [("debug", "text"), ("debug", "json")]


class Elsewhere(LoopbackServer):
    """Hub, Slack and every receiver in one, which answer wrongly and repeat what they were sent."""

    def __init__(self) -> None:
        super().__init__(self._take)
        self.fault = "echo"
        self.requests: list[Request] = []

    def _take(self, request: Request) -> Reply:
        self.requests.append(request)
        said = f"{request.method} {request.path} {request.headers} "
        said = f"{said[:900]} {json.dumps(request.headers)[:900]} {quote(said)[:900]}"
        line = said.encode("ascii", "replace").decode()
        match self.fault:
            case "remember":  # what was sent at first, whatever is sent now
                first = self.requests[0]
                return Reply(500, f"{first.path} {first.headers}"[:900].encode())
            case "reset":
                raise ConnectionResetError
            case "redirect":
                return Reply(302, line.encode(), {"location": f"{self.url}/?told={quote(line)}"})
            case "slack":
                return Reply(200, json.dumps({"ok": False, "error": line}).encode())
            case "denied":
                told = {"x-error-message": line, "x-error-code": line, "www-authenticate": line}
                return Reply(401, json.dumps({"error": line}).encode(), told)
        return Reply(500, line.encode())


class Place:
    """A folder with a configuration that is full of canaries, and what is looked for in it."""

    def __init__(
        self, folder: Path, hub: SampleHub, elsewhere: Elsewhere, fork_server: ForkServer
    ) -> None:
        self.fork_server = fork_server
        self.folder = folder
        self.hub = hub
        self.elsewhere = elsewhere
        self.config = folder / "config.toml"
        at = elsewhere.url.removeprefix("http://")
        userinfo = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}"
        self.secrets = {
            "hub": HUB,
            "slack": SLACK,
            "slack_hook": f"http://{at}/services/T0/B0/{MARK}Hook0123456789",
            "hook": f"http://{userinfo}@{at}/in/{MARK}PathKey01234?key={MARK}QueryKey01234",
            "first": SIGNING[0],
            "second": SIGNING[1],
            "apprise": f"json://{userinfo}@{at}/{MARK}ApprisePath0123",
            "pair": f"{USER}:{PASSWORD}",
            "password": PASSWORD,
        }
        self.given = folder / "given"
        self.given.mkdir()
        self.configure()

    def configure(self, *, hub: str | None = None, database: str = "sqlite:///bot.db") -> None:
        """Write the configuration: secrets as they are, by ``env:`` and by ``file:``."""
        for name in ("hook", "second"):
            (self.given / name).write_text(self.secrets[name] + "\n")
        self.config.write_text(f"""
[hub]
endpoint = "{hub or self.hub.url}"
token = "{HUB}"
timeout = "5s"
[database]
url = "{database}"
[[watch]]
name = "all"
benchmarks = ["{BENCH}"]
events = "all"
every = "1s"
[channels.bot]
type = "slack"
token = "env:SLACK"
channel = "C0123456789"
api_url = "{self.elsewhere.url}/api/"
[channels.simple]
type = "slack"
webhook_url = "{self.secrets["slack_hook"]}"
[channels.hook]
type = "webhook"
url = "file:given/hook"
secret = ["{SIGNING[0]}", "file:given/second"]
allow_private = true
[channels.any]
type = "apprise"
url = "env:APPRISE"
[health]
notify = ["hook"]
after_failures = 1
""")

    @property
    def environment(self) -> dict[str, str]:
        return environment(
            SLACK=SLACK,
            APPRISE=self.secrets["apprise"],
            HF_TOKEN=f"hf_{MARK}FromTheEnvironment",
            HF_DEBUG="1",
            HF_HUB_VERBOSITY="debug",
            HF_HOME=str(self.folder / "hf"),
        )

    def command(self, *arguments: str, loud: tuple[str, str] = LOUD[0]) -> list[str]:
        level, style = loud
        start = ["--config", str(self.config), "--log-level", level, "--log-format", style]
        return [*start, *arguments]

    def run(self, *arguments: str, loud: tuple[str, str] = LOUD[0], umask: int = -1) -> str:
        """Run a command, look through all that it said, and return that."""
        place_for(arguments, self.folder / "bot.db")
        command = self.command(*arguments, loud=loud)
        done = self.fork_server.run(command, self.folder, self.environment, umask)
        return self.looked(arguments, done.stdout + done.stderr)

    def looked(self, arguments: Sequence[str], said: str) -> str:
        """Look through what a command said, and return it."""
        self.look(f"the output of {arguments}", said.encode(errors="surrogateescape"))
        return said

    @contextmanager
    def daemon(self, loud: tuple[str, str] = LOUD[0], umask: int = -1) -> Iterator[Forked]:
        """Run the daemon, and look through all that it said."""
        command = self.command("run", loud=loud)
        process = self.fork_server.start(command, self.folder, self.environment, umask)
        try:
            yield process
        finally:
            process.kill()
            said = "".join(process.communicate())
        self.looked(["run"], said)

    def look(self, place: str, data: bytes) -> None:
        """Fail where the data holds a canary, in any shape that is known."""
        folded = data.lower()
        for canary in self._canaries():
            at = folded.find(canary.lower())
            assert at < 0, f"{place} holds {canary!r}: {data[max(at - 300, 0) : at + 300]!r}"

    def _canaries(self) -> Iterator[bytes]:
        yield MARK.encode()
        for secret in self.secrets.values():
            for shape in shapes(secret):
                yield shape.encode()
        for signing in SIGNING:
            yield signing.removeprefix("whsec_").encode()

    def look_at_files(self) -> None:
        """Look through every file but those that hold the secrets by right."""
        found = [path for path in self.folder.rglob("*") if path.is_file()]
        mine = [path for path in found if path != self.config and path.parent != self.given]
        assert any(path.name == "bot.db" for path in mine)
        for path in mine:
            self.look(path.name, path.read_bytes())


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    """Run everything but the Hub, wrongly."""
    with Elsewhere() as running:
        yield running


@pytest.fixture
def place(tmp_path: Path, hub: SampleHub, elsewhere: Elsewhere, fork_server: ForkServer) -> Place:
    """Give a folder full of canaries, and a Hub with one board."""
    hub.set(BENCH, LEADERS[0])
    return Place(tmp_path, hub, elsewhere, fork_server)


def test_the_looking_finds_what_is_there(place: Place) -> None:
    """In every shape: a test that cannot fail would show nothing."""
    for secret in place.secrets.values():
        for shape in shapes(secret):
            with pytest.raises(AssertionError):
                place.look("here", b"before " + shape.encode() + b" after")


@pytest.mark.parametrize("fault", ["echo", "reset", "redirect", "slack", "denied"])
def test_no_fault_of_a_receiver_shows_a_secret(place: Place, fault: str) -> None:
    """What was sent is repeated in the answer; nothing of it is logged, shown or stored."""
    place.elsewhere.fault = fault
    loud = LOUD[fault in ("slack", "reset")]
    place.run("poll", loud=loud)
    place.hub.set(BENCH, LEADERS[1])
    said = place.run("poll", "--json", loud=loud)
    assert len(place.elsewhere.requests) >= 4, said
    said = place.run("deliveries", "--json")
    assert all(f'"channel":"{name}"' in said for name in ("bot", "simple", "hook", "any"))
    if fault == "echo":
        place.run("test-channel", "hook", loud=loud)
        place.run("validate")
        place.run("db", "backup", "copy.db")
    place.look_at_files()


@pytest.mark.parametrize("fault", ["echo", "reset", "redirect", "denied"])
def test_no_fault_of_the_hub_shows_a_secret(place: Place, fault: str) -> None:
    """Not in an error, nor in what is stored of it."""
    place.elsewhere.fault = fault
    place.configure(hub=place.elsewhere.url)
    place.run("poll", "--json", loud=LOUD[fault == "reset"])
    place.run("show", "--live", BENCH)
    place.look_at_files()


@pytest.mark.parametrize("style", ["text", "json"])
def test_the_daemon_tells_no_secret(place: Place, style: str) -> None:
    """Not while it runs, reloads a configuration that cannot be used, and ends."""
    place.run("poll")
    place.hub.set(BENCH, LEADERS[1])
    with place.daemon(("debug", style)) as process:
        assert until(lambda: str(process.stderr).count("not delivered") >= 4), process.stderr
        place.config.write_text(f'hub = "{HUB}"\n' + place.config.read_text())
        process.send_signal(signal.SIGHUP)
        assert until(lambda: "stays in use" in str(process.stderr)), process.stderr
        process.terminate()
        assert process.wait(TIMEOUT) == 0
    place.look_at_files()


def test_a_rotated_secret_is_no_more_shown_than_its_successor(place: Place) -> None:
    """Not where a reload brings the new one, nor where a start does; receivers remember."""
    place.elsewhere.fault = "remember"
    place.run("poll")
    place.hub.set(BENCH, LEADERS[1])
    with place.daemon() as process:
        assert until(lambda: str(process.stderr).count("not delivered") >= 4), process.stderr
        old, new = place.secrets["hook"], place.secrets["hook"].replace("Key", "New")
        place.secrets |= {"hook": new}
        place.configure()
        place.secrets |= {"old": old}
        process.send_signal(signal.SIGHUP)
        assert until(lambda: str(process.stderr).count("hook: ") >= 3), process.stderr
        process.terminate()
        assert process.wait(TIMEOUT) == 0
    place.secrets |= {"hook": old.replace("Key", "Three")}
    place.configure()
    place.hub.set(BENCH, LEADERS[2])
    waiting = [one["id"] for one in json.loads(place.run("deliveries", "--json", loud=QUIET))]
    place.run("deliveries", "retry", *waiting)
    place.run("poll")
    assert "HTTP 500: (not quoted" in place.run("deliveries", "--json")
    place.look_at_files()


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://bot:{quote(PASSWORD, safe='')}@127.0.0.1:1/bot",
        f"postgresql://bot:{quote(PASSWORD, safe='')}@no-such-host.invalid/bot",
        f"postgresql://bot@127.0.0.1:1/bot?password={quote(PASSWORD, safe='')}",
        f"postgresql://bot:{MARK}@[::1/bot",
        f"postgresql://bot:{MARK}@host:port/bot",
        f"postgresql://bot:{MARK}@127.0.0.1:1/bot?sslmode={MARK}",
        f"mysql://bot:{MARK}@127.0.0.1/bot",
    ],
)
def test_no_database_that_cannot_be_reached_shows_its_password(place: Place, url: str) -> None:
    """Nor does an address that is none."""
    place.configure(database=url)
    said = place.run("run" if "no-such" in url else "poll", loud=LOUD["@[" in url])
    assert "leaderboard-bot: " in said
    assert "unexpected" not in said


BOOM = """
import json, sys, threading
from urllib.parse import quote
import typer
from bot.cli import app, main

@app.command()
def boom(context: typer.Context) -> None:
    secrets = context.obj.settings().secrets()
    def stray() -> None:
        raise RuntimeError("in a thread", *secrets)
    thread = threading.Thread(target=stray)
    thread.start()
    thread.join()
    try:
        raise ValueError(json.dumps(secrets) + quote(repr(secrets)))
    except ValueError as error:
        error.add_note(" ".join(secrets))
        raise RuntimeError(*secrets) from error

main()
"""


@pytest.mark.parametrize("style", ["text", "json"])
@pytest.mark.parametrize("level", ["debug", "warning"])
def test_no_traceback_shows_a_secret(place: Place, level: str, style: str) -> None:
    """Not of the command, its causes and notes, nor of a thread."""
    done = subprocess.run(
        [sys.executable, "-c", BOOM, *place.command("boom", loud=(level, style))],
        cwd=place.folder,
        env=place.environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    said = place.looked(["boom"], done.stdout + done.stderr)
    assert "unexpected RuntimeError" in said
    assert ("[secret]" in said) == (level == "debug")


def test_nothing_that_holds_secrets_prints_them(place: Place) -> None:
    """Settings, their tables and channels: as text, in pieces, and dumped."""
    settings = load(place.config, place.environment)
    channels = build_channels(settings, StringIO())
    tables = [settings.hub, settings.database, *settings.channels.values()]
    shown = [repr(settings), str(settings), repr(tables), repr(channels)]
    shown += [repr(table.model_dump()) for table in tables]
    for channel in channels.values():
        shown += [repr(channel), repr(vars(channel)), str(channel)]
        shown += [repr(vars(part)) for part in vars(channel).values() if hasattr(part, "__dict__")]
    for table in tables:
        try:
            shown.append(table.model_dump_json())
        except ValueError as error:
            shown.append(repr(error))
    place.look("a repr", "\n".join(shown).encode())


def modes(folder: Path) -> dict[str, str]:
    return {path.name: oct(path.stat().st_mode & 0o777) for path in folder.iterdir()}


HELD = """
import os, sys
from pathlib import Path
from bot.store.database.sqlite import file as sqlite_file
folder = Path(sys.argv[1])
connection = sqlite_file.connect(folder / "bot.db")
connection.execute("BEGIN IMMEDIATE")
connection.execute("CREATE TABLE extra (x)")
connection.execute("INSERT INTO extra VALUES (1)")
print(*[path.name for path in folder.iterdir() if path.stat().st_mode & 0o77])
assert any(path.name.startswith("bot.db-") for path in folder.iterdir())
os.kill(os.getpid(), 9)
"""


def test_every_file_is_its_owners_alone(place: Place, tmp_path: Path) -> None:
    """Whatever the umask: configuration, database, journal, lock, copies."""
    (tmp_path / "open").mkdir()
    place.run("init", str(tmp_path / "open" / "config.toml"), umask=0)
    place.configure(database=f"sqlite:///{tmp_path}/open/bot.db")
    place.run("poll", umask=0)
    place.run("db", "backup", str(tmp_path / "open" / "copy.db"), umask=0)
    held = subprocess.run(
        [sys.executable, "-c", HELD, str(tmp_path / "open")],
        cwd=ROOT,
        umask=0,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert (held.stdout.strip(), held.returncode) == ("", -signal.SIGKILL), held.stderr
    place.run("poll", "--dry-run", umask=0)
    with place.daemon(umask=0) as process:
        assert until(lambda: "running" in str(process.stderr)), process.stderr
        found = modes(tmp_path / "open")
        process.terminate()
        process.wait(TIMEOUT)
    assert {"bot.db", "bot.db.lock", "copy.db", "config.toml"} <= found.keys()
    assert {name: mode for name, mode in found.items() if mode != "0o600"} == {}


@pytest.mark.parametrize("mode", [0o640, 0o400])
def test_a_mode_that_is_there_stays(place: Place, mode: int) -> None:
    """What its owner has shut, the program does not open; a copy is private all the same."""
    place.run("poll")
    database = place.folder / "bot.db"
    database.chmod(mode)
    place.run("db", "upgrade", umask=0)
    place.run("db", "backup", "copy.db", umask=0)
    assert modes(place.folder)["bot.db"] == oct(mode)
    assert modes(place.folder)["copy.db"] == oct(0o600)


def test_the_database_holds_what_failed_all_the_same(place: Place) -> None:
    """The reasons are there, so that the tests above have looked at something."""
    place.run("poll")
    place.hub.set(BENCH, LEADERS[1])
    place.run("poll")
    with closing(sqlite3.connect(place.folder / "bot.db")) as connection:
        dumped = "\n".join(connection.iterdump())
    assert "HTTP 500" in dumped
    assert "[hidden]" in dumped
