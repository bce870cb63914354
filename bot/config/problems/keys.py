"""Keys that a table does not have, and keys that it lacks: what was meant, and what to write."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from bot.channels.registry import KINDS
from bot.config.problems.other_words import instead, meant
from bot.config.problems.problem import KeyPath
from bot.config.tables import File, models_of
from bot.core.names.suggest import choose, is_like, nearest


def _model(path: KeyPath, tables: Mapping[str, Any]) -> type[BaseModel]:
    """Return the model of the table at ``path``."""
    if not path:
        return File
    if path[0] == "channels":
        return KINDS[tables["channels"][path[1]]["type"]]
    (model,) = models_of(File.model_fields[str(path[0])].annotation)
    return model


def unknown(path: KeyPath, value: Any, tables: Mapping[str, Any]) -> tuple[str, str]:
    """Say what is wrong with a key that its table does not have."""
    if path[0] == "benchmarks" and isinstance(value, dict):
        both = f'write [benchmarks."{path[-2]}/{path[-1]}"]'
        return "namespace and name are one key, in quotes", both
    if len(path) == 1 and isinstance(value, dict) and _is_channel(str(path[0]), value):
        return "is no table of the file", f"write [channels.{path[0]}]"
    return "unknown key", _known(str(path[-1]), path[:-1], tables)


def _is_channel(name: str, table: Mapping[str, Any]) -> bool:
    """Tell whether a table is meant to be a channel, by its name or its type."""
    return name in KINDS or str(table.get("type")) in KINDS


def _known(key: str, path: KeyPath, tables: Mapping[str, Any]) -> str:
    """Return the advice for a key that the table at ``path`` does not have."""
    own = _model(path, tables).model_fields
    if key == "lower_is_better" and "higher_is_better" in own:
        return "write higher_is_better, with the other value"
    if other := meant(key, own):
        return f"did you mean {other}?"
    if other := instead(key):
        return other
    near = nearest(key, own)
    homes = _homes(key, of_channels=path[:1] == ("channels",))
    if homes and not (near and is_like(key, near)):
        return f"it belongs to {' or '.join(homes)}"
    return f"did you mean {_header(near)}?" if near and not path else choose(key, own)


def counterpart(path: KeyPath, tables: Mapping[str, Any]) -> KeyPath | None:
    """Return the key that is meant by one that its table does not have; None where none is."""
    key, own = str(path[-1]), _model(path[:-1], tables).model_fields
    near = nearest(key, own)
    known = meant(key, own) or (near if near and is_like(key, near) else None)
    return (*path[:-1], known) if known else None


def as_meant(path: KeyPath, table: Mapping[str, Any], tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the table at ``path`` with the keys that are meant in the place of unknown ones."""
    own = _model(path, tables).model_fields
    other = {key: counterpart((*path, key), tables) for key in table if key not in own}
    return {str((other.get(key) or (key,))[-1]): value for key, value in table.items()}


def _header(table: str) -> str:
    """Return how a table of the file is written."""
    return {"watch": "[[watch]]", "channels": "[channels.NAME]"}.get(table, f"[{table}]")


def _homes(key: str, *, of_channels: bool) -> list[str]:
    """Return the tables that have a key; of a channel's, other types of channels if there are."""
    types = [f'type = "{name}"' for name, kind in KINDS.items() if key in kind.model_fields]
    tables = [
        _header(name)
        for name, field in File.model_fields.items()
        for model in models_of(field.annotation)
        if name not in ("channels", "benchmarks") and key in model.model_fields
    ]
    of_types = f" of {' or '.join(types)}" if len(types) < len(KINDS) else ""
    channels = [f"a channel{of_types}"] if types else []
    return channels if of_channels and channels else tables + channels


def missing(path: KeyPath, tables: Mapping[str, Any]) -> tuple[str, str]:
    """Say what a key is for that its table needs, and how it is written."""
    field = _model(path[:-1], tables).model_fields[str(path[-1])]
    description = field.description or ""
    return f"missing: {description[:1].lower()}{description[1:].rstrip('.')}", example(path, tables)


def example(path: KeyPath, tables: Mapping[str, Any]) -> str:
    """Return the advice that shows how a key is written; "" where no example is known."""
    examples = _model(path[:-1], tables).model_fields[str(path[-1])].examples
    return f"write {path[-1]} = {json.dumps(examples[0])}" if examples else ""
