"""A race as part of a page: a still of one day with a table, which a script may move."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from bot.core.render.clean import inert
from bot.core.render.numbers import minute, number, span
from bot.drawing.bars import bars
from bot.drawing.course import Course, as_data
from bot.drawing.ranks.bump import bump
from bot.drawing.svg import add, put
from bot.drawing.values import NARROW, WIDE

SPEEDS = (("0.5", "half"), ("1", "normal"), ("2", "twice"), ("4", "four times"))


def player(
    course: Course,
    title: str,
    at: datetime,
    *,
    links: Mapping[str, str] | None = None,
    still: str | None = None,
) -> Element:
    """Return what shows a race as it stood at a time, and lets people play it.

    ``title`` is what races. ``links`` are the addresses of rows' pages, by their names; ``still``
    is that of a still, which ``at=…`` ends. Without a script the still and its table are all.
    """
    links = links or {}
    root = Element("div", {"class": "race"})
    head = add(root, "div", class_="race-head")
    add(head, "p", minute(at), class_="race-date", data_part="date")
    add(head, "p", led(course, at), class_="race-lead", data_part="lead")
    _controls(root, course, still)
    drawings = add(root, "div", class_="race-drawings")
    _figure(drawings, "How they stood", [_bars(course, title, at, size) for size in SIZES])
    _figure(drawings, "How they came there", [_bump(course, title, at, size) for size in SIZES])
    _table(root, course, at, links)
    data = add(root, "script", type="application/json", id="race-data")
    data.text = as_data(course, at, links)
    return root


def html(root: Element) -> str:
    """Return elements as HTML; drawings may be among them."""
    return ET.tostring(root, encoding="unicode", method="html")


SIZES = (("wide", WIDE), ("narrow", NARROW))
Size = tuple[str, float]


def led(course: Course, at: datetime) -> str:
    """Return who led at a time, and for how long."""
    lead = course.lead(at)
    if lead is None or lead.line is None:
        return "Nobody leads."
    name, begun = inert(course.lines[lead.line].name), lead.at <= course.span.start
    if at - lead.at < timedelta(minutes=1):
        return f"{name} leads" if begun else f"{name} takes the lead"
    return f"{name} leads, for {'at least ' if begun else ''}{span(at - lead.at)}"


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
    for part, text in (("play", "Play"), ("back", "Earlier"), ("on", "Later")):
        add(bar, "button", text, type="button", data_part=part)
    moment = add(bar, "label", "Change", class_="race-scrub")
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
