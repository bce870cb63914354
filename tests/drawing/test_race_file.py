"""A race as a file: it needs nothing else, runs only what it brings, and plays in a browser."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from lxml import html
from playwright.sync_api import Browser, Page, sync_playwright

import bot.drawing
from bot.core.render.clean import inert
from bot.drawing.course import Course
from bot.drawing.document import SCRIPTS, STYLES, asset, document
from bot.drawing.leads import Lead, leading, led
from bot.drawing.values import Line, Span, Stand
from tests.support.hostile import HOSTILE
from tests.support.slack.slack_preview import chromium

START = datetime(2026, 4, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
VENDOR = Path(bot.drawing.__file__).parent / "assets" / "vendor"


def row(name: str, *stands: tuple[int, int | None, str | None]) -> Line:
    """Return a row that stands somewhere from each day on."""
    return Line(
        name,
        tuple(
            Stand(START + day * DAY, rank, Decimal(score) if score else None, rank)
            for day, rank, score in stands
        ),
    )


def overtaking(first: str = "acme/first", second: str = "acme/second") -> Course:
    """Return a course in which one row leads, another overtakes it, and a third is removed."""
    return Course(
        span=Span(START, START + 20 * DAY),
        top=2,
        lines=(
            row(second, (0, 2, "5.5"), (10, 1, "7.5")),
            row(first, (0, 1, "6.5"), (10, 2, "6.5")),
            row("acme/gone", (0, 3, "1"), (10, None, None)),
        ),
        leads=(
            Lead(START, first, at_least=True),
            Lead(START + 10 * DAY, second, f"{second} takes the lead", "an-event"),
        ),
    )


def page_of(course: Course) -> Any:
    made = document(course, "Bench", "acme/bench", "https://hub.example/acme/bench", START)
    return html.document_fromstring(made.decode())


def test_only_its_own_scripts_and_styles_are_allowed() -> None:
    """The policy has the hash of each; all else is forbidden, and nothing comes from elsewhere."""
    page = page_of(overtaking())
    policy = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    inline = [one for one in page.xpath("//script | //style") if one.get("type") is None]
    assert len(inline) == len(SCRIPTS) + len(STYLES)
    for one in inline:
        digest = hashlib.sha256(one.text.encode()).digest()
        assert f"'sha256-{base64.b64encode(digest).decode()}'" in policy
    assert page.xpath("//@src | //link | //@style | //*[@onclick]") == []


@settings(max_examples=15)
@given(HOSTILE, HOSTILE)
def test_hostile_names_are_text(first: str, second: str) -> None:
    """They add no element and no script, and a script reads them as they are shown."""
    page, plain = page_of(overtaking(first, second)), page_of(overtaking())
    assert len(page.xpath("//script")) == len(plain.xpath("//script"))
    assert {one.tag for one in page.iter()} == {one.tag for one in plain.iter()}
    data = page.xpath("//script[@type='application/json']")[0].text
    assert "<" not in data
    assert [one["name"] for one in json.loads(data)["rows"]][:2] == [inert(second), inert(first)]
    assert page.xpath("//tbody//th")[0].text_content() == inert(second)


def test_the_last_day_can_be_read_without_a_script() -> None:
    """Who led for how long, the rows in a table, and drawings that are told in words."""
    page = page_of(overtaking())
    assert page.xpath("//*[@data-part='lead']/text()") == ["acme/second leads, for 10 days"]
    assert page.xpath("//*[@data-part='why']/span/text()") == ["acme/second takes the lead"]
    cells = [one.text_content() for one in page.xpath("//tbody/tr/*")]
    assert cells[:6] == ["1", "acme/second", "7.5", "2", "acme/first", "6.5"]
    assert cells[6:8] == ["11 Apr 2026", "acme/second takes the lead"]
    assert cells[8:] == ["1 Apr 2026", "acme/first was first seen leading on 1 Apr 2026"]
    (star,) = page.xpath("//svg[contains(@class, 'race-bump wide')]//g[@class='led']")
    assert star.findtext("title") == "11 Apr 2026: acme/second takes the lead"
    assert page.xpath("//*[@data-part='controls']/@hidden") == ["hidden"]
    assert len(page.xpath("//svg[@role='img']")) == 4
    assert "1. acme/second 7.5; 2. acme/first 6.5" in page.text_content()


def test_the_lead_is_told_with_its_length() -> None:
    """At least so long where its beginning is not known."""
    leads = overtaking().leads
    said = {
        days: led(leading(leads, START + days * DAY), START + days * DAY)
        for days in (-1, 0, 9, 10, 12)
    }
    assert said == {
        -1: "Who led is not known.",
        0: "acme/first leads",
        9: "acme/first leads, for at least 9 days",
        10: "acme/second leads now",
        12: "acme/second leads, for 2 days",
    }


def test_why_somebody_leads_leads_to_its_event() -> None:
    """Where events have an address."""
    made = document(
        overtaking(), "Bench", "a/b", None, START, "https://bot.example/events/{}".format
    )
    page = html.document_fromstring(made.decode())
    links = page.xpath("//*[@data-part='why' or @data-part='leads']//a[starts-with(@href, 'h')]")
    assert [one.get("href") for one in links] == ["https://bot.example/events/an-event"] * 2
    assert {one.text for one in links} == {"acme/second takes the lead"}
    data = json.loads(page.xpath("//script[@type='application/json']")[0].text)
    assert [one["link"] for one in data["leads"]] == [None, links[0].get("href")]


def test_scores_too_large_for_a_script_are_drawn() -> None:
    """Bars are parts of the widest one."""
    huge = Course(
        span=Span(START, START + DAY),
        top=2,
        lines=(row("a", (0, 1, "1E+400")), row("b", (0, 2, "-1E+400"))),
        leads=(Lead(START, "a"),),
    )
    data = json.loads(page_of(huge).xpath("//script[@type='application/json']")[0].text)
    assert [one["steps"][0][3:5] for one in data["rows"]] == [[0.5, 1.0], [0.0, 0.5]]


def test_d3_is_as_it_was_published() -> None:
    """Each script has the hash that the list beside it says, and its licence beside it."""
    listed = dict(
        re.findall(
            r"^\| ([a-z0-9-]+) \|.*\| `([0-9a-f]{64})` \|$", asset("vendor/README.md"), re.MULTILINE
        )
    )
    scripts = {path.name.removesuffix(".min.js"): path for path in VENDOR.glob("*.min.js")}
    assert {
        name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in scripts.items()
    } == listed
    assert {f"vendor/{name}.min.js" for name in listed} == set(SCRIPTS) - {"race.js"}
    assert all((VENDOR / f"{name}.LICENSE").is_file() for name in listed)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield found
        found.close()


def opened(
    browser: Browser, folder: Path, day: str = "", course: Course | None = None, **context: Any
) -> tuple[Page, list[str]]:
    """Open a race in a browser; return the page, and what its console says."""
    file = folder / "race.html"
    file.write_bytes(document(course or overtaking(), "Bench", "acme/bench", None, START))
    page, said = browser.new_page(**context), list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{file.as_uri()}{day}")
    return page, said


def text(page: Page, part: str) -> str:
    return page.inner_text(f"[data-part={part}]")


def bars(page: Page) -> list[str]:
    """Return the names beside the bars that are seen, from top to bottom."""
    found: list[str] = page.eval_on_selector_all(
        "svg.race-bars.wide g.row:not([opacity='0'])",
        """groups => groups.map(g => ({
            y: g.transform.baseVal.consolidate()?.matrix.f ?? 0,
            name: g.querySelector(".name").textContent,
        })).sort((a, b) => a.y - b.y).map(one => one.name)""",
    )
    return found


@pytest.mark.browser
def test_a_race_plays(browser: Browser, tmp_path: Path) -> None:
    """From the first day to the last, by the keyboard alone; its address says the day."""
    page, said = opened(browser, tmp_path)
    page.keyboard.press("Home")
    page.wait_for_timeout(600)
    assert (text(page, "date"), bars(page)) == (
        "1 Apr 2026, 12:00 UTC", ["acme/first", "acme/second"],
    )  # fmt: skip
    assert page.url.endswith("#2026-04-01")
    page.keyboard.press("Space")
    page.locator('[data-part=play]:text-is("Pause")').wait_for()
    page.locator('[data-part=play]:text-is("Play")').wait_for(timeout=15_000)
    assert page.url.endswith("#2026-04-21")
    assert bars(page) == ["acme/second", "acme/first"]
    assert text(page, "lead") == "acme/second leads, for 10 days"
    page.keyboard.press("ArrowLeft")
    assert text(page, "date") == "11 Apr 2026, 12:00 UTC"
    assert text(page, "lead") == "acme/second leads now"
    assert text(page, "why") == "acme/second takes the lead"
    page.keyboard.press("Home")
    assert text(page, "why") == "acme/first was first seen leading on 1 Apr 2026"
    assert page.locator("[data-part=leads] tr:visible").count() == 1
    assert said == []


@pytest.mark.browser
def test_a_phone_shows_all_of_it(browser: Browser, tmp_path: Path) -> None:
    """Nothing is wider than its screen, no letter is cut or too small, while it plays, too."""
    long = overtaking("an-organisation/A-Model-Of-Many-Parts-397B", "another/ONE-OF-CAPITALS-" * 3)
    page, said = opened(browser, tmp_path, course=long, viewport={"width": 360, "height": 800})
    for key in ("Home", "ArrowRight", "End"):
        page.keyboard.press(key)
        page.wait_for_timeout(500)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert page.evaluate(CUT) == []
    assert said == []


CUT = """[...document.querySelectorAll("svg.narrow text")].filter(one => {
    const [box, all] = [one, one.closest("svg")].map(part => part.getBoundingClientRect());
    return box.width && (box.left < all.left - 1 || box.right > all.right + 1
        || box.bottom > all.bottom + 1 || box.top < all.top - 1 || box.height < 12);
}).map(one => one.textContent)"""


@pytest.mark.long
@pytest.mark.browser
def test_a_day_behind_the_address_is_shown(browser: Browser, tmp_path: Path) -> None:
    """In the bars, the table, the words; days before the first are the first."""
    page, said = opened(browser, tmp_path, "#2026-04-05")
    assert text(page, "lead") == "acme/first leads"
    assert page.inner_text("[data-part=table] tr:first-child").split() == ["1", "acme/first", "6.5"]
    assert "1. acme/first 6.5" in (page.text_content("svg.race-bars.wide > desc") or "")
    page.evaluate("location.hash = '#2026-04-30'")
    page.locator('[data-part=lead]:text-is("acme/second leads, for 10 days")').wait_for()
    assert said == []


@pytest.mark.long
@pytest.mark.browser
def test_who_left_is_told_while_it_is_away(browser: Browser, tmp_path: Path) -> None:
    """In the drawing, and to those who do not see it."""
    lines = (
        *overtaking().lines[:2],
        row("acme/away", (0, 1, "7"), (5, 9, "1"), (15, 1, "9")),
    )
    course = Course(span=Span(START, START + 20 * DAY), top=3, lines=lines, leads=())
    page, said = opened(browser, tmp_path, "#2026-04-01", course)
    for key, away in (("ArrowRight", True), ("End", False)):
        page.keyboard.press(key)
        assert page.locator("svg.race-bump.wide g.exit").is_visible() == away
        told = page.text_content("svg.race-bump.wide > desc") or ""
        assert ("acme/away fell out of the first 3 on 6 Apr 2026, from rank 1." in told) == away
    assert said == []


@pytest.mark.browser
def test_nothing_moves_by_itself_where_motion_is_to_be_reduced(
    browser: Browser, tmp_path: Path
) -> None:
    """There is no "Play"; the space bar and "Next change" step."""
    page, said = opened(browser, tmp_path, "#2026-04-01", reduced_motion="reduce")
    assert not page.is_visible("[data-part=play]")
    page.keyboard.press("Space")
    assert text(page, "date") == "11 Apr 2026, 12:00 UTC"
    page.click("[data-part=on]")
    assert text(page, "date") == "21 Apr 2026, 12:00 UTC"
    assert page.is_disabled("[data-part=on]")
    assert said == []
