"""What huggingface_hub is asked for, and how it is held to time and place."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import huggingface_hub
import pytest

from bot.core.board import ModelFacts
from bot.core.discovery import Benchmark
from bot.core.errors import FetchError
from bot.core.secret import Secret
from bot.hub.client import HubClient
from bot.hub.huggingface import NUMBERS
from tests.support.servers import RawServer, Script, answer, drip

ROOT = Path(__file__).parents[2]
MODEL = "deepseek-ai/DeepSeek-V4-Pro"
SHORT = timedelta(seconds=0.4)
LONG = timedelta(seconds=20)


def says(thing: Any, status: str = "200 OK", headers: str = "") -> Script:
    """Return a script that answers every request with this JSON."""

    def script(connection: socket.socket, _head: bytes, _stop: Event) -> None:
        more = f"Content-Type: application/json\r\n{headers}"
        connection.sendall(answer(json.dumps(thing).encode(), status, more))

    return script


@contextmanager
def client(server: RawServer, timeout: timedelta = LONG) -> Iterator[HubClient]:
    token = Secret("hf_sesame")
    with HubClient(server.endpoint, token, timeout, 4, time.monotonic) as hub:
        yield hub


def benchmarks(script: Script, timeout: timedelta = LONG) -> tuple[Benchmark, ...]:
    with RawServer(script) as server, client(server, timeout) as hub:
        return hub.benchmarks()


def facts(thing: Any, model: str = MODEL) -> ModelFacts:
    with RawServer(says(thing)) as server, client(server) as hub:
        return hub.model_facts(model, LONG)


def test_official_benchmarks_are_listed_by_id() -> None:
    """Whatever order, doubles and broken names the list has."""
    listed = [
        {"id": "cais/hle", "gated": "auto"},
        {"id": "SWE-bench/SWE-bench_Verified", "gated": False},
        {"id": "Idavidrein/gpqa", "gated": "manual"},
        {"id": "openai/gsm8k"},
        {"id": "openai/gsm8k"},
        {"id": "../../evil"},
        {"id": 7},
    ]

    assert benchmarks(says(listed)) == (
        Benchmark("Idavidrein/gpqa", gated=True),
        Benchmark("SWE-bench/SWE-bench_Verified"),
        Benchmark("cais/hle", gated=True),
        Benchmark("openai/gsm8k"),
    )


def test_the_list_is_asked_of_the_endpoint_with_the_token() -> None:
    """One request with the filter, our name and our token."""
    with RawServer(says([])) as server, client(server) as hub:
        assert hub.benchmarks() == ()

        (head,) = server.heads
    assert head.startswith(b"GET /api/datasets?filter=benchmark%3Aofficial HTTP/1.1\r\n")
    assert b"User-Agent: leaderboard-bot/" in head
    assert head.count(b"Bearer hf_sesame") == 1


def test_all_pages_of_the_list_are_read() -> None:
    """A page that names a next one is followed by it."""

    def script(connection: socket.socket, head: bytes, stop: Event) -> None:
        if b"cursor" in head:
            says([{"id": "a/two"}])(connection, head, stop)
            return
        address = f"http://127.0.0.1:{connection.getsockname()[1]}/api/datasets?cursor=2"
        link = f'Link: <{address}>; rel="next"\r\n'
        says([{"id": "a/one"}], headers=link)(connection, head, stop)

    assert benchmarks(script) == (Benchmark("a/one"), Benchmark("a/two"))


@pytest.mark.parametrize("named", ["http://{other}", "//{other}/hub", "https://{other}/prefix", ""])
def test_a_next_page_that_is_named_elsewhere_is_asked_for_here(named: str) -> None:
    """A mirror passes on the real Hub's links, by name or relative; nothing goes there."""
    with RawServer(says([])) as other:
        place = named.format(other=other.endpoint.removeprefix("http://"))
        link = f'Link: <{place}/api/datasets?filter=x&cursor=a%2Fb%3D>; rel="next"\r\n'

        def script(connection: socket.socket, head: bytes, stop: Event) -> None:
            if b"cursor" in head:
                says([{"id": "a/two"}])(connection, head, stop)
            else:
                says([{"id": "a/one"}], headers=link)(connection, head, stop)

        with RawServer(script) as server, client(server) as hub:
            assert hub.benchmarks() == (Benchmark("a/one"), Benchmark("a/two"))
        assert server.heads[1].startswith(b"GET /api/datasets?filter=x&cursor=a%2Fb%3D HTTP/1.1")
        assert not other.connections


@pytest.mark.parametrize("path", ["/datasets", "/api/agent-harnesses", "/api/datasets/a/b"])
def test_nothing_else_that_is_named_elsewhere_is_asked_for(path: str) -> None:
    """Neither there nor here: the library asks its own Hub for more than was wanted of it."""
    with RawServer(says([])) as other:
        link = f'Link: <{other.endpoint}{path}>; rel="next"\r\n'
        with pytest.raises(FetchError, match="another address"):
            benchmarks(says([{"id": "a/one"}], headers=link))

        assert not other.connections


def test_a_next_page_without_an_address_is_a_failure() -> None:
    """The library takes it as it stands."""
    with pytest.raises(FetchError, match="the list of benchmarks cannot be read"):
        benchmarks(says([{"id": "a/one"}], headers='Link: <http://h:x/>; rel="next"\r\n'))


def test_pages_without_end_are_cut_off_in_time() -> None:
    """The limit is for the whole list."""

    def script(connection: socket.socket, head: bytes, stop: Event) -> None:
        address = f"http://127.0.0.1:{connection.getsockname()[1]}/api/datasets"
        says([{"id": "a/b"}], headers=f'Link: <{address}>; rel="next"\r\n')(connection, head, stop)

    with pytest.raises(FetchError, match=r"no complete answer within 0\.4 s"):
        benchmarks(script, SHORT)


def drip_head(connection: socket.socket, _head: bytes, stop: Event) -> None:
    drip(connection, b"HTTP/1.1 200 OK\r\nX-Slow: a", stop)


def test_a_slow_list_is_cut_off_in_time() -> None:
    """The library's own patience has no end; ours has."""
    with pytest.raises(FetchError, match=r"no complete answer within 0\.4 s"):
        benchmarks(drip_head, SHORT)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("401 Unauthorized", "the Hub refuses the list of benchmarks: check hub.token"),
        ("403 Forbidden", "the Hub refuses the list of benchmarks: check hub.token"),
        ("404 Not Found", "the Hub has no list of benchmarks: check hub.endpoint"),
        ("500 Internal Server Error", "the Hub answered 500"),
        ("503 Service Unavailable", "the Hub answered 503"),
        ("429 Too Many Requests", "the Hub's rate limit is used up, wait 3600 s"),
    ],
)
def test_a_refused_list_is_one_request_and_one_sentence(status: str, reason: str) -> None:
    """The library would try five times more and wait as long as the server likes."""
    script = says({"error": "no"}, status, "Retry-After: 3600\r\n")
    with RawServer(script) as server, client(server) as hub:
        with pytest.raises(FetchError) as caught:
            hub.benchmarks()

        assert caught.value.reason == reason
        # A 401 may be the token's: the list is public, so it is asked for without.
        assert len(server.heads) == (2 if status.startswith("401") else 1)


@pytest.mark.parametrize("thing", [{"a": 1}, [1], [{"gated": True}], "x", None, 7])
def test_a_list_that_is_none_is_a_failure(thing: Any) -> None:
    """What the library stumbles over is a sentence of ours."""
    with pytest.raises(FetchError, match="the list of benchmarks cannot be read"):
        benchmarks(says(thing))


def test_a_model_is_looked_up() -> None:
    """Size, age and licence, in our types."""
    page = {
        "id": MODEL,
        "createdAt": "2026-04-20T08:00:00.000Z",
        "safetensors": {"parameters": {"BF16": 5}, "total": 1_600_000_000_000},
        "cardData": {"license": "mit"},
        "tags": ["license:apache-2.0"],
    }

    assert facts(page) == ModelFacts(
        parameters=1_600_000_000_000,
        created_at=datetime(2026, 4, 20, 8, tzinfo=UTC),
        license="mit",
    )


@pytest.mark.parametrize(
    ("page", "named"),
    [
        ({"tags": ["x", "license:apache-2.0"]}, "apache-2.0"),
        ({"cardData": {"license": ["mit", "x"]}, "tags": ["license:mit"]}, "mit"),
        ({"cardData": {"license": "a\x1bb"}}, None),
        ({"cardData": {"license": " "}}, None),
        ({"cardData": {"license": "x" * 500}}, "x" * 100),
        ({}, None),
    ],
)
def test_a_licence_is_a_short_line_or_nothing(page: dict[str, Any], named: str | None) -> None:
    """Cards are written by strangers."""
    assert facts({"id": MODEL, **page}) == ModelFacts(license=named)


@pytest.mark.parametrize(
    "page", [[], "x", {}, {"id": MODEL, "createdAt": "tomorrow"}, {"id": MODEL, "safetensors": 5}]
)
def test_a_page_that_is_none_is_a_failure(page: Any) -> None:
    """What the library stumbles over is a sentence of ours."""
    with pytest.raises(FetchError, match="the model's page cannot be read"):
        facts(page)


@pytest.mark.parametrize("total", [0, -1, 2**63])
def test_a_size_that_is_none_is_unknown(total: int) -> None:
    """A number must be one that a model can have."""
    page = {"id": MODEL, "safetensors": {"parameters": {}, "total": total}}

    assert facts(page).parameters is None


def test_an_unknown_model_is_a_failure() -> None:
    """A model that was deleted is no reason for a crash."""
    with (
        RawServer(says({}, "404 Not Found")) as server,
        client(server) as hub,
        pytest.raises(FetchError, match="the Hub knows no such model"),
    ):
        hub.model_facts(MODEL, LONG)


def test_a_gated_model_is_a_failure() -> None:
    """No access is told as that."""
    with (
        RawServer(says({}, "403 Forbidden")) as server,
        client(server) as hub,
        pytest.raises(FetchError, match="no access to the model"),
    ):
        hub.model_facts(MODEL, LONG)


@pytest.mark.parametrize("model", ["x", "../whoami-v2", "a/b/c", "a/b?x", "a b/c", "a/.."])
def test_a_name_that_no_model_has_makes_no_request(model: str) -> None:
    """Names come from strangers' rows."""
    with RawServer(says({"id": MODEL})) as server, client(server) as hub:
        with pytest.raises(FetchError, match="none that the Hub can know"):
            hub.model_facts(model, LONG)

        assert not server.heads


def test_a_renamed_model_is_followed() -> None:
    """The old name leads to the new one."""

    def script(connection: socket.socket, head: bytes, stop: Event) -> None:
        if MODEL.encode() in head:
            says({}, "307 Temporary Redirect", "Location: /api/models/new/name\r\n")(
                connection, head, stop
            )
        else:
            says({"id": "new/name", "tags": ["license:mit"]})(connection, head, stop)

    with RawServer(script) as server, client(server) as hub:
        assert hub.model_facts(MODEL, LONG) == ModelFacts(license="mit")


def test_a_slow_lookup_is_cut_off_in_time() -> None:
    """Its own timeout counts, not the client's."""
    with (
        RawServer(drip_head) as server,
        client(server) as hub,
        pytest.raises(FetchError, match=r"no complete answer within 0\.4 s"),
    ):
        hub.model_facts(MODEL, SHORT)


def test_nothing_is_told_about_the_machine() -> None:
    """The library's telemetry is off before it is imported."""
    # In a process where nothing has imported it yet.
    code = """
import sys
from datetime import UTC, datetime, timedelta
from time import monotonic
from bot.core.errors import FetchError
from bot.hub.client import HubClient
from bot.hub.huggingface import NUMBERS

hub = HubClient(
    endpoint="http://127.0.0.1:9", token=None, timeout=timedelta(seconds=5), concurrency=1,
    clock=monotonic, now=lambda: datetime.fromtimestamp(0, UTC),
)
assert "huggingface_hub" not in sys.modules
try:
    hub.benchmarks()
except FetchError:
    pass
print(sys.modules["huggingface_hub"].constants.HF_HUB_DISABLE_TELEMETRY)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.strip() == "True", done.stderr


def test_variables_that_should_be_numbers_keep_nothing_from_its_work() -> None:
    """They are for downloads; empty, or another text, they would keep the library from loading."""
    constants = Path(huggingface_hub.__file__).with_name("constants.py").read_text("utf-8")
    read = re.findall(r"_as_int\(os\.environ\.get\(\"(\w+)\"\)\)", constants)
    assert sorted(read) == sorted(NUMBERS)
    code = "from bot.hub.huggingface import kept_token; print(kept_token())"
    variables = {"HF_HUB_ETAG_TIMEOUT": "", "HF_HUB_DOWNLOAD_TIMEOUT": "20s", "HF_TOKEN": "hf_x"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{Secret('hf_x')}\n"
