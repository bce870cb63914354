"""A benchmark's ``eval.yaml``: which tasks it has, in which order, and what it is called."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import unquote

from msgspec.structs import replace

from bot.core.errors import FetchError, ParseError, UnknownBenchmarkError
from bot.core.render.clean import clean
from bot.hub.answers import NotModified, TaskList, conditional
from bot.hub.exchange import ANYWHERE, Exchange

if TYPE_CHECKING:
    from bot.hub.yaml_text import Node

MAX_FILE = 1024 * 1024
MAX_ENTRIES = 10_000
MAX_ID = 500
MAX_NAME = 200
MAX_LEFT_OUT = 20
"""The most entries that are named where they cannot be used; the others are counted."""


def read(
    exchange: Exchange, limit: timedelta, benchmark: str, etag: str | None
) -> TaskList | NotModified:
    """Ask for the ``eval.yaml`` of a benchmark, within ``limit``.

    Raises:
        FetchError: there is none, or none in time; ``GatedError`` where it is closed,
            ``ParseError`` where it names no task that can be used.
    """
    try:
        reply = exchange.get(
            exchange.endpoint.at(f"/datasets/{benchmark}/resolve/main/eval.yaml"),
            exchange.deadline(limit),
            headers={"Accept": "*/*", **conditional(etag)},
            moves_to=ANYWHERE,
            keep_query=False,
            most=MAX_FILE,
        )
    except UnknownBenchmarkError:
        raise FetchError("the benchmark has no eval.yaml", status=404) from None
    moved = any(benchmark not in unquote(path) for path in reply.by_way_of)
    if reply.body is None:
        return NotModified(moved=moved)
    return replace(parse(reply.body, reply.etag), moved=moved)


def parse(body: bytes, etag: str | None = None) -> TaskList:
    """Return the tasks that the bytes of an ``eval.yaml`` name.

    Raises:
        ParseError: it is not YAML, or names no task that can be used.
    """
    from bot.hub.yaml_text import read_document  # PyYAML takes a moment

    document = read_document(body, "eval.yaml")
    if not isinstance(document, dict):
        raise ParseError("eval.yaml is not a mapping with tasks")
    entries = document.get("tasks")
    if entries is None:
        raise ParseError("eval.yaml has no tasks")
    if not isinstance(entries, list):
        raise ParseError("the tasks of eval.yaml are not a list")
    found, left_out = _usable(entries)
    if not found:
        why = f": {left_out[0]}" if left_out else ""
        raise ParseError(f"eval.yaml names no task that can be used{why}")
    return TaskList(
        tasks=tuple(found), name=_name(document.get("name")), etag=etag, left_out=_said(left_out)
    )


def _usable(entries: list[Node]) -> tuple[dict[str, None], list[str]]:
    found: dict[str, None] = {}
    left_out = []
    for number, entry in enumerate(entries[:MAX_ENTRIES], 1):
        task = entry.get("id") if isinstance(entry, dict) else None
        problem = _problem(task)
        if problem:
            left_out.append(f"task {number} is left out: {problem}")
        elif task in found:
            left_out.append(f"task {number} is left out: {_quoted(task)} is there twice")
        else:
            found[str(task)] = None
    if len(entries) > MAX_ENTRIES:
        left_out.append(f"the tasks after the first {MAX_ENTRIES} are left out")
    return found, left_out


def _problem(task: Node | None) -> str | None:
    if task is None or (isinstance(task, str) and not task.strip()):
        return "it has no id"
    if not isinstance(task, str):
        return "its id is not text"
    if len(task) > MAX_ID:
        return f"its id has more than {MAX_ID} characters"
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in task):
        return f"its id {_quoted(task)} has control characters"
    return f"its id {_quoted(task)} has blanks around it" if task != task.strip() else None


def _quoted(task: object) -> str:
    return f"“{clean(str(task), 60)}”"


def _said(left_out: list[str]) -> tuple[str, ...]:
    more = len(left_out) - MAX_LEFT_OUT
    kept = left_out[:MAX_LEFT_OUT]
    return tuple([*kept, f"{more} more tasks are left out"] if more > 0 else kept)


def _name(found: Node | None) -> str | None:
    return (clean(found, MAX_NAME) or None) if isinstance(found, str) else None
