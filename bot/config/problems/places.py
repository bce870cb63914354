"""Where the keys and values of a TOML text stand, which ``tomllib`` does not tell."""

from __future__ import annotations

import re
import tomllib

from msgspec import Struct

from bot.config.problems.problem import KeyPath

Span = tuple[int, int]
"""Where something begins in a text, and the place behind its end."""

STRING = r'"""(?:\\.|[^\\])*?"{3,5}' r"|'''.*?'{3,5}" r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'"
"""A string as TOML has it; of DOTALL."""

_STRING = re.compile(STRING, re.DOTALL)
_GAP = re.compile(r"[ \t\n]*(?:#[^\n]*[ \t\n]*)*")
_COMMENT = re.compile(r"#[^\n]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"[^,\]}#\n]+")
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_EQUALS = re.compile(r"[ \t]*=[ \t]*")


class Place(Struct, frozen=True):
    """Where a key and its value stand; an item of a list has no key but itself."""

    key: Span
    value: Span


class Places(Struct, frozen=True):
    """The places in a text by key path, of a table where it is opened; and of its comments."""

    by_path: dict[KeyPath, Place]
    comments: tuple[Span, ...]

    def nearest(self, path: KeyPath) -> tuple[KeyPath, Place | None]:
        """Return the path that there is of a path, or of what holds it, and where it stands."""
        while path and path not in self.by_path:
            path = path[:-1]
        return path, self.by_path.get(path)


def places(text: str) -> Places:
    """Return the places of a text that ``tomllib`` has read without an error."""
    scanner = _Scanner(text)
    scanner.file()
    return Places(scanner.found, tuple(scanner.comments))


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._lists: dict[KeyPath, int] = {}
        self.found: dict[KeyPath, Place] = {}
        self.comments: list[Span] = []

    def file(self) -> None:
        table: KeyPath = ()
        while char := self._next():
            if char == "[":
                table = self._header()
            else:
                self._pair(table)

    def _next(self) -> str:
        """Return the character that comes next, blanks and comments left out; "" at the end."""
        gap = self._match(_GAP)
        self.comments += (one.span() for one in _COMMENT.finditer(self._text, *gap))
        return self._text[self._at : self._at + 1]

    def _match(self, shape: re.Pattern[str]) -> Span:
        found = shape.match(self._text, self._at)
        if found is None:
            return self._at, self._at
        self._at = found.end()
        return found.span()

    def _header(self) -> KeyPath:
        """Read ``[table]`` or ``[[list]]``; return the path of what follows."""
        start = self._at
        is_list = self._text.startswith("[[", start)
        self._at += 2 if is_list else 1
        self._next()
        keys = self._keys()
        self._next()
        self._at += 2 if is_list else 1
        path: KeyPath = ()
        for number, (key, span) in enumerate(keys, start=1):
            path = (*path, key)
            self.found.setdefault(path, Place(span, (start, self._at)))
            if is_list and number == len(keys):
                self._lists[path] = self._lists.get(path, 0) + 1
            if path in self._lists:
                path = (*path, self._lists[path] - 1)
        self.found[path] = Place(keys[-1][1], (start, self._at))
        return path

    def _keys(self) -> list[tuple[str, Span]]:
        """Read a key with dots."""
        keys = []
        while True:
            quoted = _STRING.match(self._text, self._at)
            start, end = self._match(_STRING if quoted else _BARE_KEY)
            written = self._text[start:end]
            key = tomllib.loads(f"key = {written}")["key"] if quoted else written
            keys.append((key, (start, end)))
            dot = self._match(_DOT)
            if dot[0] == dot[1]:
                return keys

    def _pair(self, table: KeyPath) -> None:
        keys = self._keys()
        self._match(_EQUALS)
        path = table
        for key, span in keys:
            path = (*path, key)
            self.found.setdefault(path, Place(span, span))
        self.found[path] = Place(keys[-1][1], self._value(path))

    def _value(self, path: KeyPath) -> Span:
        start = self._at
        opened = self._text[start]
        if opened in "\"'":
            return self._match(_STRING)
        if opened not in "[{":
            self._match(_BARE_VALUE)
            return start, start + len(self._text[start : self._at].rstrip())
        self._at += 1
        number = 0
        while (char := self._next()) not in "]}":
            if char == ",":
                self._at += 1
            elif opened == "[":
                item = (*path, number)
                span = self._value(item)
                self.found[item] = Place(span, span)
                number += 1
            else:
                self._pair(path)
        self._at += 1
        return start, self._at
