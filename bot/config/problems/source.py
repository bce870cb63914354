"""A configuration's text, in which problems have their places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from bot.config.problems.excerpt import excerpt, line_of, whole_line
from bot.config.problems.places import Places, Span, places
from bot.config.problems.problem import KeyPath, Problem, plain
from bot.config.tables import shown_keys
from bot.core.secret import looks_secret

_REFERENCE = re.compile(r"env:[A-Za-z_]\w*|file:.+", re.ASCII)


class Source:
    """The text of a file that is TOML; ``name`` is how people named the file."""

    def __init__(self, name: str, text: str, tables: dict[str, Any]) -> None:
        self._name = name
        self._text = text
        self._tables = tables

    def line(self, problem: Problem) -> str:
        """Return a problem as one line, with its place in the file."""
        return f"{self._place(problem)}{problem}"

    def shown(self, problem: Problem) -> str:
        """Return a problem with its line, a mark under what is meant, and what to do."""
        statement = f"{self._place(problem)}{plain(problem.statement)}"
        mark = self._mark(problem)
        if mark is None:
            return str(problem)
        line = self._without_comment(whole_line(self._text, mark[0]))
        hidden = tuple(self._hidden(line))
        return f"{statement}\n{excerpt(self._text, mark, line, hidden, plain(problem.advice))}"

    @cached_property
    def _places(self) -> Places:
        return places(self._text)

    def _place(self, problem: Problem) -> str:
        """Return where a problem is, if the file has the key, or what should have it."""
        mark = self._mark(problem)
        if mark is None:
            return ""
        line, column = line_of(self._text, mark[0])
        return f"{self._name}:{line}:{column}: "

    def _mark(self, problem: Problem) -> Span | None:
        path, place = self._places.nearest(problem.path)
        if place is None:
            return None
        return place.key if problem.of_key and path == problem.path else place.value

    def _without_comment(self, line: Span) -> Span:
        """Return a line without its comment, which may say anything."""
        start, end = line
        comments = (first for first, _ in self._places.comments if start <= first < end)
        return start, next(comments, end)

    def _hidden(self, line: Span) -> Iterator[Span]:
        """Yield what is not shown of a line: secrets, what may be one, and what looks like one."""
        for path, place in self._places.by_path.items():
            if _overlap(place.key, line) and looks_secret(str(path[-1])):
                yield place.key
            if _overlap(place.value, line) and not self._may_be_shown(path):
                yield place.value

    def _may_be_shown(self, path: KeyPath) -> bool:
        value: Any = self._tables
        for key in path:
            value = value[key]
        if not isinstance(value, str):
            return True
        if looks_secret(value):
            return False
        names = [key for key in path if isinstance(key, str)]
        is_known = len(path) > 1 and names[-1] in shown_keys()
        return is_known or _REFERENCE.fullmatch(value) is not None


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
