"""The page in a real browser: every page is opened, and is clean, narrow enough, for everybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.support.commands import BENCH, Commands
from tests.support.hub.fake_hub import board
from tests.support.slack.slack_preview import chromium
from tests.web.screenshots import SWE, served

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.xdist_group("browser")

NARROW = 360
TWO_LINES = 60
LONG = (f"acme/{'M' * 190}", f"{'o' * 90}/{'n' * 90}", f"acme/{chr(0x1F469) * 60}",
        f"acme/{chr(0x5D0) * 90}", f"acme/{'字' * 90}")  # fmt: skip
SMALL = """[...document.querySelectorAll("a, button, input, select, summary")]
    .filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 24)
    .map(one => one.outerHTML)"""
"""What is too small for fingers."""
GRAVE = ("serious", "critical")
PATHS = (
    "/",
    f"/boards/{SWE}",
    pytest.param(f"/boards/{SWE}?at=2026-04-01", marks=pytest.mark.long),
    f"/race/{SWE}",
    "/models/Qwen/Qwen3.5-397B-A17B",
    "/events?limit=20",
    pytest.param("/events?kind=rank_shift&limit=20", marks=pytest.mark.long),
    "/deliveries?limit=20",
    pytest.param("/deliveries?state=failed", marks=pytest.mark.long),
    "/watches",
    "/status",
    f"/embed/boards/{SWE}",
    "/boards/nobody/nothing",
)


@pytest.fixture(scope="module")
def page(weeks: Path) -> Iterator[Page]:
    """Open a browser at the page of the sample weeks."""
    from playwright.sync_api import sync_playwright

    path = chromium()
    with served(weeks) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser.new_page(base_url=address)
        browser.close()


@pytest.fixture
def said(page: Page) -> Iterator[list[str]]:
    """Collect what goes wrong in the browser."""
    found: list[str] = []

    def wrong(kind: str, text: str) -> None:
        if kind in ("error", "warning") and "404" not in text:
            found.append(text)

    def on_console(message: object) -> None:
        wrong(message.type, message.text)  # type: ignore[attr-defined]

    def on_error(error: object) -> None:
        found.append(str(error))

    page.on("console", on_console)
    page.on("pageerror", on_error)
    yield found
    page.remove_listener("console", on_console)
    page.remove_listener("pageerror", on_error)


@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_clean_and_for_everybody(page: Page, said: list[str], path: str) -> None:
    """No errors, nothing that axe calls serious, headings in order, on a phone fit for fingers."""
    page.emulate_media(color_scheme="light")
    page.goto(path)
    assert _grave(page) == []
    page.emulate_media(color_scheme="dark")
    assert _grave(page, "color-contrast") == []
    levels = page.eval_on_selector_all("h1, h2, h3, h4", "all => all.map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    page.set_viewport_size({"width": NARROW, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW
    assert page.evaluate(SMALL) == []
    page.set_viewport_size({"width": 1280, "height": 900})
    assert said == []


def test_names_of_any_length_stay_within_the_page(page: Page, commands: Commands) -> None:
    """Long ones without blanks, from right to left, of emoji: nothing is wider than the window."""
    watch = f'name = "{"w" * 90}"\nbenchmarks = ["{BENCH}"]\nnotify = ["slow"]'
    slow = '[channels.slow]\ntype = "console"\ndigest = "23h"\nat_once = []\n'
    commands.configure(watch, channels=slow)
    rows = board(*((name, 90 - place) for place, name in enumerate(LONG)), notes="w" * 200)
    commands.polled(rows[1:], rows)
    pages = ("/", "/events", "/deliveries", "/watches", "/status")
    paths = (*pages, f"/boards/{BENCH}", f"/race/{BENCH}", f"/embed/boards/{BENCH}")
    with served(commands.folder) as address:
        for path in paths:
            page.goto(f"{address}{path}")
            for width in (NARROW, 1280):
                page.set_viewport_size({"width": width, "height": 800})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.emulate_media(media="print")
        assert not page.locator("nav").is_visible()
        page.emulate_media(media="screen")


def _grave(page: Page, *rules: str) -> list[tuple[str, str]]:
    """Return what axe calls serious or worse, of all rules or of some, with its first place."""
    found = Axe().run(page, options={"runOnly": [*rules]} if rules else None)
    violations = found.response["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in violations if one["impact"] in GRAVE]


def test_a_visitor_clicks_from_a_board_to_why_it_was_told(page: Page, said: list[str]) -> None:
    """From who leads to what happened, to one event with its why, and to the board of that day."""
    page.goto("/")
    page.get_by_role("link", name="SWE-bench Verified").first.click()
    page.get_by_role("link", name="What happened").click()
    page.locator("main table a[href^='/events/']").first.click()
    page.get_by_role("heading", name="Who was told, and why").wait_for()
    page.get_by_role("link", name="The board as it was then").click()
    assert "at=" in page.url
    for name in ("Deliveries", "Watches", "Status", "Events", "Boards"):
        page.get_by_label("Pages").get_by_role("link", name=name).click()
        assert page.get_by_role("heading", level=1).inner_text() == name
    assert said == []


def test_the_slider_over_days_is_used_on_where_it_led(page: Page, said: list[str]) -> None:
    """By its keys, several of which are one step: the page comes anew, and it has the focus."""
    page.goto(f"/boards/{SWE}")
    page.get_by_label("Day").focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    page.wait_for_url("**/*?*at=2026-04-2*")
    assert "at=2026-04-24" in page.url
    slider = page.get_by_label("Day")
    assert slider.evaluate("slider => slider === document.activeElement")
    assert said == []


def test_a_race_says_who_leads_where_that_changes_and_where_it_rests(
    page: Page, said: list[str]
) -> None:
    """For those who do not see it; a day that is asked for is shown without a new page."""
    page.goto(f"/race/{SWE}")
    status = page.get_by_role("status")
    assert status.inner_text() == ""
    page.evaluate("document.querySelector('.race').dataset.same = 'page'")
    page.get_by_label("As it was on").fill("2026-03-30")
    page.get_by_role("button", name="Show that day").click()
    assert "sample-lab/tiny-coder-9b leads now. ★ sample-lab/tiny-coder-9b takes" in told(page)
    page.get_by_role("button", name="Next change").click()
    assert "zai-org/GLM-5 leads now. ★ 2 → 1 zai-org/GLM-5 leads after the removal" in told(page)
    assert page.locator(".race[data-same=page]").count() == 1
    page.evaluate(
        """() => {
            window.heard = [];
            const status = document.querySelector("[role=status]");
            new MutationObserver(() => heard.push(status.textContent)).observe(
                status, {childList: true});
        }"""
    )
    page.get_by_label("Speed").select_option("4")
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Pause").wait_for()
    page.get_by_role("button", name="Play").wait_for()
    heard = page.evaluate("heard")
    assert [one.partition(": ")[2].split(" leads")[0] for one in heard] == [
        "moonshotai/Kimi-K2.6",
        "deepseek-ai/DeepSeek-V4-Pro",
        "deepseek-ai/DeepSeek-V4-Pro",
    ]
    assert said == []


def told(page: Page) -> str:
    return page.get_by_role("status").inner_text()


def test_a_command_is_copied_by_a_button_and_there_without(page: Page) -> None:
    """The button is the script's; the command is text."""
    page.goto("/deliveries")
    page.get_by_text("Send it again").first.click()
    command = page.locator("pre.command").first
    assert command.locator("code").inner_text().startswith("leaderboard-bot deliveries retry msg_")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    command.get_by_role("button").click()
    page.get_by_text("Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == command.locator("code").inner_text()


def test_a_row_of_a_board_is_two_lines_on_a_phone(page: Page) -> None:
    """The table is one still to those who do not see it: each cell that is shown has its header."""
    page.set_viewport_size({"width": NARROW, "height": 800})
    page.goto(f"/boards/{SWE}")
    heights = page.eval_on_selector_all(
        ".ranks tbody tr", "all => all.map(row => row.getBoundingClientRect().height)"
    )
    assert len(heights) == 22
    assert max(heights) < TWO_LINES
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    roles = Counter(one["role"]["value"] for one in nodes if not one.get("ignored"))
    shown = page.locator(".ranks thead th:visible").count()
    led = page.locator("#led + table")
    others, columns = led.locator("tbody tr").count(), led.locator("thead th").count()
    assert roles["columnheader"] == shown + columns
    assert roles["rowheader"] == len(heights) + others
    assert roles["cell"] == len(heights) * (shown - 1) + others * (columns - 1)
    page.set_viewport_size({"width": 1280, "height": 900})
