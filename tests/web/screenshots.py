"""Draws every page as the documents show it: ``python -m tests.web.screenshots FOLDER``.

Each picture has a page four times: on a screen and on a phone, in the light and in the dark.
"""

from __future__ import annotations

import base64
import sys
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
    "boards": "/",
    "board": f"/boards/{SWE}",
    "past": f"/boards/{SWE}?at=2026-04-01",
    "model": "/models/Qwen/Qwen3.5-397B-A17B",
}
"""What is drawn, and where it is."""

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


def main() -> None:
    """Draw every page into a folder."""
    from playwright.sync_api import sync_playwright

    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory() as weeks,
        served(make_weeks(Path(weeks))) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for name, path in PAGES.items():
            shots = [*_shots(browser, f"{address}{path}")]
            (folder / f"{name}.png").write_bytes(_together(browser, shots))
            print(folder / f"{name}.png")  # noqa: T201


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
