"""Public leaderboards that are kept in git, and how a version of their file is read as rows."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

Json = dict[str, Any]


@dataclass(frozen=True)
class Source:
    """A file of a repository, and the reader that makes rows of its text, still without ranks."""

    file: str
    read: Callable[[str], list[Json]]
    lower_is_better: bool = False

    def versions(self, repository: Path) -> Iterator[tuple[datetime, list[Json]]]:
        """Yield the time of each commit that changed the file, and the rows as they were then.

        Versions that are no leaderboard, or that the clone lacks, are left out.
        """
        log = _git(
            repository, "log", "--reverse", "--first-parent", "--format=%H %ct", "--", self.file
        )
        last = datetime.min.replace(tzinfo=UTC)
        for line in log.splitlines():
            commit, seconds = line.split()
            at = datetime.fromtimestamp(int(seconds), UTC)
            rows = self._rows(repository, commit)
            if rows and at > last:
                last = at
                yield at, self._ranked(rows)

    def _rows(self, repository: Path, commit: str) -> list[Json]:
        try:
            return self.read(_git(repository, "show", f"{commit}:{self.file}"))
        except (subprocess.CalledProcessError, ValueError, KeyError, yaml.YAMLError):
            return []

    def _ranked(self, rows: Sequence[Json]) -> list[Json]:
        ordered = sorted(rows, key=lambda row: row["value"], reverse=not self.lower_is_better)
        extra = {"lower_is_better": True} if self.lower_is_better else {}
        return [{"rank": rank, **row, **extra} for rank, row in enumerate(ordered, start=1)]


def _git(repository: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(repository), *arguments], check=True, capture_output=True, text=True
    ).stdout


def _row(model: str, score: float, file: str = "result", notes: str | None = None) -> Json:
    name = re.sub(r"[^\w.:/+-]+", "-", model.strip()).strip("-")
    row: Json = {
        "modelId": name if "/" in name else f"models/{name}",
        "value": score,
        "filename": f".eval_results/{file}.yaml",
        "author": {"name": "models"},
    }
    return row | ({"notes": notes} if notes else {})


def _aider(text: str) -> list[Json]:
    return [
        _row(entry["model"], entry["pass_rate_2"], entry["dirname"], entry.get("edit_format"))
        for entry in yaml.load(text, yaml.CSafeLoader)
        if entry.get("pass_rate_2") is not None
    ]


_LINE = re.compile(
    r"^\|(?!Model|-)(?P<model>[^|]+)\|(?P<first>[^|]+)\|(?P<second>[^|]+)\|", re.MULTILINE
)


def _vectara(text: str) -> list[Json]:
    rate = "first" if re.search(r"^\|Model\|Hallucination Rate", text, re.MULTILINE) else "second"
    return [
        _row(re.sub(r"\[(.*?)\]\(.*?\)", r"\1", line["model"]), float(line[rate].strip(" %")))
        for line in _LINE.finditer(text)
    ]


def _evalplus(text: str) -> list[Json]:
    return [
        _row(model, score, notes="prompted" if entry.get("prompted") else None)
        for model, entry in json.loads(text).items()
        if (score := entry["pass@1"].get("humaneval+")) is not None
    ]


def _swebench(text: str) -> list[Json]:
    boards = json.loads(text)["leaderboards"]
    (verified,) = [board for board in boards if board["name"] == "Verified"]
    return [
        _row(entry["name"], float(entry["resolved"]), entry.get("folder") or "result")
        for entry in verified["results"]
    ]


SOURCES = {
    "aider": Source("aider/website/_data/polyglot_leaderboard.yml", _aider),
    "aider-edit": Source("aider/website/_data/edit_leaderboard.yml", _aider),
    "vectara": Source("README.md", _vectara, lower_is_better=True),
    "evalplus": Source("results.json", _evalplus),
    "swebench": Source("data/leaderboards.json", _swebench),
}
"""By the name that the command takes; each reads a clone of the leaderboard's own repository."""
