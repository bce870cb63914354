"""The daemon's page from the outside."""

from __future__ import annotations

import signal
import socket
import urllib.error
import urllib.request
from contextlib import closing

from tests.e2e.test_run import ABC, WATCH, end
from tests.support.hub.fake_hub import board
from tests.support.process.installation import BENCH, Installation
from tests.support.waiting import until

TOKENS = ("sixteen-letters.", "another-sixteen.")
UNAUTHORIZED, HTTP_OK = 401, 200


def free_port() -> int:
    """Return a port that nobody listens at."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def status(port: int, token: str = "") -> int:
    """Return what the page answers to who has a token; 0 where nobody listens."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/?format=json", headers=headers)
    try:
        with urllib.request.urlopen(asked, timeout=5) as found:
            answer: int = found.status
            return answer
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def test_page_is_up_with_the_daemon_and_takes_another_token_at_once(
    installation: Installation,
) -> None:
    """SIGHUP brings a new token in; another place counts later, and is said; the end frees all."""
    port, other = free_port(), free_port()
    old, new = TOKENS
    web = '[web]\nlisten = "127.0.0.1:{}"\ntoken = "{}"\n'
    installation.configure(WATCH, extra=web.format(port, old))
    installation.hub.set(BENCH, board(*ABC))
    with installation.daemon() as process:
        assert until(lambda: status(port, old) == HTTP_OK)
        assert status(port) == UNAUTHORIZED
        installation.configure(WATCH, extra=web.format(other, new))
        process.send_signal(signal.SIGHUP)
        assert until(lambda: status(port, new) == HTTP_OK)
        assert status(port, old) == UNAUTHORIZED
        ended, errors = end(process)
    assert ended == 0, errors
    assert "web.listen: counts at the next start" in errors
    assert (status(port, new), status(other, new)) == (0, 0)


def metrics(port: int, token: str) -> dict[str, float]:
    """Return the samples of a scrape by name and labels; none where there is no answer."""
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/metrics", headers={"Authorization": f"Bearer {token}"}
    )
    try:
        with urllib.request.urlopen(asked, timeout=5) as found:
            text = found.read().decode()
    except OSError:
        return {}
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name.removeprefix("leaderboard_bot_"): float(value) for name, _, value in lines}


def test_what_the_daemon_counts_outlives_a_reload(installation: Installation) -> None:
    """A counter that fell would look like a start."""
    port, (old, new) = free_port(), TOKENS
    web = f'[web]\nlisten = "127.0.0.1:{port}"\ntoken = "{{}}"\n'
    installation.configure(WATCH, extra=web.format(old))
    installation.hub.set(BENCH, board(*ABC))
    polled = 'polls_total{outcome="changed"}'
    with installation.daemon() as process:
        assert until(lambda: metrics(port, old).get(polled) == 1)
        before = metrics(port, old)
        assert before["hub_received_bytes_total"] > 100
        assert before["hub_connections_total"] >= 1
        assert any(name.startswith("board_last_good_poll") for name in before)
        installation.configure(WATCH, extra=web.format(new))
        process.send_signal(signal.SIGHUP)
        assert until(lambda: metrics(port, new))
        after = metrics(port, new)
        counters = [name for name in before if "_total" in name or name.startswith("poll_seconds")]
        assert all(after[name] >= before[name] for name in counters)
        end(process)


def test_port_that_is_taken_ends_the_daemon_at_its_start(installation: Installation) -> None:
    """No page that is silently not there."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        installation.configure(WATCH, extra=f'[web]\nlisten = "127.0.0.1:{port}"')
        with installation.daemon() as process:
            _, errors = process.communicate(timeout=20)
            assert process.wait() == 1
    assert f"web.listen: cannot listen at 127.0.0.1:{port}: address already in use" in errors
