"""The course of a race: where rows stood when, and who led; as values, and as a script reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from operator import itemgetter

from bot.core.render.clean import inert
from bot.core.render.numbers import number, usual_decimals
from bot.drawing.bars import from_zero, room
from bot.drawing.leads import Lead, Link
from bot.drawing.ranks.frame import Frame
from bot.drawing.scales import Scale, bounds
from bot.drawing.svg import colour, dashes, fitting, in_two, milliseconds
from bot.drawing.values import NARROW, WIDE, Bar, Line, Span, Stand


@dataclass(frozen=True, kw_only=True)
class Course:
    """Lines over a time, of which the first ``top`` are seen at once, and who led when."""

    span: Span
    top: int
    lines: tuple[Line, ...]
    leads: tuple[Lead, ...]

    @cached_property
    def decimals(self) -> int:
        """How many decimals the scores usually have."""
        return decimals(self.lines)

    @cached_property
    def reach(self) -> tuple[Decimal, Decimal]:
        """The least and the greatest score."""
        return bounds(_scores(self.lines))

    @cached_property
    def moments(self) -> tuple[datetime, ...]:
        """The times at which something changed, and the end."""
        changes = {stand.at for line in self.lines for stand in line.stands}
        return tuple(sorted(changes | {self.span.end}))

    def bars(self, at: datetime) -> list[Bar]:
        """Return the first rows as they stood at a time."""
        there = [(_at(line, at), key) for key, line in enumerate(self.lines)]
        found = [
            (stand.place, Bar(self.lines[key].name, stand.rank, stand.score, key))
            for stand, key in there
            if stand and stand.place and stand.rank and stand.score is not None
        ]
        return [bar for _, bar in sorted(found, key=itemgetter(0))][: self.top]


def decimals(lines: Sequence[Line]) -> int:
    """Return how many decimals the scores of some lines usually have."""
    return usual_decimals(_scores(lines))


def as_data(course: Course, at: datetime, links: Mapping[str, str], link: Link) -> str:
    """Return a course as JSON that may stand within a page; a script begins with the time ``at``.

    ``links`` are the addresses of rows' pages, by their names; ``link`` leads to events.
    """
    moments = course.moments
    number_of = {moment: index for index, moment in enumerate(moments)}
    data = {
        "moments": [milliseconds(moment) for moment in moments],
        "start": milliseconds(course.span.start),
        "end": milliseconds(course.span.end),
        "top": course.top,
        "at": max((number for moment, number in number_of.items() if moment <= at), default=0),
        "leads": [
            {
                "at": milliseconds(lead.at),
                "name": inert(lead.name),
                "seen": lead.at_least,
                "why": lead.told,
                "link": link(lead.event) if lead.event else None,
            }
            for lead in course.leads
        ],
        "rows": list(_rows(course, number_of, links)),
    }
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")


def _rows(
    course: Course, number_of: Mapping[datetime, int], links: Mapping[str, str]
) -> Iterator[dict[str, object]]:
    scale, places = from_zero(course.reach, 0, 1), course.decimals
    longest = max((number(score, places) for score in course.reach), key=len)
    ends = [Frame(course.span, course.top, width).room for width in (WIDE, NARROW)]
    for key, line in enumerate(course.lines):
        yield {
            "name": inert(line.name),
            "short": [fitting(line.name, room(width, longest)) for width in (WIDE, NARROW)],
            "end": [in_two(line.name, one) for one in ends],
            "colour": colour(key),
            "dashes": dashes(key),
            "link": links.get(line.name),
            "steps": list(_steps(line, course.top, number_of, (scale, places))),
        }


def _steps(
    line: Line, top: int, number_of: Mapping[datetime, int], shape: tuple[Scale, int]
) -> Iterator[list[object]]:
    """Return how a line stood from which moment on: its place, rank, bar and score.

    The place is 0 where it is further down than is seen, and there is none where it was not there.
    """
    scale, places = shape
    before: list[object] = []
    for stand in line.stands:
        step: list[object] = []
        if stand.place and stand.score is not None:
            ends = sorted((scale(Decimal(0)), scale(stand.score)))
            bar = [round(one, 5) for one in ends]
            seen = stand.place <= top
            step = [stand.place, stand.rank, *bar, number(stand.score, places)] if seen else [0]
        if step != before or not before:
            yield [number_of[stand.at], *step]
        before = step


def _scores(lines: Sequence[Line]) -> Iterator[Decimal]:
    for line in lines:
        yield from {stand.score for stand in line.stands if stand.score is not None}


def _at(line: Line, at: datetime) -> Stand | None:
    found = [stand for stand in line.stands if stand.at <= at]
    return found[-1] if found else None
