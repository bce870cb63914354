"""Strangers' YAML as texts, lists and mappings.

It is read event by event, and none of what YAML can build besides is built: no object, no alias,
nothing deeper than a list of tasks needs.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from itertools import islice
from typing import TypeAlias

import yaml

from bot.core.errors import ParseError

MAX_DEPTH = 20
MAX_EVENTS = 250_000

Node: TypeAlias = str | list["Node"] | dict[str, "Node"]


def read_document(body: bytes, name: str) -> Node | None:
    """Return the one document of a file, None where it is empty; ``name`` is for the errors.

    Every scalar is a text. Of keys that are there twice the last one counts; keys that are not
    texts are left out.

    Raises:
        ParseError: it is not UTF-8, not YAML, not one document, or more than a sane file holds.
    """
    try:
        text = body.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError:
        raise ParseError(f"{name} is not UTF-8 text") from None
    loader = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader
    try:
        return _Reader(yaml.parse(text, Loader=loader), name).document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise ParseError(f"{name} is not YAML{where}") from None
    except (ValueError, OverflowError):  # an escape for no character, a version of many digits
        raise ParseError(f"{name} is not YAML") from None


class _Reader:
    def __init__(self, events: Iterator[yaml.Event], name: str) -> None:
        self._events = islice(events, MAX_EVENTS)
        self._name = name

    def document(self) -> Node | None:
        self._next()  # the stream begins
        if isinstance(self._next(), yaml.StreamEndEvent):
            return None
        found = self._node(self._next(), 0)
        self._next()  # the document ends
        if not isinstance(self._next(), yaml.StreamEndEvent):
            raise ParseError(f"{self._name} has more than one document")
        return found

    def _next(self) -> yaml.Event:
        event = next(self._events, None)
        if event is None:
            raise ParseError(f"{self._name} holds more than a list of tasks can")
        return event

    def _node(self, event: yaml.Event, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise ParseError(f"{self._name} is nested too deeply")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(depth + 1)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(depth + 1)
        if isinstance(event, yaml.ScalarEvent):
            return str(event.value)
        raise ParseError(f"{self._name} has an alias (*): its value must be written out")

    def _list(self, depth: int) -> list[Node]:
        found: list[Node] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            found.append(self._node(event, depth))
        return found

    def _mapping(self, depth: int) -> dict[str, Node]:
        found: dict[str, Node] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._node(event, depth)
            value = self._node(self._next(), depth)
            if isinstance(key, str):
                found[key] = value
        return found
