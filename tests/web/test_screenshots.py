"""The pictures of the pages in the documents."""

from __future__ import annotations

from pathlib import Path

from bot.web.app import PATHS
from tests.web.screenshots import BEGIN, END, PAGES, listed

ROOT = Path(__file__).parents[2]
NO_PAGES = ("/static/", "/feeds/", "/badge", "/healthz", "/readyz", "/metrics")


def test_every_page_is_drawn() -> None:
    """Whoever adds a page adds its picture."""
    drawn = [path.partition("?")[0] for path, _ in PAGES.values()]
    begins = [one.path.partition("{")[0] for one in PATHS if not one.path.startswith(NO_PAGES)]
    assert [begin for begin in begins if not any(_is(path, begin) for path in drawn)] == []


def _is(path: str, begin: str) -> bool:
    return path == begin if begin == "/" else path.startswith(begin)


def test_pictures_are_shown_in_the_document() -> None:
    """``make screenshots`` has drawn each, and listed it."""
    text = (ROOT / "docs" / "page.md").read_text("utf-8")
    assert text.partition(BEGIN)[2].partition(END)[0] == listed()
    for name in PAGES:
        assert (ROOT / "docs" / "images" / "page" / f"{name}.png").is_file()
