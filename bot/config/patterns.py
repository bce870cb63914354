"""Ids and globs of benchmarks and models: which can stand for one, and what was meant by others."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote, urlsplit

from bot.core.alerts.benchmarks import OFFICIAL, has_wildcard
from bot.core.names.suggest import nearest

KINDS_OF_PAGES = ("datasets", "models", "spaces", "docs", "api")
"""Where the Hub's addresses have these, no id has its namespace."""

_SIGNS = re.compile(r"[][\w.*?!/-]+", re.ASCII)
_CHOICE = re.compile(r"\[[^]/]*\]")
_PART = re.compile(r"[\w*?][\w.*?-]*", re.ASCII)
_PARTS = 2

_OF_EXPRESSIONS = re.compile(r"[\^$()|+\\{}]|\.\*")
_ANYTHING = re.compile(r"(?:\.|\\[wdSs]|\[\^?[^]]*\])[*+]\??")
_PLACE = re.compile(r"(?:https?://[^/]+|(?:www\.)?(?:huggingface|hf)\.co)/", re.IGNORECASE)


def can_match(pattern: str) -> bool:
    """Tell whether an id ``namespace/name``, or a glob, can stand for anything on the Hub."""
    if not _SIGNS.fullmatch(pattern) or ".." in pattern:
        return False
    parts = _CHOICE.sub("?", pattern).split("/")
    enough = len(parts) == _PARTS or (len(parts) == 1 and has_wildcard(pattern))
    return enough and parts[0] not in KINDS_OF_PAGES and all(map(_PART.fullmatch, parts))


def is_expression(pattern: str) -> bool:
    """Tell whether a text that matches nothing is a regular expression."""
    return _OF_EXPRESSIONS.search(pattern) is not None


def meant_model(written: str) -> str | None:
    """Return the id or glob that was probably meant by a text that matches no model."""
    path = _path(written)
    parts = path.removeprefix("models/").strip("/").split("/")
    if parts[0] in KINDS_OF_PAGES:
        return None
    alone = f"*/{path}" if re.search(r"\d", path) else f"{path}/*"
    return _likely("/".join(parts[:_PARTS]), alone)


def meant_benchmark(written: str) -> str | None:
    """Return what was probably meant by an entry that matches no benchmark, its task included."""
    if near := nearest(written, [OFFICIAL]):
        return near
    path, hash_, task = _path(written).partition("#")
    parts = path.removeprefix("datasets/").strip("/").split("/")
    if parts[0] in KINDS_OF_PAGES or (_PLACE.match(written) and not path.startswith("datasets/")):
        return None
    name = _likely("/".join(parts[:_PARTS]), f"*/{path}")
    if name is None:
        return None
    task = task or "/".join(parts[_PARTS:])
    return f"{name}#{task}" if task or hash_ else name


def _path(written: str) -> str:
    """Return the path of an address, wherever it leads, with its task as ``#task``."""
    place = _PLACE.match(written.strip())
    if place is None:
        return written.strip()
    address = urlsplit(f"//hub/{written.strip()[place.end() :]}")
    query = parse_qs(address.query)
    tasks = [one for key in ("leaderboard_task_id", "task_id") for one in query.get(key, ())]
    path = unquote(address.path.strip("/"))
    return f"{path}#{tasks[0]}" if tasks else path


def _likely(name: str, alone: str) -> str | None:
    """Return the first of some readings of a name that can match; ``alone`` is without a slash."""
    close = re.sub(r"\s*/\s*", "/", name.strip()) if "/" in name else alone
    readings = (close, re.sub(r"\s+", "-", close), _as_glob(close))
    return next((one for one in readings if can_match(one)), None)


def _as_glob(expression: str) -> str:
    """Return a regular expression as the glob that stands for as much, as far as there is one."""
    bare = expression.removeprefix("(?i)").removeprefix("^").removesuffix("$")
    return re.sub(r"\\([.\-/])", r"\1", _ANYTHING.sub("*", bare))
