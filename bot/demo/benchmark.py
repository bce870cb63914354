"""A benchmark of the sample Hub: its boards by task, and the ``eval.yaml`` that names them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

Rows = Sequence[Mapping[str, Any]]
Tasks = Mapping[str, Rows]
"""Each task's rows by its id, in the order of the ``eval.yaml``."""

HEAD = """\
name: {name}
description: {description}
evaluation_framework: "sample"
tasks:
"""
TASK = """\
  - id: {id}
    config: "default"
    split: "test"
"""


class SampleBenchmark(Struct, frozen=True, kw_only=True):
    """Rows by task, or under None where it has no tasks; ``raw`` stands for the file's text."""

    boards: Mapping[str | None, Rows] = {}
    name: str = ""
    raw: bytes | None = None

    @property
    def first(self) -> str | None:
        """The task that the bare address answers; None where there are no tasks."""
        return next(iter(self.boards), None)

    @property
    def file(self) -> bytes | None:
        """The text of its ``eval.yaml``; None where it has none."""
        if self.raw is not None:
            return self.raw
        tasks = [task for task in self.boards if task is not None]
        return evaluation_file(self.name, tasks) if tasks else None


def evaluation_file(name: str, tasks: Iterable[str]) -> bytes:
    """Return an ``eval.yaml`` with these tasks, in this order, whatever their ids hold."""
    head = HEAD.format(name=_quoted(name), description=_quoted(f"{name} (sample data)"))
    return (head + "".join(TASK.format(id=_quoted(task)) for task in tasks)).encode()


def copied(rows: Rows) -> list[dict[str, Any]]:
    """Return a deep copy of the rows.

    Raises:
        ValueError: a row names a task; on the Hub the task is what was asked for.
    """
    if any("taskId" in row for row in rows):
        raise ValueError("rows carry no taskId: give each task rows of its own, by set_tasks")
    return [{key: _copied(value) for key, value in row.items()} for row in rows]


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(one) for key, one in value.items()}
    return [_copied(one) for one in value] if isinstance(value, list) else value


def _quoted(text: str) -> str:
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(char: str) -> str:
    return char if char.isprintable() and char not in '"\\' else f"\\U{ord(char):08x}"
