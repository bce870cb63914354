"""A race as part of a page: a still of one day with a table, which a script may move."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from bot.core.render.clean import inert
from bot.core.render.numbers import minute, number
from bot.drawing.bars import bars
from bot.drawing.course import Course, as_data
from bot.drawing.leads import Link, leading, led, no_link, table, why
from bot.drawing.ranks.bump import bump
from bot.drawing.svg import add, put
from bot.drawing.values import NARROW, WIDE

BUTTONS = (("play", "Play"), ("back", "Previous change"), ("on", "Next change"))
SPEEDS = (("0.5", "half"), ("1", "normal"), ("2", "twice"), ("4", "four times"))


class Links(NamedTuple):
    """Where a race leads to: the pages of ``rows``, by their names, and those of events.

    ``still`` is the address of a still, which a time ends; None where there is none.
    """

    rows: Mapping[str, str] = MappingProxyType({})
    event: Link = no_link
    still: str | None = None


def player(course: Course, title: str, at: datetime, links: Links | None = None) -> Element:
    """Return what shows a race as it stood at a time, and lets people play it.

    ``title`` is what races. Without a script the still and its tables are all.
    """
    links = links or Links()
    root = Element("div", {"class": "race"})
    lead = leading(course.leads, at)
    head = add(root, "div", class_="race-head")
    add(head, "p", minute(at), class_="race-date", data_part="date")
    add(head, "p", led(lead, at), class_="race-lead", data_part="lead")
    why(add(head, "p", class_="race-why", data_part="why"), lead, links.event)
    _controls(root, course, links.still)
    drawings = add(root, "div", class_="race-drawings")
    _figure(drawings, "How they stood", [_bars(course, title, at, size) for size in SIZES])
    _figure(drawings, "How they came there", [_bump(course, title, at, size) for size in SIZES])
    tables = add(root, "div", class_="race-tables")
    _table(tables, course, at, links.rows)
    table(tables, course.leads, at, links.event, links.still)
    add(root, "p", class_="race-said", role="status", aria_live="polite", data_part="said")
    data = add(root, "script", type="application/json", id="race-data")
    data.text = as_data(course, at, links.rows, links.event)
    return root


def html(root: Element) -> str:
    """Return elements as HTML; drawings may be among them."""
    return ET.tostring(root, encoding="unicode", method="html")


SIZES = (("wide", WIDE), ("narrow", NARROW))
Size = tuple[str, float]


def _bars(course: Course, title: str, at: datetime, size: Size) -> Element:
    drawn = bars(
        course.bars(at),
        f"{title} on {minute(at)}",
        name=f"race-bars-{size[0]}",
        width=size[1],
        decimals=course.decimals,
        reach=course.reach,
        most=min(course.top, len(course.lines)),
    )
    put(drawn, class_=f"drawing race-bars {size[0]}", data_size=size[0])
    return drawn


def _bump(course: Course, title: str, at: datetime, size: Size) -> Element:
    """Draw the ranks up to a time."""
    drawn = bump(
        course.lines,
        course.span,
        f"{title}: ranks until {minute(at)}",
        until=at,
        leads=course.leads,
        top=min(course.top, len(course.lines)),
        name=f"race-bump-{size[0]}",
        width=size[1],
    )
    put(drawn, class_=f"drawing race-bump {size[0]}", data_size=size[0])
    return drawn


def _figure(parent: Element, caption: str, drawn: list[Element]) -> None:
    figure = add(parent, "figure")
    figure.extend(drawn)
    add(figure, "figcaption", caption)


def _controls(parent: Element, course: Course, still: str | None) -> None:
    """Add what a script needs; without one it stays hidden."""
    bar = add(parent, "div", class_="race-controls", role="group", aria_label="Play the race",
              data_part="controls", hidden="hidden")  # fmt: skip
    for part, text in BUTTONS:
        add(bar, "button", text, type="button", data_part=part)
    moment = add(bar, "label", "Through the changes", class_="race-scrub")
    add(moment, "input", type="range", min=0, max=len(course.moments) - 1, step=1,
        value=len(course.moments) - 1, data_part="scrub")  # fmt: skip
    speed = add(bar, "label", "Speed ")
    choice = add(speed, "select", data_part="speed")
    for value, text in SPEEDS:
        add(choice, "option", text, value=value, selected="selected" if value == "1" else None)
    if still is not None:
        add(bar, "a", "Link to this day", href=still, data_part="still", data_base=still)


def _table(parent: Element, course: Course, at: datetime, links: Mapping[str, str]) -> None:
    table = add(parent, "table", class_="race-table")
    caption = add(table, "caption", "As they stood on ")
    add(caption, "span", minute(at), data_part="table-date")
    row = add(add(table, "thead"), "tr")
    for heading, kind in (("#", "num"), ("Model", None), ("Score", "num")):
        add(row, "th", heading, scope="col", class_=kind)
    body = add(table, "tbody", data_part="table")
    for bar in course.bars(at):
        row = add(body, "tr")
        add(row, "td", str(bar.rank), class_="num")
        named, link = add(row, "th", scope="row"), links.get(bar.name)
        if link:
            add(named, "a", inert(bar.name), href=link)
        else:
            named.text = inert(bar.name)
        add(row, "td", number(bar.score, course.decimals), class_="num score")
