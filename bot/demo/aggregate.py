"""The file over all benchmarks as the Hub has it: a dataset whose bytes lie on another host."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from bot.core.aggregate import DATASET
from bot.demo import replies
from bot.demo.server import LoopbackServer, Reply, Request

Json = dict[str, Any]
Scores = Mapping[str, Mapping[str, float | None]]
"""Scores by column, by model."""

COLUMNS = {
    "SWE-bench/SWE-bench_Verified": "sweVerified",
    "cais/hle": "hle",
    "Idavidrein/gpqa": "gpqa",
    "TIGER-Lab/MMLU-Pro": "mmluPro",
    "MathArena/aime_2026": "aime2026",
}
"""The columns of some benchmarks' first tasks."""

JSON = "leaderboard.json"
FOLDER = f"/datasets/{DATASET}/resolve/main/"


class File(NamedTuple):
    """A file of the dataset: its bytes and the commit that wrote them."""

    body: bytes
    commit: str


class SampleAggregate:
    """The dataset, empty at first; the Hub that has it answers for it and keeps it thread-safe.

    Attributes:
        elsewhere: False answers the bytes at once, as the Hub does with small files that are text.
        storage_status: what the storage host answers instead of 200.
        storage_requests: what it was asked.
    """

    def __init__(self) -> None:
        self.elsewhere = True
        self.storage_status = 200
        self.storage_requests: deque[Request] = deque(maxlen=1000)
        self._files: dict[str, File] = {}
        self._storage = LoopbackServer(self._stored)
        self._up = False

    def set(self, scores: Scores, **metadata: str) -> None:
        """Write the ``leaderboard.json`` anew, in a commit of its own."""
        names = dict.fromkeys(column for of_model in scores.values() for column in of_model)
        text = {
            "metadata": {"title": "Sample data", **metadata},
            "benchmarks": {name: {"name": name} for name in names},
            "models": [_model(model, of_model) for model, of_model in scores.items()],
        }
        self.put(json.dumps(text, indent=1).encode())

    def put(self, body: bytes | None, path: str = JSON) -> None:
        """Write any file, or take it away."""
        files = {name: file for name, file in self._files.items() if name != path}
        if body is not None:
            files[path] = File(body, replies.digest(path.encode() + body))
        self._files = files  # at once, for it may be asked for meanwhile

    def stop(self) -> None:
        """End the storage host, where there is one."""
        if self._up:
            self._storage.__exit__()
            self._up = False

    def answer(self, path: str, failure: Reply | None = None) -> Reply | None:
        """Answer, by ``failure`` if any, what the Hub is asked of it; None for any other path."""
        if failure or not path.startswith(FOLDER):
            return failure if path.startswith(FOLDER) else None
        file = self._files.get(name := path.removeprefix(FOLDER))
        if file is None:
            return replies.NO_FILE if self._files else replies.NO_REPOSITORY
        headers = {"X-Repo-Commit": file.commit}
        if not self.elsewhere:
            etag = f'"{replies.digest(file.body)}"'
            return Reply(200, file.body, {**headers, "ETag": etag, "Content-Type": "text/plain"})
        if not self._up:
            self._storage.__enter__()
            self._up = True
        headers["X-Linked-Etag"] = f'"{hashlib.sha256(file.body).hexdigest()}"'
        headers["X-Linked-Size"] = str(len(file.body))
        headers["Location"] = f"{self._storage.url}/{name}?X-Amz-Signature=sample"
        return Reply(302, b"Found", headers)

    def _stored(self, request: Request) -> Reply:
        self.storage_requests.append(request)
        file = self._files.get(request.path.partition("?")[0].removeprefix("/"))
        if self.storage_status != 200 or file is None:  # noqa: PLR2004 - plainer than a name
            return Reply(404 if file is None else self.storage_status, b"<Error/>")
        return Reply(200, file.body, {"Content-Type": "binary/octet-stream"})


def scores_of(benchmarks: Mapping[str, Mapping[str, Sequence[Json]]]) -> Scores:
    """Return what the file has of the rows of some benchmarks by task: each model's best."""
    found: dict[str, dict[str, float | None]] = {}
    for benchmark, tasks in benchmarks.items():
        if (column := COLUMNS.get(benchmark)) is None:
            continue
        for row in sorted(next(iter(tasks.values()), ()), key=lambda row: float(row["value"])):
            found.setdefault(row["modelId"], {})[column] = row["value"]
    return found


def _model(model: str, scores: Mapping[str, float | None]) -> Json:
    return {
        "id": model,
        "name": model.partition("/")[2],
        "provider": model.partition("/")[0],
        "benchmarks": {column: {"score": score} for column, score in scores.items()},
    }
