"""Elements of SVG: text that strangers wrote is escaped and holds no controls.

Colours are attributes, so that a drawing looks right wherever it stands; where there are styles,
these win. What is written is in ``currentColor``, the colour of the text around.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from bot.core.render.clean import NOTE_LIMIT, clean, clean_whole

PALETTE = (
    "#4a6fd4", "#c2571a", "#2b8a57", "#d0366b", "#8a63d2", "#0e8595", "#a3701a", "#b04a9e",
    "#6f7f1e", "#7a7f87",
)  # fmt: skip
"""Colours that stand out from light ground and from dark."""

QUIET = "#8a919b"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"
SIZE = 13
"""Of letters; a letter is ``LETTER`` wide, about."""
LETTER = 8.1

_BROAD = "MWmw@%"
_NEAR = 20
_MIDDLE = 4.5
"""How far below its middle a line of letters stands."""
_BREAKS = ("/", " ", "-", "_", ".")
"""After what a name is broken, the best first."""

_ALONE = """
svg { color: var(--text, #1a1d21); background: var(--ground, #fff); }
@media (prefers-color-scheme: dark) {
  svg { color: var(--text, #e7eaee); background: var(--ground, #14171b); }
}
"""


def picture(size: tuple[float, float], name: str, title: str, description: str) -> Element:
    """Return a drawing that is read out as its title and description.

    ``name`` begins the ids in it: no two of one page may have the same.
    """
    width, height = size
    root = Element("svg", {"xmlns": "http://www.w3.org/2000/svg"})
    put(
        root,
        viewBox=f"0 0 {coordinate(width)} {coordinate(height)}",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        font_family=FONT,
        font_size=SIZE,
        fill="currentColor",
        class_=f"drawing {name}",
    )
    add(root, "title", clean(title, NOTE_LIMIT), id=f"{name}-title")
    add(root, "desc", clean(description, 20 * NOTE_LIMIT), id=f"{name}-desc")
    return root


def add(parent: Element, tag: str, text: str | None = None, **attributes: object) -> Element:
    """Add an element; ``stroke_width`` is ``stroke-width``, ``class_`` is ``class``."""
    made = ET.SubElement(parent, tag)
    put(made, **attributes)
    if text is not None:
        made.text = text
    return made


def put(element: Element, **attributes: object) -> None:
    """Give an element attributes; those that are None are left out."""
    for name, value in attributes.items():
        if value is not None:
            shown = coordinate(value) if isinstance(value, float) else str(value)
            element.set(name.rstrip("_").replace("_", "-") if name != "viewBox" else name, shown)


def label(parent: Element, name: str, room: float, **attributes: object) -> Element:
    """Write a name into ``room``, cut in its middle where it is longer; it is whole in its title.

    ``attributes`` are those of ``text``.
    """
    whole = clean(name, NOTE_LIMIT)
    short = fitting(name, room)
    made = add(parent, "text")
    put(made, **attributes)
    if short != whole:
        add(made, "title", whole).tail = short
    else:
        made.text = whole
    return made


def lead(parent: Element, end: tuple[float, float], name: tuple[float, float], key: int) -> None:
    """Lead the eye from the end of a line to its name."""
    add(parent, "line", x1=end[0], y1=end[1], x2=name[0] - 3, y2=name[1], stroke=colour(key),
        stroke_dasharray="1 3" if name[0] - end[0] > _NEAR else None)  # fmt: skip


def tall(parent: Element, name: str, room: float, x: float, y: float) -> Element:
    """Write a name around ``y``, in two lines where one has too little room."""
    whole, parts = clean(name, NOTE_LIMIT), in_two(name, room)
    made = add(parent, "text", x=x, y=y)
    if "".join(parts) != whole:
        add(made, "title", whole)
    for number, part in enumerate(parts):
        add(made, "tspan", part, x=x, y=y + (number - (len(parts) - 1) / 2) * SIZE + _MIDDLE)
    return made


def in_two(name: str, room: float) -> list[str]:
    """Return a name as a line or two of no more than ``room``, broken where its parts meet.

    Where it is longer, it is without whose model it is, and then cut in its middle.
    """
    whole = clean(name, NOTE_LIMIT)
    for text in (whole, whole.partition("/")[2].strip()):
        if text and length(text) <= room:
            return [text]
        for places in ([at for at, char in enumerate(text, 1) if char == mark] for mark in _BREAKS):
            halves = [(text[:at].rstrip(), text[at:].lstrip()) for at in places]
            fit = [pair for pair in halves if max(map(length, pair)) <= room]
            if fit:
                one, other = min(fit, key=_unevenness)
                return [one, other]
    short = fitting(name, 2 * room - LETTER)
    middle = (len(short) + 1) // 2
    cut = [short[:middle], short[middle:]]
    return cut if max(map(length, cut)) <= room else [fitting(name, room)]


def _unevenness(pair: tuple[str, str]) -> int:
    return abs(len(pair[0]) - len(pair[1]))


def fitting(name: str, room: float) -> str:
    """Return a name that takes no more than ``room``.

    Where it is longer, it is without whose model it is, and then cut in its middle.
    """
    letters = max(int(room / LETTER), 3)
    whole = clean(name, NOTE_LIMIT)
    if length(whole) > room and (bare := whole.partition("/")[2].strip()):
        name = bare
    text = clean_whole(name, letters)
    while letters > 3 and length(text) > room:  # noqa: PLR2004 - no less is cut
        letters -= 1
        text = clean_whole(name, letters)
    return text


def length(text: str) -> float:
    """Return how much room a text takes, about."""
    wide = sum(unicodedata.east_asian_width(one) in "WF" for one in text)
    capital = sum(one.isupper() for one in text)
    broad = sum(one in _BROAD for one in text)
    return LETTER * (len(text) + wide + capital / 6 + broad / 2)


def stacked(title: str, *parts: Element, name: str = "stacked") -> Element:
    """Return drawings one below the other as one, read out as all of them."""
    sizes = [[float(one) for one in part.attrib["viewBox"].split()[2:]] for part in parts]
    told = " ".join(part.findtext("desc", "") for part in parts)
    height = sum(size[1] for size in sizes)
    root = picture((max(size[0] for size in sizes), height), name, title, told)
    below = 0.0
    for part, size in zip(parts, sizes, strict=True):
        put(part, y=below, width=size[0], height=size[1])
        root.append(part)
        below += size[1]
    return root


def colour(number: int) -> str:
    """Return the colour of the row of a number; every tenth has the same."""
    return PALETTE[number % len(PALETTE)]


def dashes(number: int) -> str | None:
    """Return how the line of the row of a number is broken: rows of a colour are not alike."""
    turn = number // len(PALETTE)
    return " ".join(["7 4", *["2 4"] * (turn - 1)]) if turn else None


def stroke(line: Element, number: int) -> Element:
    """Draw a line as that of the row of a number."""
    put(line, fill="none", stroke=colour(number), stroke_dasharray=dashes(number))
    return line


def paint(area: Element, number: int) -> Element:
    """Draw an area as one of the row of a number: filled, or pale where its line is broken."""
    is_pale = dashes(number) is not None
    put(area, fill=colour(number), fill_opacity=0.3 if is_pale else None)
    put(area, stroke=colour(number) if is_pale else None)
    return area


def milliseconds(at: datetime) -> int:
    """Return a time as scripts have it."""
    return round(at.timestamp() * 1000)


def coordinate(value: float) -> str:
    """Return a coordinate with a decimal at the most."""
    text = f"{value:.1f}"
    return text.removesuffix(".0") if text != "-0.0" else "0"


def inline(root: Element) -> str:
    """Return a drawing to stand within a page, whose styles it takes."""
    return ET.tostring(root, encoding="unicode")


def alone(root: Element) -> bytes:
    """Return a drawing as a file, which is dark where its reader likes it dark."""
    style = Element("style")
    style.text = _ALONE
    root.insert(0, style)
    try:
        text = ET.tostring(root, encoding="unicode")
    finally:
        root.remove(style)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()
