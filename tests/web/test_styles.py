"""The styles: colours are in one place, and no rule is said twice."""

from __future__ import annotations

import re
from collections import Counter
from importlib import resources

import pytest

from bot.drawing import svg

SHEETS = ("web/static/style.css", "web/static/embed.css", "drawing/assets/alone.css",
          "drawing/assets/race.css")  # fmt: skip
COLOUR = re.compile(r"#[0-9a-f]{3,8}\b")


def sheet(name: str) -> str:
    """Return the text of a sheet of styles."""
    return resources.files("bot").joinpath(*name.split("/")).read_text("utf-8")


@pytest.mark.parametrize("name", SHEETS)
def test_colours_are_in_a_sheet_of_their_own(name: str) -> None:
    """Pages, frames and a race's own file take them from there, and lack none."""
    colours = sheet("drawing/assets/colours.css")
    assert COLOUR.findall(sheet(name)) == []
    used = set(re.findall(r"var\((--[\w-]+)\)", sheet(name)))
    assert used <= set(re.findall(r"^\s*(--[\w-]+):", colours, re.MULTILINE))


def test_a_drawing_on_its_own_has_the_colours_of_pages() -> None:
    """Not every reader of SVG knows colours that are light or dark, so they are written out."""
    drawn = COLOUR.findall(
        svg.alone(svg.picture((9, 9), "a", "b", "c")).decode().split("<title")[0]
    )
    assert len(drawn) == 4
    assert set(drawn) <= set(COLOUR.findall(sheet("drawing/assets/colours.css")))


@pytest.mark.parametrize("name", SHEETS)
def test_no_rule_is_said_twice(name: str) -> None:
    """What a later rule would take back is not written."""
    text = sheet(name)
    assert text.count("{") == text.count("}")
    for part in re.split(r"@media[^{]*\{", text):
        rules = Counter(one.strip() for one in re.findall(r"^([^{}@]+)\{", part, re.MULTILINE))
        assert [rule for rule, times in rules.items() if times > 1] == []
