"""A sample Hub: speaks the parts of the Hub's HTTP API that the program uses, and no others."""

from __future__ import annotations

import copy
import hashlib
import json
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from bot.demo.server import LoopbackServer, Reply, Request

Json = dict[str, Any]
Rows = Sequence[Mapping[str, Any]]
Query = dict[str, list[str]]

EVERYTHING = "*"
"""Names every request in ``SampleHub.fail``."""
LISTING = "api/datasets"
"""Names the list of benchmarks in ``SampleHub.fail``."""

QUOTA = 500
WINDOW_SECONDS = 300
LOG_LENGTH = 10_000
OFFICIAL = "benchmark:official"
PAGE = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Sample data</title>
<p>Sample data: this address stands for a page of the Hugging Face Hub.
The leaderboard-bot demo makes no request to the real one.</p></html>"""


class SampleHub:
    """A Hub on loopback whose state tests and the demo set; every method is thread-safe.

    It answers while it is entered (or between ``start`` and ``stop``), at ``url``. The boards it
    is made with are official benchmarks; ``set`` alone makes one that answers but is not listed.
    What is given is copied, except ``derived`` (rows for ``base_model=false`` where they differ)
    and ``models`` (by id, as the Hub's JSON), which are plain dicts to write to.
    ``etags=False`` answers like a Hub that gives none. ``remaining`` is the rate limit's rest.
    """

    def __init__(
        self,
        boards: Mapping[str, Rows] | None = None,
        *,
        page_size: int = 100,
        etags: bool = True,
    ) -> None:
        self.derived: dict[str, Rows] = {}
        self.models: dict[str, Json] = {}
        self.remaining = QUOTA - 1
        self.etags = etags
        self._page_size = page_size
        self._lock = threading.RLock()
        self._boards: dict[str, Rows] = {}
        self._official: set[str] = set()
        self._failures: dict[str, Reply] = {}
        self._tokens: dict[str, str] = {}
        self._log: deque[Request] = deque(maxlen=LOG_LENGTH)
        self._server = LoopbackServer(self._answer)
        for benchmark, rows in (boards or {}).items():
            self.add_benchmark(benchmark, rows)

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__()

    def start(self) -> Self:
        """Begin to answer; the caller must ``stop``."""
        return self.__enter__()

    def stop(self) -> None:
        """Stop answering; further connections are refused."""
        self.__exit__()

    @property
    def url(self) -> str:
        """The endpoint to give to the program; only while the Hub answers."""
        return self._server.url

    @property
    def requests(self) -> tuple[Request, ...]:
        """The requests so far, oldest first (at most the last ``LOG_LENGTH``)."""
        with self._lock:
            return tuple(self._log)

    @property
    def benchmarks(self) -> tuple[str, ...]:
        """The official benchmarks, sorted."""
        with self._lock:
            return tuple(sorted(self._official))

    def set(self, benchmark: str, rows: Rows) -> None:
        """Make ``rows`` the leaderboard, in this order; an unknown benchmark is not listed."""
        with self._lock:
            self._boards[benchmark] = copy.deepcopy(list(rows))

    def add_benchmark(self, benchmark: str, rows: Rows = ()) -> None:
        """Make it an official benchmark with these rows."""
        with self._lock:
            self.set(benchmark, rows)
            self._official.add(benchmark)

    def remove_benchmark(self, benchmark: str, *, delete: bool = True) -> None:
        """Take it off the official list; its leaderboard is gone too unless ``delete`` is False."""
        with self._lock:
            self._official.discard(benchmark)
            if delete:
                self._boards.pop(benchmark, None)

    def gate(self, benchmark: str, token: str) -> None:
        """Ask for ``token`` from now on: 401 without any, 403 with another one."""
        with self._lock:
            self._tokens[benchmark] = token

    def fail(
        self,
        benchmark: str,
        status: int,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b'{"error":"Sample failure"}',
    ) -> None:
        """Give this answer instead, until ``recover``.

        ``benchmark`` may also be a model's id, ``LISTING`` or ``EVERYTHING``. Redirects and
        malformed bodies with status 200 are answers like others.
        """
        with self._lock:
            self._failures[benchmark] = Reply(status, body, dict(headers or {}))

    def recover(self, benchmark: str | None = None) -> None:
        """End the failure of ``benchmark`` (as named in ``fail``), or all of them."""
        with self._lock:
            if benchmark is None:
                self._failures.clear()
            else:
                self._failures.pop(benchmark, None)

    def _answer(self, request: Request) -> Reply:
        with self._lock:
            self._log.append(request)
            reply = self._route(request)
            limits = {
                "RateLimit": f'"api";r={self.remaining};t={WINDOW_SECONDS}',
                "RateLimit-Policy": f'"fixed window";"api";q={QUOTA};w={WINDOW_SECONDS}',
            }
        return reply._replace(headers=limits | dict(reply.headers))

    def _route(self, request: Request) -> Reply:
        address = urlsplit(request.path)
        query = parse_qs(address.query)
        match [unquote(part) for part in address.path.strip("/").split("/")]:
            case ["api", "datasets"]:
                return self._failure(LISTING) or self._list(query)
            case ["api", "datasets", namespace, name, *rest] if rest in ([], ["leaderboard"]):
                repo = f"{namespace}/{name}"
                board = self._board if rest else self._dataset
                return self._failure(repo) or board(repo, query, request.headers)
            case ["api", "models", namespace, name]:
                repo = f"{namespace}/{name}"
                return self._failure(repo) or self._model(repo)
            case ["api", *_]:
                return _error(404, "Sorry, we can't find the page you are looking for.")
            case _:
                return Reply(200, PAGE, {"Content-Type": "text/html; charset=utf-8"})

    def _failure(self, repo: str) -> Reply | None:
        return self._failures.get(EVERYTHING) or self._failures.get(repo)

    def _list(self, query: Query) -> Reply:
        known = sorted(self._boards)
        for wanted in query.get("filter", ()):
            known = [id_ for id_ in known if wanted == OFFICIAL and id_ in self._official]
        start = int(query.get("cursor", ["0"])[0])
        limit = int(query.get("limit", [str(self._page_size)])[0])
        page = [self._dataset_json(id_) for id_ in known[start : start + limit]]
        headers = {}
        if start + limit < len(known):
            following = urlencode(query | {"cursor": [str(start + limit)]}, doseq=True)
            headers["Link"] = f'<{self.url}/{LISTING}?{following}>; rel="next"'
        return _ok(page, headers)

    def _dataset(self, repo: str, _query: Query, _headers: Mapping[str, str]) -> Reply:
        if repo not in self._boards:
            return _not_found()
        return _ok(self._dataset_json(repo))

    def _dataset_json(self, repo: str) -> Json:
        return {
            "id": repo,
            "author": repo.partition("/")[0],
            "private": False,
            "disabled": False,
            "gated": "auto" if repo in self._tokens else False,
            "likes": 0,
            "downloads": 0,
            "tags": [OFFICIAL] if repo in self._official else [],
        }

    def _board(self, repo: str, query: Query, headers: Mapping[str, str]) -> Reply:
        if repo not in self._boards:
            return _not_found()
        if refusal := self._refusal(repo, headers):
            return refusal
        rows = self._boards[repo]
        if query.get("base_model") == ["false"]:
            rows = self.derived.get(repo, rows)
        return self._conditional(_ok(rows), headers)

    def _refusal(self, repo: str, headers: Mapping[str, str]) -> Reply | None:
        token = self._tokens.get(repo)
        if token is None or headers.get("authorization") == f"Bearer {token}":
            return None
        status = 403 if "authorization" in headers else 401
        return _error(status, f"Access to dataset {repo} is restricted.", "GatedRepo")

    def _conditional(self, reply: Reply, headers: Mapping[str, str]) -> Reply:
        if not self.etags:
            return reply
        etag = f'W/"{hashlib.sha256(reply.body).hexdigest()[:32]}"'
        if headers.get("if-none-match") == etag:
            return Reply(304, b"", {"ETag": etag})
        return reply._replace(headers={"ETag": etag, **reply.headers})

    def _model(self, repo: str) -> Reply:
        if repo not in self.models:
            return _not_found()
        return _ok({"id": repo, "modelId": repo, "tags": [], **self.models[repo]})


def _ok(content: Any, headers: Mapping[str, str] | None = None) -> Reply:
    kind = {"Content-Type": "application/json; charset=utf-8"}
    return Reply(200, json.dumps(content).encode(), kind | dict(headers or {}))


def _error(status: int, message: str, code: str | None = None) -> Reply:
    headers = {"Content-Type": "application/json; charset=utf-8", "X-Error-Message": message}
    if code:
        headers["X-Error-Code"] = code
    return Reply(status, json.dumps({"error": message}).encode(), headers)


def _not_found() -> Reply:
    return _error(404, "Repository not found", "RepoNotFound")
