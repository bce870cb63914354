"""Drawings: whatever is drawn is SVG that everybody can read, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.drawing import svg
from bot.drawing.bars import bars
from bot.drawing.ranks.bump import bump
from bot.drawing.scatter import best_of_size, scatter
from bot.drawing.scores import scores
from bot.drawing.sparkline import sparkline
from bot.drawing.values import NARROW, WIDE, Bar, Dot, Line, Span, Stand
from tests.support.hostile import HOSTILE, SCORES

NOON = datetime(2026, 4, 27, 12, tzinfo=UTC)
WEEK = Span(NOON, NOON + timedelta(days=7))
ELEMENTS = {"svg", "title", "desc", "g", "text", "rect", "path", "line", "circle", "tspan"}
SVG = "{http://www.w3.org/2000/svg}"


def line(name: str, *stands: tuple[int, int | None, str | None]) -> Line:
    """Return a line that stands at a rank and a score from each day on."""
    return Line(
        name,
        tuple(
            Stand(NOON + timedelta(days=day), rank, Decimal(score) if score else None, rank)
            for day, rank, score in stands
        ),
    )


def drawings(
    names: Sequence[str], score: Decimal = Decimal("5.5"), *, gap: bool = False
) -> Iterator[Element]:
    """Draw everything of some rows, whose scores are all the same."""
    last = Stand(NOON + timedelta(days=3), None, None, None)
    lines = [
        Line(name, (Stand(NOON, rank, score, rank), *([last] if gap else [])))
        for rank, name in enumerate(names, start=1)
    ]
    dots = [Dot(name, 7 * 10**9, score) for name in names]
    for width in (WIDE, NARROW):
        yield bars([Bar(name, 1, score) for name in names], "Bars", width=width)
        yield bump(lines, WEEK, "Ranks", top=10, width=width)
        yield scores(lines, WEEK, "Scores", width=width)
        yield scatter(dots, "Sizes", width=width)
    yield from (sparkline(one, WEEK) for one in lines[:1])


def read(drawn: Element) -> Element:
    """Return what a reader of the drawing's text finds."""
    found = ET.fromstring(svg.inline(drawn))
    assert svg.alone(drawn).startswith(b"<?xml")
    ET.fromstring(svg.alone(drawn))
    return found


def told(drawn: Element) -> str:
    return " ".join(text.strip() for text in read(drawn).itertext())


@settings(max_examples=30)
@given(st.lists(HOSTILE, min_size=1, max_size=3), SCORES)
def test_hostile_names_are_text(names: list[str], score: Decimal) -> None:
    """Whatever rows are called, there are no other elements, no controls, no odd numbers."""
    for drawn in drawings(names, score):
        found = read(drawn)
        assert {one.tag.removeprefix(SVG) for one in found.iter()} <= ELEMENTS
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]", svg.inline(drawn))
        numbers = [value for one in found.iter() for value in one.attrib.values()]
        assert not any(re.search(r"\b(nan|inf)\b", value) for value in numbers)


@pytest.mark.parametrize("number", [1, 2, 300])
@pytest.mark.parametrize("gap", [False, True])
def test_any_number_of_rows_is_drawn_within_its_bounds(number: int, *, gap: bool) -> None:
    """Text begins within the drawing, and says what it is to those who do not see it."""
    for drawn in drawings([f"acme/model-{one}" for one in range(number)], gap=gap):
        width, height = (float(one) for one in drawn.attrib["viewBox"].split()[2:])
        assert drawn.attrib["role"] == "img"
        labelled = drawn.attrib["aria-labelledby"].split()
        assert labelled == [one.attrib["id"] for one in drawn if one.tag in ("title", "desc")]
        assert all(one.text for one in drawn if one.tag in ("title", "desc"))
        for text in drawn.iter("text"):
            assert 0 <= float(text.attrib["x"]) <= width
            assert 0 <= float(text.attrib["y"]) <= height


def test_nothing_is_said_where_there_is_nothing() -> None:
    """A drawing of no rows says so."""
    assert "No rows." in told(bars([], "Bars"))
    assert "Nothing is stored" in told(bump([], WEEK, "Ranks", top=10))
    assert "Nothing is stored" in told(scores([], WEEK, "Scores"))
    assert "There are no scores." in told(sparkline(line("a"), WEEK))
    assert "No sizes are known." in told(scatter([], "Sizes"))


def test_a_long_name_is_cut_and_whole_in_its_title() -> None:
    """What is cut off can still be read."""
    name = "organisation/" + "-".join(["model"] * 20)
    text = next(one for one in bars([Bar(name, 1, Decimal(5))], "B", width=NARROW).iter("text")
                if one.attrib["class"] == "name")  # fmt: skip
    assert text[0].text == name
    assert "…" in (text[0].tail or "")
    assert svg.length(text[0].tail or "") < NARROW - 34


def test_whose_a_model_is_is_left_out_first() -> None:
    """Its own name says more."""
    assert svg.fitting("organisation/model-7b", 10 * svg.LETTER) == "model-7b"
    assert svg.fitting("acme/m", 10 * svg.LETTER) == "acme/m"


def test_bars_begin_at_zero() -> None:
    """Half a score is half a bar; what is below zero reaches to the left."""
    drawn = bars([Bar("a", 1, Decimal(8)), Bar("b", 2, Decimal(4))], "B")
    one, half = (float(rect.attrib["width"]) for rect in drawn.iter("rect"))
    assert half == pytest.approx(one / 2, abs=0.1)
    drawn = bars([Bar("a", 1, Decimal(5)), Bar("b", 2, Decimal(-5))], "B")
    right, left = drawn.iter("rect")
    assert float(left.attrib["x"]) + float(left.attrib["width"]) == pytest.approx(
        float(right.attrib["x"]), abs=0.1
    )


def paths(drawn: Element) -> list[str]:
    return [one.attrib["d"] for one in drawn.iter("path")]


def test_a_row_that_was_not_there_has_a_gap() -> None:
    """Its line ends, and begins anew where it is back."""
    away = line("a", (0, 1, "5"), (2, None, None), (4, 1, "6"))
    assert [path.count("M") for path in paths(bump([away], WEEK, "R", top=3))] == [2]
    assert [path.count("M") for path in paths(scores([away], WEEK, "S"))] == [2]
    assert [path.count("M") for path in paths(sparkline(away, WEEK))] == [2]


def test_a_row_that_falls_out_of_the_first_leaves_at_the_bottom() -> None:
    """It comes back from there, and has its name at the end only where it is among them."""
    deep = line("deep", (0, 1, "9"), (2, 7, "1"), (4, 2, "8"))
    drawn = bump([deep, line("low", (0, 9, "0"))], WEEK, "R", top=3)
    bottom = float(drawn.attrib["data-bottom"])
    assert (
        paths(drawn)[0].count(f",{svg.coordinate(bottom)}") == 4
        or f"{bottom:.1f}" in paths(drawn)[0]
    )
    assert paths(drawn)[1] == ""
    ends = [one for one in drawn.iter("g") if one.attrib.get("class") == "end"]
    assert [one.attrib["data-key"] for one in ends] == ["0"]


def exits(drawn: Element) -> list[tuple[str, str | None]]:
    """Return what is told of rows that left, and the name that is written of each."""
    found = [one for one in drawn.iter("g") if one.attrib.get("class") == "exit"]
    return [(one.findtext("title") or "", one.findtext("text")) for one in found]


def test_a_row_that_left_is_named_where_it_did() -> None:
    """Those that fell further, and those that were removed; not one that is back."""
    fell = line("acme/fell", (0, 2, "9"), (2, 7, "1"))
    gone = line("acme/gone", (0, 1, "9"), (4, None, None))
    back = line("acme/back", (0, 3, "9"), (2, 8, "1"), (3, 2, "8"))
    drawn = bump([fell, gone, back], WEEK, "R", top=3)
    assert exits(drawn) == [
        ("acme/gone was removed on 1 May 2026, from rank 1", "acme/gone (removed)"),
        ("acme/fell fell out of the first 3 on 29 Apr 2026, from rank 2", "acme/fell"),
    ]
    assert "acme/gone was removed on 1 May 2026, from rank 1." in told(drawn)


def test_names_of_rows_that_left_cover_neither_each_other_nor_what_leads_to_them() -> None:
    """However many left, and when; what has no room is in its title."""
    lines = [line(f"acme/model-{one}", (0, 1, "9"), (1 + one % 6, 9, "1")) for one in range(40)]
    for width in (WIDE, NARROW):
        drawn = bump(lines, WEEK, "R", top=3, width=width)
        names, leads = [], []
        for group in (one for one in drawn.iter("g") if one.attrib.get("class") == "exit"):
            for text in group.iter("text"):
                x, y = float(text.attrib["x"]), float(text.attrib["y"])
                names.append((x, x + svg.length(text.text or "") * 12 / svg.SIZE, y))
            leads += [
                (float(one.attrib["x1"]), float(one.attrib["y2"])) for one in group.iter("line")
            ]
        assert len(names) > 5
        assert len(exits(drawn)) == 40
        assert all(end <= width for _, end, _ in names)
        assert not any(
            one[2] == other[2] and one[0] < other[1] and other[0] < one[1]
            for one, other in combinations(names, 2)
        )
        assert not any(begin < x < end and y < down for begin, end, y in names for x, down in leads)


def test_rows_that_are_never_away_at_one_time_share_a_place() -> None:
    """Where the drawing is played: the names of others are hidden until they left."""
    early = line("acme/early", (0, 1, "9"), (1, 9, "1"), (2, 1, "9"))
    late = line("acme/late", (0, 2, "8"), (3, 9, "1"))
    drawn = bump([early, late], WEEK, "R", top=3, until=NOON + timedelta(days=4))
    groups = [one for one in drawn.iter("g") if one.attrib.get("class") == "exit"]
    assert [(one.findtext("text"), one.get("display")) for one in groups] == [
        ("acme/late", None),
        ("acme/early", "none"),
    ]
    assert len({text.attrib["y"] for one in groups for text in one.iter("text")}) == 1


def test_no_two_rows_look_alike() -> None:
    """Those of one colour have lines that are broken in other ways, and bars like these."""
    lines = [line(f"m{one}", (0, 1, "5")) for one in range(60)]
    for drawn in (bump(lines, WEEK, "R", top=60), scores(lines, WEEK, "S")):
        strokes = [
            (one.attrib["stroke"], one.get("stroke-dasharray")) for one in drawn.iter("path")
        ]
        assert len(set(strokes)) == 60
    rows = [Bar(f"m{one}", 1, Decimal(5), key=one) for one in range(60)]
    bars_ = [
        (one.attrib["fill"], one.get("stroke-dasharray")) for one in bars(rows, "B").iter("rect")
    ]
    assert len(set(bars_)) == 60


def test_a_name_at_the_end_of_a_line_takes_two_lines_before_it_is_cut() -> None:
    """Broken where its parts meet; without whose it is where that is not enough."""
    room = 20 * svg.LETTER
    assert svg.in_two("acme/short", room) == ["acme/short"]
    assert svg.in_two("organisation/a-model-of-7b", room) == ["organisation/", "a-model-of-7b"]
    assert svg.in_two("acme/a-model (of one)", 14 * svg.LETTER) == ["acme/a-model", "(of one)"]
    assert svg.in_two("an-organisation-with-a-long-name/model (one)", room) == ["model (one)"]
    assert svg.in_two("x" * 39, room) == ["x" * 20, "x" * 19]
    assert "".join(svg.in_two("x" * 90, room)) == "x" * 19 + "…" + "x" * 19


def test_names_at_the_ends_of_lines_keep_apart() -> None:
    """Equal scores are not written over each other; more than fit are not written."""
    drawn = scores([line(f"m{one}", (0, one, "5")) for one in range(1, 301)], WEEK, "S")
    ends = [one for one in drawn.iter("g") if one.attrib.get("class") == "end"]
    places = sorted({float(t.attrib["y"]) for end in ends for t in end.iter("text")})
    assert len(ends) == 300
    assert 10 < len(places) < 25
    assert min(b - a for a, b in pairwise(places)) > 15.9


def test_the_description_says_the_first_rows() -> None:
    """Those who do not see the drawing are told what it shows."""
    drawn = bars([Bar(f"m{one}", one, Decimal(90 - one)) for one in range(1, 13)], "B", decimals=1)
    assert "1. m1 89.0; 2. m2 88.0" in told(drawn)
    assert "and 2 more rows." in told(drawn)


def clouds(number: int) -> list[Dot]:
    """Return dots, the best first: all but a few of them are as large as ten others."""
    return [
        Dot(f"org/model-{one}-instruct", 10**9 * (1 + one * 7919 % 400), Decimal(9_000 - one) / 100)
        for one in range(number)
    ]


def named(drawn: Element) -> dict[str, tuple[float, float]]:
    """Return the whole names that a drawing shows, and from where to where each reaches."""
    found = {}
    for text in drawn.iter("text"):
        if text.attrib.get("class") == "name":
            written = (text.text or "") + "".join(one.tail or "" for one in text)
            before = {"start": 0, "middle": 0.5, "end": 1}[text.attrib["text-anchor"]]
            left = float(text.attrib["x"]) - before * svg.length(written)
            found[text.findtext("title") or written] = (left, left + svg.length(written))
    return found


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("number", [3, 30, 300])
def test_the_leader_and_the_best_of_their_size_are_named(width: float, number: int) -> None:
    """All of each name is in the drawing, and none lies over another."""
    dots = clouds(number)
    drawn = scatter(dots, "Sizes", width=width)
    shown = named(drawn)
    assert "model-0-instruct" in next(iter(shown))
    best = {dots[one].name.partition("/")[2] for one in best_of_size(dots)}
    assert len({name.rpartition("/")[2] for name in shown} & best) >= min(len(best), 4)
    assert all(left >= 0 and right <= width for left, right in shown.values())
    heights = [float(one.attrib["y"]) for one in drawn.iter("text") if "class" in one.attrib]
    for (one, other), (y, below) in zip(
        combinations(shown.values(), 2), combinations(heights, 2), strict=True
    ):
        assert abs(y - below) >= svg.SIZE or one[1] <= other[0] or other[1] <= one[0]
    titles = [one.findtext("title") for one in drawn.iter("circle")]
    assert len(titles) == number


def test_the_best_of_their_size_have_no_better_one_that_is_smaller() -> None:
    """The first row is the best of all; of what comes after it only the smaller counts."""
    dots = [Dot(str(size), size, Decimal(0)) for size in (70, 90, 8, 30, 8, 3)]
    assert [dots[one].size for one in best_of_size(dots)] == [70, 8, 3]
    assert best_of_size([]) == []


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("ground", ["#ffffff", "#f6f7f9", "#14171b", "#1d2127"])
def test_colours_stand_out_from_light_and_dark(ground: str) -> None:
    """At least 3 to 1, as graphics need it; what is written is in the colour of the text."""
    for colour in (*svg.PALETTE, svg.QUIET):
        low, high = sorted((luminance(colour), luminance(ground)))
        assert (high + 0.05) / (low + 0.05) >= 2.95
    for drawn in drawings(["a"]):
        assert drawn.attrib["fill"] == "currentColor"
        assert all("fill" not in text.attrib for text in drawn.iter("text"))


def test_a_file_is_dark_where_its_reader_likes_it_dark() -> None:
    """Within a page a drawing has no styles of its own: a strict policy would refuse them."""
    drawn = bars([Bar("a", 1, Decimal(5))], "B")
    assert b"prefers-color-scheme: dark" in svg.alone(drawn)
    assert "<style" not in svg.inline(drawn)
    assert 'style="' not in svg.inline(drawn)
