"""Which token the Hub is asked with, and what happens to one that is no good."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import httpx
import pytest

from bot.core.board import BoardKey
from bot.core.discovery import Benchmark
from bot.core.errors import FetchError, GatedError, UnknownBenchmarkError
from bot.core.secret import Secret
from bot.hub.answers import Fetched, TaskList, TokenReport
from bot.hub.client import HubClient
from bot.hub.tokens import FRESH_FOR_S, LOGIN, Token, Tokens, ecosystem

ROOT = Path(__file__).parents[2]
ROWS = [{"rank": 1, "modelId": "a/b", "value": 76.4, "verified": False}]
GATED = {"X-Error-Code": "GatedRepo"}
FILE_REFUSED = (
    "the Hub refuses the token from hub.token in the file: boards are asked without it; make a new"
    " one in the Hub's settings, and set hub.token"
)


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Site:
    """Refuses every token but the good ones; ``bare`` is what it answers without one."""

    def __init__(self, *good: str, bare: httpx.Response | None = None) -> None:
        self.good = {f"Bearer {token}" for token in good}
        self.bare = bare
        self.sent: list[str | None] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        sent = request.headers.get("authorization")
        self.sent.append(sent)
        if sent is not None and sent not in self.good:
            return httpx.Response(401)
        if sent is None and self.bare is not None:
            return self.bare
        if request.url.path.endswith("eval.yaml"):
            return httpx.Response(200, text="tasks: [{id: a}]")
        if request.url.path.endswith("leaderboard"):
            return httpx.Response(200, json=ROWS)
        return httpx.Response(200, json=[{"id": "a/b"}])


def client(site: Site, token: str) -> HubClient:
    transport, timeout = httpx.MockTransport(site), timedelta(seconds=20)
    return HubClient("https://hub.example", Secret(token), timeout, 4, time.monotonic, transport)


def fetch(hub: HubClient) -> object:
    return hub.leaderboard(BoardKey("a/b"))


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "bot.hub"]


# --- a token that the Hub refuses -----------------------------------------------------------------


def test_a_refused_token_costs_no_public_board(caplog: pytest.LogCaptureFixture) -> None:
    """It is asked again without, everything after it too, and that is said once."""
    site = Site()
    hub = client(site, "hf_expired")

    assert isinstance(fetch(hub), Fetched)
    assert isinstance(fetch(hub), Fetched)
    assert hub.tasks("a/b") == TaskList(tasks=("a",))
    assert site.sent == ["Bearer hf_expired", None, None, None]
    assert said(caplog) == [FILE_REFUSED]
    assert hub.token() == TokenReport(problem=FILE_REFUSED, refused=True)


def test_a_refusal_is_said_once_a_process(caplog: pytest.LogCaptureFixture) -> None:
    """A configuration that is loaded anew makes a new client."""
    for _ in range(2):
        fetch(client(Site(), "hf_reloaded"))

    assert said(caplog) == [FILE_REFUSED]


def test_threads_that_meet_a_refusal_together_say_it_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Each of them gets its board."""
    together = Barrier(4)

    class Slow(Site):
        def __call__(self, request: httpx.Request) -> httpx.Response:
            if "authorization" in request.headers:
                together.wait(20)
            return super().__call__(request)

    hub = client(Slow(), "hf_together")
    with ThreadPoolExecutor(4) as pool:
        assert all(isinstance(one, Fetched) for one in pool.map(lambda _: fetch(hub), range(4)))

    assert said(caplog) == [FILE_REFUSED]


def test_the_list_is_asked_for_without_a_refused_token() -> None:
    """Discovery needs none."""
    site = Site()

    assert client(site, "hf_list").benchmarks() == (Benchmark("a/b"),)
    assert site.sent == ["Bearer hf_list", None]


@pytest.mark.parametrize("status", [401, 403])
def test_a_board_that_is_closed_without_one_blames_the_token(status: int) -> None:
    """Nothing shows yet whether it is good elsewhere."""
    hub = client(Site(bare=httpx.Response(status, headers=GATED)), "hf_closed")

    with pytest.raises(GatedError, match=r"does not accept the token: check hub\.token"):
        fetch(hub)
    assert hub.token() is None


def test_a_gated_board_names_the_refused_token() -> None:
    """Whoever looks for the reason of the one finds the other."""
    site = Site()
    hub = client(site, "hf_gated")
    fetch(hub)
    site.bare = httpx.Response(401, headers=GATED)

    with pytest.raises(GatedError) as caught:
        fetch(hub)
    assert caught.value.reason == f"the benchmark is gated, and {FILE_REFUSED}"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_hub_in_trouble_proves_nothing_of_the_token(status: int) -> None:
    """The board fails with the trouble, and the token is tried again."""
    site = Site(bare=httpx.Response(status))
    hub = client(site, "hf_trouble")
    with pytest.raises(FetchError):
        fetch(hub)
    site.bare = None

    assert hub.token() is None
    fetch(hub)
    assert site.sent.count("Bearer hf_trouble") == 2


def test_what_does_not_exist_without_the_token_either_refuses_it() -> None:
    """A 404 is an answer."""
    hub = client(Site(bare=httpx.Response(404)), "hf_missing")

    with pytest.raises(UnknownBenchmarkError):
        fetch(hub)
    assert hub.token() == TokenReport(problem=FILE_REFUSED, refused=True)


@pytest.mark.parametrize("code", ["GatedRepo", "RepoNotFound"])
def test_a_401_about_the_repository_is_not_about_the_token(code: str) -> None:
    """It is not asked again."""
    requests = []

    def site(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(401, headers={"X-Error-Code": code})

    hub = HubClient(
        "https://hub.example",
        Secret("hf_x"),
        timedelta(seconds=20),
        4,
        time.monotonic,
        httpx.MockTransport(site),
    )
    with pytest.raises(FetchError):
        fetch(hub)
    assert len(requests) == 1


def test_the_second_request_has_no_time_of_its_own() -> None:
    """Both are one request with one deadline."""
    clock = Clock()

    class Slow(Site):
        def __call__(self, request: httpx.Request) -> httpx.Response:
            clock.seconds += 15
            return super().__call__(request)

    hub = HubClient(
        "https://hub.example",
        Secret("hf_slow"),
        timedelta(seconds=10),
        4,
        clock,
        httpx.MockTransport(Slow()),
    )
    with pytest.raises(FetchError, match="no complete answer within 10 s"):
        fetch(hub)


def test_a_good_token_is_reported_once_it_was_taken() -> None:
    """Before any answer nothing is known."""
    hub = client(Site("hf_good"), "hf_good")

    assert hub.token() is None
    fetch(hub)
    assert hub.token() == TokenReport()


# --- a token that cannot be sent ------------------------------------------------------------------


@pytest.mark.parametrize("token", ["hf x", "hf\nx", "hf_é", "hf\x00"])
def test_a_token_that_cannot_be_one_is_not_sent(
    token: str, caplog: pytest.LogCaptureFixture
) -> None:
    """That is said without its value, and boards are asked without it."""
    site = Site()
    tokens = Tokens(lambda: Token(Secret(token), "HF_TOKEN"), Clock())

    assert tokens.current() is None
    assert tokens.current() is None
    (problem,) = said(caplog)
    assert problem == (
        "the token from HF_TOKEN holds a space, a line break or a letter that no token has: boards"
        " are asked without it; set HF_TOKEN to the token alone"
    )
    assert tokens.report() == TokenReport(problem=problem)
    assert fetch(client(site, token))
    assert site.sent == [None]


def test_a_login_that_cannot_be_read_costs_no_board(caplog: pytest.LogCaptureFixture) -> None:
    """It is said with its remedy."""

    def find() -> Token | None:
        raise FetchError("the token cannot be read: set hub.token")

    assert Tokens(find, Clock()).current() is None
    assert said(caplog) == [
        "the token cannot be read: set hub.token; until then boards are asked without a token"
    ]


# --- a token that changes -------------------------------------------------------------------------


def test_a_token_is_looked_for_every_few_seconds() -> None:
    """Not at every request: looking costs; yet a new login needs no restart."""
    clock, looked = Clock(), []

    def find() -> Token:
        looked.append(clock.seconds)
        return Token(Secret(f"hf_{len(looked)}"), LOGIN)

    tokens = Tokens(find, clock)
    for _ in range(3):
        assert tokens.current() == Token(Secret("hf_1"), LOGIN)
    clock.seconds += FRESH_FOR_S
    assert tokens.current() == Token(Secret("hf_2"), LOGIN)
    assert len(looked) == 2


def test_a_new_login_ends_the_refusal_of_the_old_one() -> None:
    """The new one is sent, and is good once the Hub has taken it."""
    clock = Clock()
    logins = [Token(Secret("hf_old"), LOGIN), Token(Secret("hf_new"), LOGIN)]
    tokens = Tokens(lambda: logins[0], clock)
    tokens.refuse(logins[0])
    assert tokens.current() is None
    clock.seconds += FRESH_FOR_S
    assert tokens.current() is None

    del logins[0]
    clock.seconds += FRESH_FOR_S
    assert tokens.current() == logins[0]
    assert tokens.report() is None
    tokens.accept(logins[0])
    assert tokens.report() == TokenReport()


# --- where it is found ----------------------------------------------------------------------------

TOKEN_OF = """
import sys
from bot.core.errors import FetchError
from bot.hub.tokens import ecosystem
try:
    token = ecosystem()
    print(f"{token.source}: {token.secret.reveal()!r}" if token else "none")
except FetchError as error:
    print(error.reason)
print("huggingface_hub" in sys.modules)
"""


def token_of(tmp_path: Path, **variables: str) -> tuple[str, bool]:
    """Return the token that a process with this environment finds, and if it took the library."""
    run = subprocess.run(
        [sys.executable, "-c", TOKEN_OF],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found, loaded = run.stdout.splitlines()
    return found, loaded == "True"


@pytest.mark.parametrize("name", ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"])
def test_the_variable_is_the_token(tmp_path: Path, name: str) -> None:
    """It wins over the cached login; an end of line around it is nothing."""
    (tmp_path / "token").write_text("hf_cached\n")

    found = token_of(tmp_path, HF_HOME=str(tmp_path), **{name: "hf_variable\n"})
    assert found == (f"{name}: 'hf_variable'", False)


@pytest.mark.parametrize(
    ("place", "variables"),
    [
        (".cache/huggingface/token", {}),
        ("xdg/huggingface/token", {"XDG_CACHE_HOME": "$HOME/xdg"}),
        ("home/token", {"HF_HOME": "~/home"}),
        ("elsewhere", {"HF_TOKEN_PATH": "~/elsewhere", "HF_HOME": "~/home"}),
    ],
)
def test_the_cached_login_is_the_token(
    tmp_path: Path, place: str, variables: dict[str, str]
) -> None:
    """Wherever the ecosystem's variables say that it is."""
    file = tmp_path / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("hf_cached\n")

    assert token_of(tmp_path, **variables) == (f"{LOGIN}: 'hf_cached'", True)


@pytest.mark.parametrize("home", ["", "missing", "/dev/null"])
def test_without_a_login_the_library_is_not_loaded(tmp_path: Path, home: str) -> None:
    """It takes a while, only to say that there is no token."""
    variables = {"HF_HOME": str(tmp_path / home)} if home else {}

    assert token_of(tmp_path, **variables) == ("none", False)


def test_a_login_of_two_lines_is_no_token(tmp_path: Path) -> None:
    """The library would join them to a third one."""
    (tmp_path / "token").write_text("hf_a\nhf_b\n")

    assert token_of(tmp_path, HF_HOME=str(tmp_path))[0] == rf"{LOGIN}: 'hf_a\nhf_b'"


def test_an_empty_login_is_none(tmp_path: Path) -> None:
    """As the library has it."""
    (tmp_path / "token").write_text("\n")

    assert token_of(tmp_path, HF_HOME=str(tmp_path)) == ("none", False)


def test_a_login_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A damaged login is a sentence with its remedy."""
    (tmp_path / "token").mkdir()
    (tmp_path / "bytes").write_bytes(b"\xff")

    for variables in ({}, {"HF_TOKEN_PATH": str(tmp_path / "bytes")}):
        found, _ = token_of(tmp_path, HF_HOME=str(tmp_path), **variables)
        assert found == "the token that huggingface_hub keeps cannot be read: set hub.token"


def test_an_implicit_token_can_be_forbidden(tmp_path: Path) -> None:
    """The ecosystem's switch counts here too."""
    forbidden = {"HF_HUB_DISABLE_IMPLICIT_TOKEN": "1", "HF_TOKEN": "hf_x"}

    assert token_of(tmp_path, HF_HOME=str(tmp_path), **forbidden) == ("none", False)


def test_the_variable_is_read_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token of the environment is a secret from the start."""
    monkeypatch.delenv("HF_OIDC_RESOURCE", raising=False)
    monkeypatch.delenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", raising=False)
    monkeypatch.setenv("HF_TOKEN", "hf_x")

    assert ecosystem() == Token(Secret("hf_x"), "HF_TOKEN")
    assert "hf_x" not in repr(ecosystem())
