"""A race as a file: one page with all that it needs, which asks no other host for anything."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from functools import cache
from importlib import resources
from xml.etree.ElementTree import Element

from bot.core.render.clean import inert, safe_url
from bot.core.render.numbers import day, minute
from bot.drawing.course import Course
from bot.drawing.leads import Link, no_link
from bot.drawing.player import Links, html, player
from bot.drawing.svg import add

D3 = (
    "array", "color", "dispatch", "ease", "format", "interpolate", "path", "selection", "time",
    "time-format", "timer", "scale", "shape", "transition",
)  # fmt: skip
"""The modules of D3, each after those that it needs."""

SCRIPTS = (*(f"vendor/d3-{name}.min.js" for name in D3), "race.js")
LICENCES = tuple(f"vendor/{name}.LICENSE" for name in (*(f"d3-{one}" for one in D3), "internmap"))
STYLES = ("colours.css", "alone.css", "race.css")

_KEYS = "Space plays and pauses, arrows step; a day behind the address, as #2026-04-27, is shown."


@cache
def asset(name: str) -> str:
    """Return the text of a file that pages need."""
    return resources.files("bot.drawing").joinpath("assets", *name.split("/")).read_text("utf-8")


def document(
    course: Course,
    title: str,
    benchmark: str,
    url: str | None,
    made: datetime,
    event: Link = no_link,
) -> bytes:
    """Return a page that plays a race, and shows its last day without a script.

    ``url`` is the board's page on the Hub; ``event`` leads to the pages of events. Its
    policy lets a browser run these scripts and use these styles, and no others.
    """
    root = Element("html", lang="en")
    head, body = add(root, "head"), add(root, "body")
    add(head, "meta", charset="utf-8")
    add(head, "meta", http_equiv="Content-Security-Policy", content=_policy())
    add(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    add(head, "title", f"{inert(title)}: the race")
    for name in STYLES:
        add(head, "style", asset(name))
    main = add(body, "main")
    add(main, "h1", inert(title))
    about = add(main, "p", class_="quiet")
    link = safe_url(url)
    add(about, "a" if link else "span", inert(benchmark), href=link)
    span = course.span
    add(about, "span", f" · from {day(span.start)} to {day(span.end)}")
    main.append(player(course, title, span.end, Links(event=event)))
    foot = add(body, "footer")
    add(foot, "p", f"Made by leaderboard-bot on {minute(made)}. {_KEYS}")
    licences = add(foot, "details")
    add(licences, "summary", "Licences of D3, which moves the drawings")
    add(licences, "pre", "\n\n".join(dict.fromkeys(asset(name) for name in LICENCES)))
    for name in SCRIPTS:
        add(body, "script", asset(name))
    return f"<!doctype html>\n{html(root)}\n".encode("utf-8", "replace")


def _policy() -> str:
    scripts = " ".join(_hash(name) for name in SCRIPTS)
    styles = " ".join(_hash(name) for name in STYLES)
    return (
        f"default-src 'none'; script-src {scripts}; style-src {styles}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(name: str) -> str:
    digest = hashlib.sha256(asset(name).encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
