"""Draws every page as ``docs/page.md`` shows it: ``python -m tests.web.screenshots docs``.

Each picture has a page four times: on a screen and on a phone, in the light and in the dark.
"""

from __future__ import annotations

import base64
import json
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bot.config import Web, load
from bot.core.names.hosts import Listen
from bot.demo.weeks import story
from bot.store import open_existing
from bot.web.server import Server, bind, place_of
from bot.web.site import Site
from tests.support.page import make_weeks
from tests.support.slack.slack_preview import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SWE = "SWE-bench/SWE-bench_Verified"
PAGES = {
    "boards": ("/", "Boards at a glance"),
    "board": (f"/boards/{SWE}", "A board"),
    "past": (f"/boards/{SWE}?at=2026-04-01", "A board as it was"),
    "race": (f"/race/{SWE}", "The race"),
    "model": ("/models/Qwen/Qwen3.5-397B-A17B", "A model"),
    "events": ("/events", "What happened"),
    "event": ("/events/{event}", "An event, and why it was told"),
    "deliveries": ("/deliveries", "What was sent"),
    "watches": ("/watches", "What is watched"),
    "status": ("/status", "How it is doing"),
    "embed": (f"/embed/boards/{SWE}", "A board on another page"),
}
"""What is drawn, where it is, and what it is called. ``{event}`` is one that was told."""

BEGIN, END = "<!-- pictures: begin -->\n", "<!-- pictures: end -->"

SCREEN, PHONE = (1280, 900), (390, 900)
SCHEMES = ("light", "dark")
GAP = 16
TOGETHER = """\
<!doctype html><style>
body {{ margin: 0; background: #808890; display: flex; gap: {gap}px; padding: {gap}px }}
img {{ display: block }}</style>{pictures}
"""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the page of the sample weeks that a folder holds, and give its address."""
    settings = replace(load(folder / "config.toml", {}), web=Web())
    at = story().frame[-1].at
    with (
        closing(open_existing(settings.database.url.reveal())) as store,
        closing(bind(Listen("127.0.0.1", 0))) as bound,
        Server(bound, Site(store, settings, lambda: at)),
    ):
        yield f"http://{place_of(bound)}"


def listed() -> str:
    """Return the part of ``docs/page.md`` that shows the pictures."""
    return "\n".join(f"![{title}](images/page/{name}.png)\n" for name, (_, title) in PAGES.items())


def main() -> None:
    """Draw every page into the folder of the documents, and list them in ``page.md`` there."""
    from playwright.sync_api import sync_playwright

    folder = Path(sys.argv[1])
    pictures = folder / "images" / "page"
    pictures.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory() as weeks,
        served(make_weeks(Path(weeks))) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for name, (path, _) in PAGES.items():
            url = f"{address}{path.format(event=_an_event(address))}"
            shots = [*_shots(browser, url)]
            (pictures / f"{name}.png").write_bytes(_together(browser, shots))
            print(pictures / f"{name}.png")  # noqa: T201
        (folder / "images" / "race.png").write_bytes(_on_the_way(browser, address))
    page = folder / "page.md"
    before, _, rest = page.read_text("utf-8").partition(BEGIN)
    page.write_text(f"{before}{BEGIN}{listed()}{END}{rest.partition(END)[2]}", "utf-8")


def _an_event(address: str) -> str:
    """Return the last event that somebody came to lead by."""
    with urllib.request.urlopen(f"{address}/events?format=json&kind=new_entry&limit=1") as found:
        name: str = json.load(found)["items"][0]["id"]
        return name


def _shots(browser: Browser, url: str) -> Iterator[bytes]:
    for width, height in (SCREEN, PHONE):
        for scheme in SCHEMES:
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme=scheme,  # type: ignore[arg-type]
            )
            page = context.new_page()
            page.goto(url)
            yield page.screenshot()
            context.close()


def _on_the_way(browser: Browser, address: str) -> bytes:
    """Draw a race while it plays, as the README shows it."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{address}/race/{SWE}#2026-04-14")
    page.wait_for_timeout(1_000)
    found = page.locator(".race-drawings").bounding_box()
    top = page.locator("h1").bounding_box()
    assert found is not None
    assert top is not None
    end = found["y"] + found["height"]
    height = end - top["y"] + GAP
    clip = {"x": 0, "y": top["y"] - GAP, "width": 1280, "height": height + GAP}
    shot = page.screenshot(clip=clip, full_page=True)  # type: ignore[arg-type]
    page.close()
    return shot


def _together(browser: Browser, shots: list[bytes]) -> bytes:
    """Put pictures side by side, at half their size."""
    sources = (base64.b64encode(one).decode() for one in shots)
    pictures = "".join(f'<img src="data:image/png;base64,{one}" height="450">' for one in sources)
    page: Page = browser.new_page(viewport={"width": 1800, "height": 450 + 2 * GAP})
    page.set_content(TOGETHER.format(gap=GAP, pictures=pictures))
    found = page.screenshot(full_page=True)
    page.close()
    return found


if __name__ == "__main__":
    main()
