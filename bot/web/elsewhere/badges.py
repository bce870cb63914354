"""Badges: a model's place on a board as a small picture, and as what shields.io draws one from."""

from __future__ import annotations

from datetime import datetime
from xml.etree.ElementTree import Element

from msgspec import Struct

from bot.core.render.clean import clean, clean_whole
from bot.core.render.numbers import plural
from bot.drawing.svg import FONT, LETTER, add, coordinate, length, put
from bot.views.seen.standing import ModelStanding

LABEL_COLOUR, FIRST, AMONG_THREE, PLACED, UNKNOWN = (
    "#3d434b", "#7a4f00", "#13693a", "#0b57b0", "#5b6470",
)  # fmt: skip
"""White stands out from each of them by 4.5 to 1 and more."""

LONGEST = 40
HEIGHT, SIZE, MARGIN = 20, 11, 6
_LETTER = 5.9
"""How wide a letter is, about; what is written is made to fit."""
_PODIUM = 3


class Badge(Struct, frozen=True, kw_only=True):
    """What a badge says: of what, what, and in which colour."""

    label: str
    message: str
    colour: str

    @property
    def title(self) -> str:
        """What is read out."""
        return f"{self.label}: {self.message}"


def badge(found: ModelStanding, now: datetime) -> Badge:
    """Return what a badge says of a model's place; how long it leads only where that is known."""
    board = found.board
    own = clean(board.name or "") or board.benchmark.rpartition("/")[2]
    task = f" {board.shown.task}" if board.shown.task else ""
    message = f"rank {found.rank:,}"
    if found.lead:
        message = f"first for {'at least ' * found.lead.at_least}{plural(found.days(now), 'day')}"
    colour = AMONG_THREE if found.rank <= _PODIUM else PLACED
    return Badge(
        label=clean_whole(f"{own}{task}", LONGEST) or "(unnamed)",
        message=message,
        colour=FIRST if found.lead else colour,
    )


def unknown(message: str = "unknown") -> Badge:
    """Return what a badge says that knows nothing."""
    return Badge(label="leaderboard", message=message, colour=UNKNOWN)


def shields(told: Badge) -> dict[str, object]:
    """Return a badge as shields.io's endpoint has it."""
    return {
        "schemaVersion": 1,
        "label": told.label,
        "message": told.message,
        "color": told.colour,
        "labelColor": LABEL_COLOUR,
    }


def drawn(told: Badge) -> Element:
    """Draw a badge; what strangers wrote is escaped."""
    left, right = (_room(text) for text in (told.label, told.message))
    root = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img"})
    put(root, width=coordinate(left + right), height=HEIGHT, font_family=FONT, font_size=SIZE)
    root.set("aria-label", told.title)
    add(root, "title", told.title)
    parts = ((0.0, left, LABEL_COLOUR, told.label), (left, right, told.colour, told.message))
    for begin, width, colour, written in parts:
        add(root, "rect", x=begin, width=width, height=HEIGHT, fill=colour)
        middle = begin + width / 2
        text = add(root, "text", written, x=middle, y=14.0, fill="#fff", text_anchor="middle")
        text.set("textLength", coordinate(width - 2 * MARGIN))
        text.set("lengthAdjust", "spacingAndGlyphs")
    return root


def _room(text: str) -> float:
    return length(text) / LETTER * _LETTER + 2 * MARGIN
