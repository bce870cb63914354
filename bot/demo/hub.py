"""A sample Hub: speaks the parts of the Hub's HTTP API that the program uses, and no others."""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Mapping
from http import HTTPStatus
from typing import Self
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from bot.core.aggregate import DATASET
from bot.demo import replies
from bot.demo.aggregate import SampleAggregate
from bot.demo.benchmark import Rows, Tasks
from bot.demo.contents import Contents, Json
from bot.demo.profiles import drifted
from bot.demo.server import LoopbackServer, Reply, Request

Query = dict[str, list[str]]

EVERYTHING = "*"
"""Names every request in ``SampleHub.fail``."""
LISTING = "api/datasets"
"""Names the list of benchmarks in ``SampleHub.fail``."""
EVAL_FILE = "eval.yaml"
"""The file of a benchmark's tasks; ``NS/NAME/eval.yaml`` names it in ``SampleHub.fail``."""

LOG_LENGTH = 10_000
OFFICIAL = "benchmark:official"
PAGE = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Sample data</title>
<p>Sample data: this address stands for a page of the Hugging Face Hub.
The leaderboard-bot demo makes no request to the real one.</p></html>"""


class SampleHub(Contents):
    """A Hub on loopback whose state tests and the demo set; every method is thread-safe.

    It answers while it is entered (or between ``start`` and ``stop``), at ``url``. The boards it
    is made with are official benchmarks; ``set`` and ``set_tasks`` alone make one that answers
    but is not listed. What methods are given is copied; attributes are there to write to. The
    methods that set what it holds (tasks, gates, new names, failures) are those of ``Contents``.

    A benchmark of plain rows has one board, at the bare address: it has no ``eval.yaml`` and
    knows no ``task_id``. One of tasks (``set_tasks``, or a mapping of task to rows wherever rows
    are given) has a board for each, the first of them at the bare address too, and an
    ``eval.yaml`` that names them in that order, behind a redirect.

    ``NS/NAME``, ``NS/NAME#TASK`` and ``NS/NAME/eval.yaml`` name a benchmark (its record and all
    its boards, not its file), one of its boards, and its file, in ``fail`` and ``recover``;
    ``NS/NAME`` is the first board in ``derived``.

    Attributes:
        aggregate: the dataset with the file over all benchmarks, which ``fail`` knows by its id.
        derived: rows for ``base_model=false`` where they differ, by board.
        models: the Hub's JSON of each model, by id.
        remaining: the rest of the API's rate limit; ``resolver_remaining`` that of the files'.
        etags: False answers like a Hub that gives none.
        drift: True lets each profile's followers grow with every answer, as on the real Hub. By
            default they rest, so that an ETag covers the rows, and 304 means that none changed.
        good_tokens: the tokens that the Hub knows. It refuses any other, on public things too;
            None knows them all.
        unknown_task: the status for a ``task_id`` that is none: 404, 400, or 200 with no rows.
    """

    def __init__(
        self,
        boards: Mapping[str, Rows | Tasks] | None = None,
        *,
        page_size: int = 100,
        etags: bool = True,
        drift: bool = False,
    ) -> None:
        super().__init__()
        self.aggregate = SampleAggregate()
        self.remaining = replies.QUOTA - 1
        self.resolver_remaining = replies.RESOLVER_QUOTA - 1
        self.etags = etags
        self.drift = drift
        self.good_tokens: set[str] | None = None
        self.unknown_task = 404
        self._page_size = page_size
        self._answers = 0
        self._log: deque[Request] = deque(maxlen=LOG_LENGTH)
        self._server = LoopbackServer(self._answer)
        for benchmark, rows in (boards or {}).items():
            self.add_benchmark(benchmark, rows)

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__()
        self.aggregate.stop()

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

    def _answer(self, request: Request) -> Reply:
        with self._lock:
            self._log.append(request)
            reply = self._failures.get(EVERYTHING) or self._stranger(request.headers)
            reply = reply or self.aggregate.answer(request.path, self._failures.get(DATASET))
            reply = reply or self._route(request)
            limits = self._limits(urlsplit(request.path).path)
        return reply._replace(headers=limits | dict(reply.headers))

    def _limits(self, path: str) -> dict[str, str]:
        if "/resolve/" in path or "/resolve-cache/" in path:
            return replies.limits("resolvers", self.resolver_remaining, replies.RESOLVER_QUOTA)
        if path.startswith("/api/"):
            return replies.limits("api", self.remaining, replies.QUOTA)
        return {}

    def _stranger(self, headers: Mapping[str, str]) -> Reply | None:
        shown = headers.get("authorization")
        if self.good_tokens is None or shown is None:
            return None
        if shown in {f"Bearer {token}" for token in self.good_tokens}:
            return None
        return replies.error(401, "Invalid credentials in Authorization header")

    def _route(self, request: Request) -> Reply:
        address = urlsplit(request.path)
        match [unquote(part) for part in address.path.strip("/").split("/")]:
            case ["api", "datasets", *rest]:
                return self._datasets(rest, parse_qs(address.query), request)
            case ["datasets", namespace, name, "resolve", "main", file]:
                return self._file(f"{namespace}/{name}", file, request)
            case ["api", "resolve-cache", "datasets", namespace, name, _, file]:
                return self._file(f"{namespace}/{name}", file, request, cached=True)
            case ["api", "models", namespace, name]:
                return self._model(f"{namespace}/{name}", request)
            case ["api", *_]:
                return replies.NO_PAGE
            case _:
                return Reply(200, PAGE, {"Content-Type": "text/html; charset=utf-8"})

    def _datasets(self, path: list[str], query: Query, request: Request) -> Reply:
        match path:
            case []:
                return self._failures.get(LISTING) or self._list(query)
            case [namespace, name]:
                return self._dataset(f"{namespace}/{name}", request)
            case [namespace, name, "leaderboard"]:
                return self._board(f"{namespace}/{name}", query, request)
            case _:
                return replies.NO_PAGE

    def _list(self, query: Query) -> Reply:
        known = sorted(self._benchmarks)
        for wanted in query.get("filter", ()):
            known = [id_ for id_ in known if wanted == OFFICIAL and id_ in self._official]
        start = int(query.get("cursor", ["0"])[0])
        limit = int(query.get("limit", [str(self._page_size)])[0])
        page = [self._dataset_json(id_) for id_ in known[start : start + limit]]
        headers = {}
        if start + limit < len(known):
            following = urlencode(query | {"cursor": [str(start + limit)]}, doseq=True)
            headers["Link"] = f'<{self.url}/{LISTING}?{following}>; rel="next"'
        return replies.ok(page, headers)

    def _dataset(self, repo: str, request: Request) -> Reply:
        if missing := self._missing(repo, self._benchmarks, request):
            return missing
        return replies.ok(self._dataset_json(repo))

    def _dataset_json(self, repo: str) -> Json:
        return {
            "id": repo,
            "author": repo.partition("/")[0],
            "private": False,
            "disabled": False,
            "gated": "auto" if repo in self._gates else False,
            "likes": 0,
            "downloads": 0,
            "tags": [OFFICIAL] if repo in self._official else [],
        }

    def _board(self, repo: str, query: Query, request: Request) -> Reply:
        if missing := self._missing(repo, self._benchmarks, request):
            return missing
        if refusal := self._refusal(repo, request, file=False):
            return refusal
        known = self._benchmarks[repo]
        task = query["task_id"][0] if "task_id" in query else known.first
        if failure := self._failures.get(f"{repo}#{task}"):
            return failure
        if task not in known.boards:
            return self._no_task()
        derived = query.get("base_model") == ["false"]
        return self._rows(self._derived(repo, task) if derived else known.boards[task], request)

    def _derived(self, repo: str, task: str | None) -> Rows:
        known = self._benchmarks[repo]
        named = f"{repo}#{task}"
        if named not in self.derived and task == known.first:
            named = repo
        return self.derived.get(named, known.boards[task])

    def _rows(self, rows: Rows, request: Request) -> Reply:
        self._answers += 1
        shown = list(rows)
        reply = replies.ok(drifted(shown, self._answers) if self.drift else shown)
        return self._tagged(reply, f'W/"{replies.digest(reply.body)}"', request)

    def _tagged(self, reply: Reply, etag: str, request: Request) -> Reply:
        if not self.etags:
            return reply
        if request.headers.get("if-none-match") == etag:
            return Reply(304, b"", {"ETag": etag})
        return reply._replace(headers={**reply.headers, "ETag": etag})

    def _no_task(self) -> Reply:
        if self.unknown_task == HTTPStatus.OK:
            return replies.ok([])
        return replies.error(self.unknown_task, "No such task")

    def _file(self, repo: str, file: str, request: Request, *, cached: bool = False) -> Reply:
        refusal = self._missing(repo, self._benchmarks, request, failing=f"{repo}/{file}")
        if refusal := refusal or self._refusal(repo, request, file=True):
            return refusal
        text = self._benchmarks[repo].file
        if file != EVAL_FILE or text is None:
            return replies.NO_FILE
        if not cached:
            return replies.moved(replies.cache_address(repo, file, text))
        return self._tagged(replies.plain(text), f'"{replies.digest(text)}"', request)

    def _model(self, repo: str, request: Request) -> Reply:
        if missing := self._missing(repo, self.models, request):
            return missing
        return replies.ok({"id": repo, "modelId": repo, "tags": [], **self.models[repo]})

    def _missing(
        self, repo: str, known: Container[str], request: Request, failing: str | None = None
    ) -> Reply | None:
        failure = self._failures.get(failing or repo)
        if failure or repo in known:
            return failure
        if (new := self._moves.get(repo)) is not None:
            return replies.moved(request.path.replace(f"/{repo}", f"/{new}", 1))
        return replies.NO_REPOSITORY

    def _refusal(self, repo: str, request: Request, *, file: bool) -> Reply | None:
        gate = self._gates.get(repo)
        shown = request.headers.get("authorization")
        if gate is None or shown == f"Bearer {gate.token}" or (gate.files_only and not file):
            return None
        message = f"Access to dataset {repo} is restricted."
        return replies.error(401 if shown is None else 403, message, "GatedRepo")
