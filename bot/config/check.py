"""What is wrong with the tables: pydantic's findings in our words, and what does not agree.

What must agree between keys and between tables is looked for in the file's plain values, and
expects nothing of them: so it is found whatever else is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.channels.registry import KINDS
from bot.config.problems import web
from bot.config.problems.keys import as_meant, counterpart, example, missing, unknown
from bot.config.problems.kinds import no_kind, with_kinds
from bot.config.problems.problem import (
    KeyPath,
    Problem,
    as_list,
    found,
    path_text,
    shown_value,
)
from bot.config.tables import DEFAULT_CHANNEL, DEFAULT_LISTEN, File
from bot.config.types import ALL
from bot.core.alerts.benchmarks import entry, has_wildcard
from bot.core.kinds import Kind
from bot.core.names.suggest import choose
from bot.core.names.written import unfit
from bot.fields import PUBLIC, SECRET

_OF_LISTS = (Kind.NEW_BENCHMARK, Kind.BENCHMARK_GONE)
_OF_NO_MODEL = (*_OF_LISTS, Kind.RECOMPUTED)
_EVERY = "leave notify out, and every channel is told"
_OF_KEY = "[key]"
"""Behind the place of a key that is wrong itself."""


def validate(
    tables: dict[str, Any], origins: Mapping[KeyPath, str], endpoint: str
) -> tuple[File | None, list[Problem]]:
    """Return the valid file, or None and every problem of its tables.

    ``origins`` gives for a value that is not in the file, and so is not shown, where it is from.
    Addresses of pages below ``endpoint`` are read as names.
    """
    file, found = _checked(tables, origins, endpoint)
    if file is not None:
        return file, []
    # A channel of no known type is looked at as one of the type that is meant.
    if (typed := with_kinds(tables)) != tables:
        found += _checked(typed, origins, endpoint)[1]
    # A key that is there under another name is not missing as well.
    renamed = {counterpart(one.path, typed) for kind, one in found if kind == "extra_forbidden"}
    known = [one for kind, one in found if kind != "missing" or one.path not in renamed]
    return None, list(dict.fromkeys(known))


def _checked(
    tables: dict[str, Any],
    origins: Mapping[KeyPath, str],
    endpoint: str,
) -> tuple[File | None, list[tuple[str, Problem]]]:
    """Return the valid file, or None and each problem with what pydantic calls it."""
    try:
        return File.model_validate(tables, context={"endpoint": endpoint}), []
    except ValidationError as error:
        # A list of wrong items alone is too short as well: pydantic counts those that are right.
        details = [
            detail
            for detail in error.errors(include_url=False)
            if detail["type"] != "too_short" or not detail["input"]
        ]
    return None, [(detail["type"], _problem(detail, tables, origins)) for detail in details]


def _problem(
    detail: ErrorDetails, tables: Mapping[str, Any], origins: Mapping[KeyPath, str]
) -> Problem:
    path, value = _locate(detail["loc"], tables)
    if detail["type"] == "union_tag_not_found" and isinstance(value, dict):
        return no_kind(path, value, origins)
    match detail["type"]:
        case "extra_forbidden":
            return Problem(path, *unknown(path, value, tables), of_key=True)
        case "missing":
            said = missing(path, tables)
        case kind if kind == SECRET:
            said = detail["msg"], detail["ctx"]["advice"]
        case kind if kind == PUBLIC:
            text = f"{detail['msg']}; {found(path, value, origins)}"
            # Advice may be made of the value, which is not to be shown.
            said = text, "" if path in origins else detail["ctx"]["advice"]
        case shape:
            said = _misshapen(shape, path, value, found(path, value, origins))
            if shape == "too_short":
                said = said[0], _not_empty(path, tables)
    return Problem(path, *said, of_key=detail["loc"][-1] == _OF_KEY)


def _misshapen(shape: str, path: KeyPath, value: Any, was_found: str) -> tuple[str, str]:
    """Say what is wrong with a value that is no table or list, or an empty one."""
    if shape == "too_short":
        return f"must not be empty; {was_found}", ""
    if path == ("watch",) and _table(value) and all(map(_table, value.values())):
        named = f"write [[watch]], and name = {shown_value(next(iter(value)))} below it"
        return f"must be a list of tables; found {_kind(value)}", named
    if shape == "tuple_type" and path == ("watch",):
        return f"must be a list of tables; found {_kind(value)}", "write [[watch]]"
    if shape == "tuple_type" and path[-1] == "notify" and _is_every(path, value):
        return f"must be a list; {was_found}", _EVERY
    if shape == "tuple_type":
        items = as_list(value) if was_found == f"found {shown_value(value)}" else "[ ]"
        return f"must be a list; {was_found}", f"write it in brackets: {items}"
    name = "channels.NAME" if path[0] == "channels" else path_text(path)
    return f"must be a table; found {_kind(value)}", f"write [{name}]"


def _not_empty(path: KeyPath, tables: Mapping[str, Any]) -> str:
    if path[-1] == "models":
        return "leave it out, and all models are meant"
    return example(path, tables)


def _locate(loc: tuple[str | int, ...], tables: Mapping[str, Any]) -> tuple[KeyPath, Any]:
    """Return the place in the file, and what is there, for a place in the models.

    Models have the type after a channel's name, and lists where the file may have one item.
    """
    if loc[0] == "channels":
        loc = (*loc[:2], *loc[3:])
    if loc[-1] == _OF_KEY:
        return loc[:-1], loc[-2]
    path: KeyPath = ()
    node: Any = tables
    for key in loc:
        if isinstance(node, dict):
            node = node.get(key)
        elif isinstance(node, list) and isinstance(key, int):
            node = node[key]
        else:
            break
        path = (*path, key)
    return path, node


def _kind(value: Any) -> str:
    """Return what is there instead of a table, without its value: it may be a secret."""
    return "text" if isinstance(value, str) else shown_value(value)


def disagreements(tables: Mapping[str, Any], origins: Mapping[KeyPath, str]) -> Iterator[Problem]:
    """Yield the problems that no key has by itself; ``origins`` as for ``validate``."""
    watches: list[tuple[KeyPath, dict[str, Any]]] = [
        (("watch", index), watch)
        for index, watch in enumerate(_list(tables.get("watch")))
        if isinstance(watch, dict)
    ]
    typed = with_kinds(tables)
    channels = _table(typed.get("channels"))
    yield from _repeated_names(watches)
    telling = [*watches, (("health",), _table(tables.get("health")))]
    are_readable = isinstance(tables.get("channels", {}), dict)
    for path, name in _unknown_channels(telling, channels) if are_readable else ():
        text = f"no channel has this name; {found(path, name, origins)}"
        advice = _EVERY if _is_every(path, name) else choose(name, _names(channels))
        yield Problem(path, text, advice)
    for path, watch in watches:
        yield from _never_told(path, watch)
    for name, channel in channels.items():
        is_table = isinstance(channel, dict)
        yield from _channel(name, as_meant(("channels", name), channel, typed) if is_table else {})
    if isinstance(tables.get("web"), dict):
        yield from web.disagreements(tables["web"], DEFAULT_LISTEN)


def _repeated_names(watches: list[tuple[KeyPath, dict[str, Any]]]) -> Iterator[Problem]:
    seen: dict[str, KeyPath] = {}
    for path, watch in watches:
        name = watch.get("name")
        if not isinstance(name, str):
            continue
        if name in seen:
            first = path_text(seen[name])
            yield Problem((*path, "name"), f"{first} has this name already", "give it another")
        seen.setdefault(name, path)


def _unknown_channels(
    tables: list[tuple[KeyPath, dict[str, Any]]], channels: Mapping[str, Any]
) -> Iterator[tuple[KeyPath, str]]:
    for path, table in tables:
        for index, name in enumerate(_list(table.get("notify"))):
            if isinstance(name, str) and name not in _names(channels):
                yield (*path, "notify", index), name


def _is_every(path: KeyPath, name: Any) -> bool:
    """Tell whether a watch's channel is called as if it were all of them."""
    words = ("all", "*", "any", "every")
    return path[0] == "watch" and isinstance(name, str) and name.casefold() in words


def _names(channels: Mapping[str, Any]) -> list[str]:
    return list(channels) or [DEFAULT_CHANNEL]


def _never_told(path: KeyPath, watch: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield the kinds that a watch names and can never be told of."""
    kinds = _list(watch.get("events"))
    for index, kind in enumerate([] if ALL in kinds else kinds):
        if kind == Kind.RANK_SHIFT and "models" not in watch:
            why, other = "is told only where a watch names models", 'add models = ["my-org/*"], or '
        elif kind in _OF_NO_MODEL and "models" in watch:
            why, other = "is about no model, and this watch names models", ""
        elif kind in _OF_LISTS and not _may_grow(watch):
            why = 'is told only where a watch has a glob or "official" in benchmarks'
            other = "add one, or "
        else:
            continue
        yield Problem((*path, "events", index), f"{kind} {why}", f"{other}leave this kind out")


def _may_grow(watch: Mapping[str, Any]) -> bool:
    """Tell whether a watch may come to stand for other boards; what is not known may."""
    return any(
        isinstance(one, str)
        and (entry(one).is_glob or has_wildcard(entry(one).task or "") or ":" in one)
        for one in _list(watch.get("benchmarks"))
    )


def _channel(name: str, channel: Mapping[str, Any]) -> Iterator[Problem]:
    path: KeyPath = ("channels", name)
    if not name.strip():
        yield Problem(path, "a channel needs a name that is not empty", of_key=True)
    elif refused := unfit(name):
        yield Problem(path, f"a channel needs a name without {refused}", of_key=True)
    kind = KINDS.get(str(channel.get("type")))
    for key, text in kind.disagreements(channel) if kind else ():
        what, _, advice = text.partition("; ")
        yield Problem((*path, key) if key else path, what, advice)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
