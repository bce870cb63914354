"""pydantic's findings about the tables, in our words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.channels.registry import KINDS
from bot.config.problems import KeyPath, Problem, found, shown
from bot.config.tables import (
    BenchmarkTable,
    Database,
    File,
    Health,
    Hub,
    Poll,
    WatchTable,
)
from bot.core.names.suggest import choose
from bot.fields import PUBLIC, SECRET

_OF_KEY = "[key]"
"""Behind the place of a key that is wrong itself."""

_SECTIONS: dict[str, type[BaseModel]] = {
    "hub": Hub,
    "database": Database,
    "poll": Poll,
    "watch": WatchTable,
    "health": Health,
}


def validate(
    tables: dict[str, Any], origins: Mapping[KeyPath, str]
) -> tuple[File | None, list[Problem]]:
    """Return the valid file, or None and every problem of its tables.

    ``origins`` gives for a value that is not in the file, and so is not shown, where it is from.
    """
    try:
        return File.model_validate(tables), []
    except ValidationError as error:
        # A list of wrong items alone is too short as well: pydantic counts those that are right.
        details = [
            detail
            for detail in error.errors(include_url=False)
            if detail["type"] != "too_short" or not detail["input"]
        ]
    return None, [_problem(detail, tables, origins) for detail in details]


def _problem(
    detail: ErrorDetails, tables: Mapping[str, Any], origins: Mapping[KeyPath, str]
) -> Problem:
    path, value = _locate(detail["loc"], tables)
    if detail["type"] == "union_tag_not_found" and isinstance(value, dict):
        path, value = (*path, "type"), value.get("type")
        return Problem(path, _no_type(found(path, value, origins), value))
    match detail["type"]:
        case "extra_forbidden":
            text = f"unknown key; {choose(path[-1], _model(path[:-1], tables).model_fields)}"
        case "missing":
            text = f"missing: {_wanted(path, tables)}"
        case kind if kind == SECRET:
            text = detail["msg"]
        case kind if kind == PUBLIC:
            said = (detail["msg"], found(path, value, origins), detail["ctx"]["advice"])
            text = "; ".join(filter(None, said))
        case "tuple_type" if path == ("watch",):
            text = f"must be a list of tables, [[watch]]; found {_kind(value)}"
        case "tuple_type":
            text = f"must be a list, in brackets; {found(path, value, origins)}"
        case "too_short":
            text = f"must not be empty; {found(path, value, origins)}"
        case _:
            text = f"must be a table; found {_kind(value)}"
    return Problem(path, text)


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


def _model(path: KeyPath, tables: Mapping[str, Any]) -> type[BaseModel]:
    """Return the model of the table at ``path``."""
    if not path:
        return File
    if path[0] == "benchmarks":
        return BenchmarkTable
    if path[0] == "channels":
        return KINDS[tables["channels"][path[1]]["type"]]
    return _SECTIONS[str(path[0])]


def _wanted(path: KeyPath, tables: Mapping[str, Any]) -> str:
    description = _model(path[:-1], tables).model_fields[str(path[-1])].description or ""
    return description[:1].lower() + description[1:].rstrip(".")


def _no_type(found_text: str, value: Any) -> str:
    if value is None:
        return f"missing; allowed: {', '.join(KINDS)}"
    return f"is no type of channel; {found_text}; {choose(value, KINDS)}"


def _kind(value: Any) -> str:
    """Return what is there instead of a table, without its value: it may be a secret."""
    return "text" if isinstance(value, str) else shown(value)
