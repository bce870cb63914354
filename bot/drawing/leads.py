"""Who led in a race: in words, as a table, and as marks above the ranks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from xml.etree.ElementTree import Element

from bot.core.render.clean import inert
from bot.core.render.numbers import day, minute, span
from bot.drawing.ranks.frame import Frame
from bot.drawing.svg import add, milliseconds, put

ABOVE = 14.0
"""The room that marks take above the ranks."""

MOST_SEEN = 12
"""More of those who led are not seen at once."""

_FRESH = timedelta(minutes=1)


class Lead(NamedTuple):
    """Who led from a time on, ``why`` in words, and the id of the event that tells it.

    With ``at_least`` it was first seen to lead then: no event tells that it came to.
    """

    at: datetime
    name: str
    why: str | None = None
    event: str | None = None
    at_least: bool = False

    @property
    def told(self) -> str:
        """How it came to lead, in words."""
        first = f"{inert(self.name)} was first seen leading on {day(self.at)}"
        return inert(self.why) if self.why else first


Link = Callable[[str], str | None]
"""Returns the address of an event of an id, where it has one."""


def no_link(_: str) -> None:
    """Return nothing: no event has an address."""


def leading(leads: Sequence[Lead], moment: datetime) -> Lead | None:
    """Return who led at a time, and since when; None where that is not known."""
    return next((lead for lead in reversed(leads) if lead.at <= moment), None)


def led(lead: Lead | None, moment: datetime) -> str:
    """Return who led at a time, and for how long."""
    if lead is None:
        return "Who led is not known."
    name = inert(lead.name)
    if moment - lead.at < _FRESH:
        return f"{name} leads" if lead.at_least else f"{name} leads now"
    return f"{name} leads, for {'at least ' if lead.at_least else ''}{span(moment - lead.at)}"


def why(parent: Element, lead: Lead | None, link: Link) -> None:
    """Add how somebody came to lead, with a link to the event."""
    told = lead.told if lead else ""
    url = link(lead.event) if lead and lead.event else None
    add(parent, "a" if url else "span", told, href=url)


def marks(root: Element, frame: Frame, leads: Sequence[Lead]) -> None:
    """Draw a star where somebody came to lead, those after the frame's time hidden."""
    for lead in leads:
        if lead.at_least:
            continue
        hidden = "none" if lead.at > frame.until else None
        group = add(root, "g", class_="led", display=hidden, data_from=milliseconds(lead.at))
        add(group, "title", f"{day(lead.at)}: {lead.told}")
        add(group, "text", "★", x=frame.across(lead.at), y=frame.begin - 9, text_anchor="middle",
            font_size=12)  # fmt: skip


def table(
    parent: Element, leads: Sequence[Lead], moment: datetime, link: Link, still: str | None
) -> None:
    """Add who came to lead up to a time, the newest first; those after it are hidden.

    ``still`` is the address of a still, which a time ends; without it that is behind ``#``.
    """
    box = add(parent, "div")
    if len(leads) > MOST_SEEN:
        put(box, class_="race-scroll", tabindex=0, role="group", aria_label="Who came to lead")
    made = add(box, "table", class_="race-table race-leads")
    add(made, "caption", "Who came to lead, and why")
    row = add(add(made, "thead"), "tr")
    for heading in ("Since", "What happened"):
        add(row, "th", heading, scope="col")
    body = add(made, "tbody", data_part="leads")
    for lead in reversed(leads):
        hidden = "hidden" if lead.at > moment else None
        row = add(body, "tr", data_from=milliseconds(lead.at), hidden=hidden)
        written = lead.at.isoformat().replace("+00:00", "Z")
        here = f"{still}{written}" if still else f"#{lead.at:%Y-%m-%d}"
        since = add(row, "th", scope="row")
        add(since, "a", day(lead.at), href=here, title=minute(lead.at))
        why(add(row, "td"), lead, link)
