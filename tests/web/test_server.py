"""Visitors who ask for nothing, or do not read, take nothing from others, nor from the daemon."""

from __future__ import annotations

import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any, NoReturn
from urllib.request import urlopen

import pytest

from bot.app import now
from bot.config import load
from bot.core.errors import StoreError
from bot.core.names.hosts import Listen
from bot.daemon.scheduler import Daemon
from bot.jobs.round import Jobs
from bot.store import Store, open_existing
from bot.web import server
from bot.web.server import MOST_CONNECTIONS, WORKERS, Server, bind, place_of
from bot.web.site import Site
from tests.support.builders import answer
from tests.support.fakes import FakeClock, FakeHub, RecordingChannel, process
from tests.support.store.stored import START, delivery
from tests.support.store.units import enqueue, one_delivery
from tests.support.waiting import until

SOON = 5.0
"""Seconds within which anything is done here that nothing delays, on a machine that is busy."""


@contextmanager
def served(store: Store, folder: Path) -> Iterator[Listen]:
    """Serve the page about a store, and give its place."""
    bound = bind(Listen("127.0.0.1", 0))
    with Server(bound, site(store, folder)):
        yield place_of(bound)


def site(store: Store, folder: Path) -> Site:
    """Return the page about a store."""
    (folder / "page.toml").write_text("[web]\n", encoding="utf-8")
    return Site(store, load(folder / "page.toml", {}), now)


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    """Open a database that is set up and empty."""
    opened = open_existing(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def place(store: Store, tmp_path: Path) -> Iterator[Listen]:
    """Serve the page about an empty database."""
    with served(store, tmp_path) as found:
        yield found


def connected(place: Listen, stack: ExitStack, sends: bytes = b"") -> socket.socket:
    """Return a connection that has sent so much."""
    made = stack.enter_context(socket.create_connection((place.host, place.port), SOON))
    made.sendall(sends)
    return made


def is_answered(place: Listen) -> bool:
    """Tell whether the page answers soon."""
    with urlopen(f"http://{place}/readyz", timeout=SOON) as found:
        return bool(found.read() == b"ok\n")


def is_closed(connection: socket.socket) -> bool:
    """Tell whether the other side has ended a connection by now, or does soon."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("http://127.0.0.1/status", 200),
        ("HTTP://localhost:80", 200),
        ("http://127.0.0.1?limit=x", 400),
        ("http://evil.example/", 400),
        ("http://127.0.0.1/boards/a%2Fb", 404),
        ("/models/http://127.0.0.1/", 404),
        ("/boards/a%00b", 404),
        ("/boards/%252F..", 404),
        ("//127.0.0.1/status", 404),
    ],
)
def test_a_request_may_name_the_whole_address(place: Listen, target: str, status: int) -> None:
    """As to a proxy; its host is the one that was asked for, whatever the Host header says."""
    host = "localhost" if "evil" in target else "evil.example" if "://" in target[:8] else "[::1]"
    sends = f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    with ExitStack() as stack:
        found = connected(place, stack, sends.encode()).makefile("rb").read()
    assert found.startswith(f"HTTP/1.1 {status} ".encode()), found[:80]
    assert b"content-security-policy" in found.lower()


def test_whoever_asks_is_answered_however_many_are_idle(place: Listen) -> None:
    """Those that have been idle for the longest make room."""
    with ExitStack() as stack:
        idle = [connected(place, stack) for _ in range(MOST_CONNECTIONS + 100)]
        assert is_answered(place)
        assert all(is_closed(one) for one in idle[:100])
        assert is_answered(place)


@pytest.mark.parametrize("sends", [b"", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: a"])
def test_a_request_that_does_not_come_ends_the_connection(
    place: Listen, sends: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was sent, or not all of it."""
    monkeypatch.setattr(server, "ASKED_WITHIN", 0.2)
    with ExitStack() as stack:
        assert is_closed(connected(place, stack, sends))
    assert is_answered(place)


def test_a_request_that_comes_byte_by_byte_has_no_more_time(
    place: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each byte would begin the time anew, if it were one between bytes."""
    monkeypatch.setattr(server, "ASKED_WITHIN", 0.5)
    with ExitStack() as stack:
        slow = connected(place, stack, b"GET / HTTP/1.1\r\nHost: ")
        began = monotonic()

        def is_cut_off() -> bool:
            try:
                slow.sendall(b"a")
            except OSError:
                return True
            return False

        assert until(is_cut_off)
        assert monotonic() - began < SOON


def test_a_connection_that_was_answered_is_kept_and_then_closed(
    place: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser asks for more on it; not for ever."""
    monkeypatch.setattr(server, "ASKED_WITHIN", 2.0)
    request = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
    with ExitStack() as stack:
        kept = connected(place, stack, request)
        for _ in range(2):
            answer = b""
            while not answer.endswith(b"ok\n"):  # it may come in pieces
                some = kept.recv(10_000)
                assert some, "it was closed before it was answered"
                answer += some
            assert answer.startswith(b"HTTP/1.1 200")
            kept.sendall(request)
        while kept.recv(10_000):
            pass


def test_an_answer_that_is_not_read_ends_the_connection(
    weeks_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not kept in memory for those who never take it."""
    monkeypatch.setattr(server, "READ_WITHIN", 3.0)
    with bind(Listen("127.0.0.1", 0)) as bound, socket.socket() as lazy:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lazy.settimeout(SOON)
        with Server(bound, site(weeks_store, tmp_path)) as running:
            place, connections = place_of(bound), running._server.server_state.connections
            lazy.connect((place.host, place.port))
            lazy.sendall(f"GET / HTTP/1.1\r\nHost: {place}\r\n\r\n".encode() * 50)
            assert lazy.recv(10) == b"HTTP/1.1 2"
            assert until(lambda: not connections)


class Stuck:
    """A store that does not answer until it is let go."""

    def __init__(self) -> None:
        self.go, self.asked = Event(), 0

    def read(self) -> NoReturn:
        self.asked += 1
        self.go.wait()
        raise StoreError("too late")


def test_a_database_that_hangs_keeps_nobody_from_asking_whether_the_daemon_lives(
    tmp_path: Path,
) -> None:
    """Each thread that makes pages waits for it; a restart of the daemon would mend nothing."""
    stuck: Any = Stuck()
    with served(stuck, tmp_path) as place, ExitStack() as stack:
        for _ in range(2 * WORKERS):
            connected(place, stack, f"GET /readyz HTTP/1.1\r\nHost: {place}\r\n\r\n".encode())
        assert until(lambda: stuck.asked == WORKERS)
        with urlopen(f"http://{place}/healthz", timeout=SOON) as found:
            assert found.read() == b"ok\n"
        stuck.go.set()


def test_neither_a_poll_nor_a_delivery_waits_for_visitors(
    weeks_store: Store, store: Store, tmp_path: Path
) -> None:
    """A hundred ask at once and do not read, hundreds more say nothing."""
    hub, channel = FakeHub(), RecordingChannel("console")
    hub.answers["acme/bench"] = answer(("a", 1))
    settings = load(Path("/dev/null"), {})
    jobs = Jobs(settings, store, hub, {"console": channel}, process(FakeClock()))
    with served(weeks_store, tmp_path) as place, ExitStack() as stack:
        request = f"GET / HTTP/1.1\r\nHost: {place}\r\n\r\n".encode()
        for _ in range(100):
            connected(place, stack, request * 3)
        for _ in range(MOST_CONNECTIONS):
            connected(place, stack)
        began = monotonic()
        stack.enter_context(Daemon(jobs, lambda: None))
        enqueue(store, [delivery("d", "console")], START)
        assert until(lambda: _attempts(store) and jobs.poller.counts.now().polls)
        assert monotonic() - began < 2 * SOON


def _attempts(store: Store) -> int:
    found = one_delivery(store, "d")
    return len(found.attempts) if found is not None else 0


CROWD = """\
import resource, socket, sys
host, port, many = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (many + 50, most))
kept = []
for _ in range(many):
    one = socket.socket()
    one.setblocking(False)
    one.connect_ex((host, port))
    kept.append(one)
print("there", flush=True)
sys.stdin.read()
"""


@pytest.mark.long
def test_ten_thousand_who_say_nothing_keep_nobody_out(place: Listen) -> None:
    """The page goes on to answer, and what it has open stays within what a process may have."""
    many = min(10_000, resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 50)
    crowd = subprocess.Popen(
        [sys.executable, "-c", CROWD, place.host, str(place.port), str(many)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with crowd:
        assert crowd.stdout is not None
        assert crowd.stdout.readline() == "there\n"
        assert until(lambda: is_answered(place))
        assert len(list(Path("/proc/self/fd").iterdir())) < 2 * MOST_CONNECTIONS + 200
        assert crowd.stdin is not None
        crowd.stdin.close()
