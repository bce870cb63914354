"""What each answer of the Hub means, told by a transport without a network."""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from bot import __version__
from bot.core.board import BoardKey
from bot.core.errors import (
    ConfigError,
    FetchError,
    GatedError,
    ParseError,
    UnknownBenchmarkError,
)
from bot.core.secret import Secret
from bot.hub.answers import Fetched, NotModified
from bot.hub.client import HubClient
from bot.jobs.ask import Hub

TOKEN = "hf_sesame"
ROWS = [{"rank": 1, "modelId": "a/b", "value": 76.4, "verified": False}]


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class Site:
    """Answers in turn, the last one again and again; remembers the requests."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self._answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def client(
    site: Callable[[httpx.Request], httpx.Response],
    endpoint: str = "https://hub.example",
    token: str | None = TOKEN,
    clock: Callable[[], float] | None = None,
    **more: Any,
) -> HubClient:
    return HubClient(
        endpoint,
        Secret(token) if token is not None else None,
        timedelta(seconds=20),
        4,
        clock or Clock(),
        httpx.MockTransport(site),
        **more,
    )


def fetch(
    hub: Hub,
    *,
    derived: bool = False,
    task: str | None = None,
    etag: str | None = None,
    digest: str | None = None,
) -> Fetched | NotModified:
    return hub.leaderboard(BoardKey("Org/Bench_1.0", task, derived), etag=etag, digest=digest)


def good(**headers: str) -> httpx.Response:
    return httpx.Response(200, json=ROWS, headers=headers)


def failure(*answers: httpx.Response | Exception, **more: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetch(client(Site(*answers), **more))
    return caught.value


def test_a_leaderboard_is_asked_for_by_its_name() -> None:
    """The request carries the token and says who asks and what it takes."""
    site = Site(good())

    fetch(client(site))

    request = site.requests[0]
    assert str(request.url) == "https://hub.example/api/datasets/Org/Bench_1.0/leaderboard"
    assert request.method == "GET"
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["accept-encoding"] == "gzip"
    assert request.headers["user-agent"] == f"leaderboard-bot/{__version__}"
    assert "if-none-match" not in request.headers


def test_derived_models_are_asked_for_by_a_parameter() -> None:
    """``include_derived`` is ``base_model=false``."""
    site = Site(good())

    fetch(client(site), derived=True)

    assert site.requests[0].url.query == b"base_model=false"


def test_an_endpoint_may_have_a_path() -> None:
    """A Hub behind a prefix is asked behind it."""
    site = Site(good())

    fetch(client(site, endpoint="http://127.0.0.1:9/hub/"))

    assert str(site.requests[0].url).startswith("http://127.0.0.1:9/hub/api/datasets/")


def test_a_good_answer_is_parsed_and_named() -> None:
    """The answer comes with its ETag and the digest of its rows."""
    found = fetch(client(Site(good(ETag='W/"abc"'))))

    assert isinstance(found, Fetched)
    assert found.answer.results[0].model == "a/b"
    assert found.etag == 'W/"abc"'
    assert len(found.digest) == 32


def test_a_known_etag_is_shown_and_304_is_not_modified() -> None:
    """What the Hub says is unchanged is not read again."""
    site = Site(httpx.Response(304))

    assert fetch(client(site), etag='"abc"') == NotModified(etag='"abc"')
    assert site.requests[0].headers["if-none-match"] == '"abc"'


def test_the_same_rows_are_not_modified() -> None:
    """Without an ETag the digest tells; it is of the body before its compression."""
    plain = fetch(client(Site(good())))
    assert isinstance(plain, Fetched)
    packed = httpx.Response(
        200,
        headers={"Content-Encoding": "gzip"},
        stream=Chunks(gzip.compress(good().content)),
    )

    assert fetch(client(Site(packed)), digest=plain.digest) == NotModified(whole=True)


def test_an_etag_that_is_none_is_not_kept() -> None:
    """Only what can be sent back as it is is remembered."""
    found = fetch(client(Site(good(ETag="no quotes"))))

    assert isinstance(found, Fetched)
    assert found.etag is None


def test_304_to_a_plain_request_is_a_failure() -> None:
    """Nothing was shown that could be unmodified."""
    assert failure(httpx.Response(304)).reason == "the Hub answered 304"


@pytest.mark.parametrize(
    ("status", "headers", "token", "kind", "says"),
    [
        (401, {"X-Error-Code": "GatedRepo"}, None, GatedError, "set hub.token"),
        (403, {"X-Error-Code": "GatedRepo"}, None, GatedError, "accept the conditions"),
        (403, {"X-Error-Code": "GatedRepo"}, TOKEN, GatedError, "the token has no access"),
        (401, {}, TOKEN, GatedError, "does not accept the token"),
        (403, {}, TOKEN, GatedError, "the token has no access"),
        (401, {"X-Error-Code": "RepoNotFound"}, None, UnknownBenchmarkError, "or it is private"),
        (404, {}, None, UnknownBenchmarkError, "no such benchmark"),
        (400, {}, None, FetchError, "the Hub answered 400"),
        (418, {}, None, FetchError, "the Hub answered 418"),
        (500, {}, None, FetchError, "the Hub answered 500"),
        (502, {}, None, FetchError, "the Hub answered 502"),
        (204, {}, None, FetchError, "the Hub answered 204"),
        (300, {}, None, FetchError, "the Hub answered 300"),
        (302, {}, None, FetchError, "the Hub answered 302"),
    ],
)
def test_a_status_says_what_failed_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    headers: dict[str, str],
    token: str | None,
    kind: type[FetchError],
    says: str,
) -> None:
    """Every status is one kind of failure with its remedy."""
    monkeypatch.setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
    error = failure(httpx.Response(status, headers=headers), token=token)

    assert type(error) is kind
    assert says in error.reason


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": "999999999"}, 86400),
        ({"RateLimit": '"api";r=0;t=189'}, 189),
        ({"Retry-After": "7", "RateLimit": '"api";r=0;t=189'}, 7),
        (
            {
                "Date": "Mon, 27 Apr 2026 10:00:00 GMT",
                "Retry-After": "Mon, 27 Apr 2026 10:02:00 GMT",
            },
            120,
        ),
        ({"Retry-After": "Mon, 27 Apr 2026 10:00:30 GMT"}, 30),
        ({"Retry-After": "Mon, 27 Apr 2026 09:00:00 GMT"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "0"}, None),
        ({}, None),
    ],
)
def test_a_refusal_tells_how_long_to_wait(headers: dict[str, str], seconds: int | None) -> None:
    """Seconds and dates are understood, on 429 and on 503, up to a day."""
    wait = timedelta(seconds=seconds) if seconds else None
    for status in (429, 503):
        error = failure(
            httpx.Response(status, headers=headers),
            now=lambda: datetime(2026, 4, 27, 10, 0, tzinfo=UTC),
        )
        assert error.retry_after == wait


def test_nothing_is_asked_while_the_rate_limit_is_used_up() -> None:
    """Once few requests are left, boards fail without one until the window ends."""
    clock = Clock()
    site = Site(good(RateLimit='"api";r=3;t=100'), good(RateLimit='"api";r=400;t=300'))
    hub = client(site, clock=clock)
    fetch(hub)

    clock.seconds += 40
    with pytest.raises(FetchError, match="rate limit is used up, wait 60 s") as caught:
        fetch(hub)
    clock.seconds += 60
    fetch(hub)

    assert caught.value.retry_after == timedelta(seconds=60)
    assert len(site.requests) == 2


def test_a_429_holds_back_the_other_boards_too() -> None:
    """The limit is the account's, not the board's."""
    site = Site(httpx.Response(429, headers={"Retry-After": "60"}))
    hub = client(site)
    for _ in range(3):
        with pytest.raises(FetchError, match="wait 60 s"):
            fetch(hub)

    assert len(site.requests) == 1


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (httpx.ConnectError("x"), "cannot reach the Hub: the connection failed"),
        (httpx.RemoteProtocolError("x"), "cannot reach the Hub: the answer broke off"),
        (httpx.ProxyError("x"), "cannot reach the Hub: the proxy refused"),
        (httpx.ReadTimeout("x"), "no complete answer within 20 s"),
        (httpx.PoolTimeout("x"), "no complete answer within 20 s"),
    ],
)
def test_a_failed_request_says_so_without_its_address(error: Exception, says: str) -> None:
    """A library's error becomes a sentence."""
    reason = failure(error).reason

    assert says in reason
    assert "hub.example" not in reason


def test_a_renamed_benchmark_is_followed() -> None:
    """A redirect to another leaderboard of the endpoint keeps what was asked."""
    moved = httpx.Response(307, headers={"Location": "/api/datasets/New/Name/leaderboard"})
    site = Site(moved, good())

    assert isinstance(fetch(client(site), derived=True), Fetched)
    assert str(site.requests[1].url) == (
        "https://hub.example/api/datasets/New/Name/leaderboard?base_model=false"
    )
    assert site.requests[1].headers["authorization"] == f"Bearer {TOKEN}"


def test_a_benchmark_is_called_what_the_redirected_answer_says() -> None:
    """Little is asked for, and the answer's own id counts."""
    moved = httpx.Response(307, headers={"Location": "/api/datasets/new/name"})
    site = Site(moved, httpx.Response(200, json={"id": "New/name", "gated": False}))
    assert client(site).benchmark_id("old/name") == "New/name"
    assert [str(one.url.raw_path, "ascii") for one in site.requests] == [
        "/api/datasets/old/name?expand=gated",
        "/api/datasets/new/name?expand=gated",
    ]


def test_a_model_is_called_what_the_redirected_answer_says() -> None:
    """Within the time that is given; a name that can be none is not asked for."""
    moved = httpx.Response(307, headers={"Location": "https://hub.example/api/models/new/name"})
    site = Site(moved, httpx.Response(200, json={"id": "new/name"}))
    hub = client(site)
    assert hub.model_id("old/name", timedelta(seconds=3)) == "new/name"
    with pytest.raises(UnknownBenchmarkError):
        hub.model_id("../name", timedelta(seconds=3))
    assert len(site.requests) == 2


@pytest.mark.parametrize("body", [b"[]", b"{", b"{}", b'{"id": 5}', b'{"id": "../x"}'])
def test_an_answer_that_names_no_repository_is_a_failure(body: bytes) -> None:
    """Nothing is called by it."""
    with pytest.raises(ParseError):
        client(Site(httpx.Response(200, content=body))).benchmark_id("old/name")


def test_redirects_end_after_three() -> None:
    """A circle is cut."""
    site = Site(httpx.Response(301, headers={"Location": "/api/datasets/a/b/leaderboard"}))

    with pytest.raises(FetchError, match="redirects without end"):
        fetch(client(site))
    assert len(site.requests) == 4


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example/api/datasets/a/b/leaderboard",
        "http://hub.example/api/datasets/a/b/leaderboard",
        "https://hub.example:444/api/datasets/a/b/leaderboard",
        "https://me@hub.example/api/datasets/a/b/leaderboard",
        "//evil.example/api/datasets/a/b/leaderboard",
        "/login",
        "/api/datasets/a/b/c/leaderboard",
        "/api/datasets/a/b/leaderboard/..",
        "file:///etc/passwd",
        "http://[",
        "https://hub.example:x/",
        "https://xn--/",
    ],
)
def test_no_redirect_leads_elsewhere(location: str) -> None:
    """Neither token nor request leaves the endpoint, and the error names no address."""
    site = Site(httpx.Response(302, headers={"Location": location}), good())

    with pytest.raises(FetchError) as caught:
        fetch(client(site))

    assert len(site.requests) == 1
    assert "example" not in caught.value.reason


@pytest.mark.parametrize(
    "name", ["bench", "a/b/c", "../../x/y", "a/..", "a/b?x=1", "a b/c", "", "é/x"]
)
def test_a_name_that_is_none_is_not_asked_for(name: str) -> None:
    """What cannot be a dataset's id makes no request."""
    site = Site(good())

    with pytest.raises(UnknownBenchmarkError):
        client(site).leaderboard(BoardKey(name))
    assert not site.requests


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "hub.example",
        "ftp://hub.example",
        "https://",
        "https://a:b@hub.example",
        "https://h?x=1",
        "https://h:x",
        "https://hub.example:x/",
        "https://xn--/",
    ],
)
def test_an_endpoint_that_cannot_be_one_is_a_clear_error(endpoint: str) -> None:
    """It names the setting."""
    with pytest.raises(ConfigError, match=r"hub\.endpoint"):
        client(Site(good()), endpoint=endpoint)


class Chunks(httpx.SyncByteStream):
    def __init__(self, *chunks: bytes, each: Callable[[], None] | None = None) -> None:
        self._chunks = chunks
        self._each = each
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            if self._each:
                self._each()
            yield chunk

    def close(self) -> None:
        self.closed = True


def packed(*chunks: bytes, encoding: str = "gzip") -> httpx.Response:
    return httpx.Response(200, headers={"Content-Encoding": encoding}, stream=Chunks(*chunks))


def test_a_compressed_answer_is_read_however_it_is_cut() -> None:
    """One byte at a time is as good as all at once."""
    rows = [row | {"notes": "n" * 5000} for row in ROWS * 100]
    body = gzip.compress(json.dumps(rows).encode())

    for chunks in ([body], [body[n : n + 1] for n in range(len(body))]):
        found = fetch(client(Site(packed(*chunks))))
        assert isinstance(found, Fetched)
        assert found.answer.results[0].notes == "n" * 2000


GOOD = json.dumps(ROWS).encode()
GZIPPED = gzip.compress(GOOD)
HALVES = [gzip.compress(half) for half in (GOOD[:20], GOOD[20:])]
NOTHING = gzip.compress(b"")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"".join(HALVES), id="two members"),
        pytest.param(b"\0\0\0".join(HALVES), id="zeros between"),
        pytest.param(NOTHING + GZIPPED + NOTHING, id="empty members"),
        pytest.param(GZIPPED + bytes(100_000), id="zeros behind"),
        pytest.param(GZIPPED + bytes(511), id="a block of zeros behind"),
    ],
)
def test_a_compressed_answer_may_have_several_members_and_padding(body: bytes) -> None:
    """However it is cut: what gzip reads is read."""
    for size in (1, 7, len(GZIPPED), len(body)):
        chunks = [body[n : n + size] for n in range(0, len(body), size)]
        found = fetch(client(Site(packed(*chunks))))
        assert isinstance(found, Fetched)
        assert found.answer.results[0].model == "a/b"


@pytest.mark.parametrize(
    ("response", "says"),
    [
        (packed(b"not gzip at all"), "damaged"),
        (packed(GZIPPED[:-1]), "cut off"),
        (packed(b""), "cut off"),
        (packed(bytes(9)), "cut off"),
        (packed(GZIPPED + GZIPPED[:9]), "cut off"),
        (packed(GZIPPED + bytes(9) + b"x"), "damaged"),
        (packed(NOTHING * 10_001), "damaged"),
        (packed(GZIPPED + b"x"), "damaged"),
        (packed(GZIPPED, b"x"), "damaged"),
        (packed(GZIPPED[:-8] + b"12345678"), "damaged"),
        (packed(b"x", encoding="br"), "compressed in a way"),
        (packed(b"x", encoding="gzip, gzip"), "compressed in a way"),
    ],
)
def test_a_damaged_body_fails_its_board(response: httpx.Response, says: str) -> None:
    """What cannot be unpacked is an error with its reason."""
    assert says in failure(response).reason


def test_a_body_that_is_announced_too_large_is_not_read() -> None:
    """Nobody downloads what will be refused."""
    headers = {"Content-Length": str(64 * 1024 * 1024 + 1)}
    stream = Chunks(b"[]")

    error = failure(httpx.Response(200, headers=headers, stream=stream))

    assert "larger than 64 MB" in error.reason
    assert stream.closed


def test_a_body_that_turns_out_too_large_is_cut() -> None:
    """A server that announces nothing meets the same limit."""
    chunk = b" " * 1024 * 1024

    assert "larger than 64 MB" in failure(httpx.Response(200, stream=Chunks(*[chunk] * 65))).reason
    assert "larger than 16 MB" in failure(packed(*[GZIPPED[:10] + b"\0" * 17 * 1024 * 1024])).reason


def test_a_body_that_takes_too_long_is_cut() -> None:
    """The deadline is for all of it, not for the wait between two chunks."""
    clock = Clock()

    def tick() -> None:
        clock.seconds += 1

    stream = Chunks(*[b" "] * 100, each=tick)

    error = failure(httpx.Response(200, stream=stream), clock=clock)

    assert error.reason == "no complete answer within 20 s"
    assert clock.seconds == 1020
    assert stream.closed


def test_an_answer_that_is_no_leaderboard_is_a_parse_error() -> None:
    """A page in place of JSON is told as such."""
    error = failure(httpx.Response(200, html="<html>Sign in</html>"))

    assert isinstance(error, ParseError)
    assert error.reason == "the answer is HTML, not JSON"


SKIPPED = (
    f"Org/Bench_1.0: 2 rows are skipped: row {len(ROWS) + 1} of the answer has no rank, model or"
    " score that can be read"
)


def test_skipped_rows_are_logged_once_a_poll(caplog: pytest.LogCaptureFixture) -> None:
    """The log names the benchmark, the count and one of the rows."""
    site = Site(httpx.Response(200, json=[*ROWS, "evil", {"taskId": "t"}]))

    with caplog.at_level(logging.DEBUG, "bot"):
        fetch(client(site))

    assert [(record.name, record.levelname, record.message) for record in caplog.records] == [
        ("bot.hub", "WARNING", SKIPPED)
    ]


def test_the_token_shows_nowhere() -> None:
    """No error and no repr gives it away."""
    hub = client(Site(httpx.Response(403)))
    with pytest.raises(FetchError) as caught:
        fetch(hub)

    assert TOKEN not in f"{caught.value!r} {caught.value} {hub!r} {vars(hub)!r}"
