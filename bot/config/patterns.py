"""Ids and globs of benchmarks and models: which can stand for one, and what was meant by others."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote, urlsplit

from bot.core.aggregate import can_name, is_aggregate
from bot.core.alerts.benchmarks import OFFICIAL, has_wildcard
from bot.core.names.suggest import nearest

KINDS_OF_PAGES = (
    "datasets", "models", "spaces", "collections", "papers", "blog", "docs", "api",
)  # fmt: skip
"""Where the Hub's addresses have these, no id has its namespace."""

_SIGNS = re.compile(r"[][\w.*?!/-]+", re.ASCII)
_CHOICE = re.compile(r"\[[^]/]*\]")
_PART = re.compile(r"[\w*?][\w.*?-]*", re.ASCII)
_PARTS = 2

_OF_EXPRESSIONS = re.compile(r"[\^$()|+\\{}]|\.\*")
_ANYTHING = re.compile(r"(?:\.|\\[wdSs]|\[\^?[^]]*\])[*+]\??")
_EVERY = (OFFICIAL, "all", "any", "everything")
_HUB = re.compile(r"(?:https?://)?(?:www\.)?(?:huggingface|hf)\.co/", re.IGNORECASE)
_PLACE = re.compile(r"(?:https?://[^/]+|(?:www\.)?(?:huggingface|hf)\.co)/", re.IGNORECASE)


def can_match(pattern: str) -> bool:
    """Tell whether an id ``namespace/name``, or a glob, can stand for anything on the Hub."""
    if not _SIGNS.fullmatch(pattern) or ".." in pattern:
        return False
    parts = _CHOICE.sub("?", pattern).split("/")
    enough = len(parts) == _PARTS or (len(parts) == 1 and has_wildcard(pattern))
    return enough and parts[0] not in KINDS_OF_PAGES and all(map(_PART.fullmatch, parts))


def can_match_benchmark(pattern: str) -> bool:
    """Tell whether an id or glob can stand for a benchmark, or for columns of the file over all."""
    return can_name(pattern) if is_aggregate(pattern) else can_match(pattern)


def is_expression(pattern: str) -> bool:
    """Tell whether a text that matches nothing is a regular expression."""
    return _OF_EXPRESSIONS.search(pattern) is not None


def meant_model(written: str) -> str | None:
    """Return the id or glob that was probably meant by a text that matches no model."""
    if written.casefold() in _EVERY:
        return None
    path = _path(written).removeprefix("models/")
    parts = path.strip("/").split("/")
    if parts[0] in KINDS_OF_PAGES:
        return None
    name = path.removesuffix("/")
    of_namespace = name != path or _PLACE.match(written) or not re.search(r"\d", name)
    alone = f"{name}/*" if of_namespace else f"*/{name}"
    return _likely("/".join(parts[:_PARTS]), alone)


def meant_benchmark(written: str) -> str | None:
    """Return what was probably meant by an entry that matches no benchmark, its task included."""
    if near := OFFICIAL if written.casefold() in _EVERY else nearest(written, [OFFICIAL]):
        return near
    path, hash_, task = _path(written).partition("#")
    parts = path.removeprefix("datasets/").strip("/").split("/")
    if parts[0] in KINDS_OF_PAGES or _page(written) not in (None, "datasets"):
        return None
    alone = f"{parts[0]}/*" if _page(written) or path.endswith("/") else f"*/{path}"
    name = _likely("/".join(parts[:_PARTS]), alone)
    if name is None:
        return None
    task = task or "/".join(parts[_PARTS:])
    return f"{name}#{task}" if task or hash_ else name


def no_benchmark(written: str) -> str:
    """Return what to do about the page of something else in the place of a benchmark."""
    page, model = _page(written), meant_model(written)
    if page == "spaces":
        return "a Space is no benchmark; name the dataset whose leaderboard it shows"
    if page == "models" and model and has_wildcard(model):
        return f'did you mean "{model}"?'
    if page == "models" and model:
        named = f'models = ["{model}"]'
        return f'it is a model: write {named}, and here where it stands, such as "official"'
    return "a benchmark is a dataset: its page is below /datasets/" if page else ""


def no_model(written: str) -> str:
    """Return what to do about the page of something else in the place of a model."""
    if written.casefold() in _EVERY:
        return "leave it out, and all models are meant"
    page, benchmark = _page(written), meant_benchmark(written)
    if page == "datasets" and benchmark:
        return f'it is a dataset: write "{benchmark}" below benchmarks'
    if "#" in written:
        return "a model has no tasks: leave out # and what follows"
    return "a model's page is below its namespace alone" if page else ""


def _page(written: str) -> str | None:
    """Return of which kind a page on the Hub is that a text names; None where it names none."""
    first = _path(written).partition("/")[0]
    if first in KINDS_OF_PAGES:
        return first
    if _HUB.match(written.strip()):
        return "models"
    return "elsewhere" if _PLACE.match(written.strip()) else None


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
