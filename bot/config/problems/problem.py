"""A problem of a configuration: the key, what is wrong there, what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from msgspec import Struct

from bot.core.names.written import JOINERS
from bot.core.secret import HIDDEN, hide_lookalikes, looks_secret

KeyPath = tuple[str | int, ...]

SHOWN_LENGTH = 60

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


class Problem(Struct, frozen=True):
    """Something wrong at a key; ``text`` says what, ``advice`` what to do, where that is not said.

    ``of_key`` says that the key itself is meant, not its value.
    """

    path: KeyPath
    text: str
    advice: str = ""
    of_key: bool = False

    def __str__(self) -> str:
        return plain("; ".join(filter(None, (self.statement, self.advice))))

    @property
    def statement(self) -> str:
        """What is wrong, after the key, without what to do."""
        return f"{path_text(self.path)}: {self.text}" if self.path else self.text


def plain(text: str) -> str:
    """Return a text as one line, without secrets, and with what is not seen written out."""
    return "".join(map(_printable, hide_lookalikes(text)))


def path_text(path: KeyPath) -> str:
    """Return a key path as people write it: ``watch[0].notify[1]``."""
    parts = [f"[{key}]" if isinstance(key, int) else f".{_key(key)}" for key in path]
    return "".join(parts).removeprefix(".")


def shown_value(value: Any) -> str:
    """Return a value that was found, short enough for a line; containers only by their kind.

    What looks like a secret is not shown: it may be one, in the wrong key.
    """
    match value:
        case str() if looks_secret(value):
            return "what looks like a secret"
        case bool():
            return str(value).lower()
        case str():
            short = value if len(value) <= SHOWN_LENGTH else f"{value[:SHOWN_LENGTH]}…"
            return json.dumps(short, ensure_ascii=False)
        case list():
            return "a list" if value else "an empty list"
        case dict():
            return "a table"
        case _:
            return str(value)[:SHOWN_LENGTH]


def as_list(value: Any) -> str:
    """Return how the items of a text with commas are written as a list; else ``[ ]``."""
    if not isinstance(value, str) or looks_secret(value) or len(value) > SHOWN_LENGTH:
        return "[ ]"
    items = [shown_value(item) for part in value.split(",") if (item := part.strip())]
    return f"[{', '.join(items)}]"


def found(path: KeyPath, value: Any, origins: Mapping[KeyPath, str]) -> str:
    """Return what was found at a key; of what is not in the file itself, only where it is from."""
    if path not in origins:
        return f"found {shown_value(value)}"
    return f"found the value of {'a file' if looks_secret(origins[path]) else origins[path]}"


def in_file_order(problems: Collection[Problem], tables: Mapping[str, Any]) -> list[Problem]:
    """Return the problems in the order in which their keys stand in the file."""
    places = {path: number for number, path in enumerate(_paths(tables, ()))}

    def place(problem: Problem) -> int:
        path = problem.path
        while path not in places:
            path = path[:-1]
        return places[path]

    return sorted(problems, key=place)


def _paths(node: Any, path: KeyPath) -> Iterator[KeyPath]:
    yield path
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _paths(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _paths(value, (*path, index))


def _key(key: str) -> str:
    if looks_secret(key):
        return HIDDEN
    return key if _BARE_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _printable(character: str) -> str:
    return character if character.isprintable() or character in JOINERS else ascii(character)[1:-1]
