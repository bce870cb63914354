"""Strangers' text is inert in every form, and takes as many characters as before."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given

from bot.core.render.forms import HTML, MARKDOWN, TEXT, Form, disarm
from bot.core.render.spans import Span
from tests.support.hostile import HOSTILE


@pytest.mark.parametrize(
    "text",
    ["SWE-bench/SWE-bench_Verified", "Qwen/Qwen3.5-397B-A17B", "#5", "PR #3", "77.8 (+4)", "a_b_c"],
)
def test_names_and_figures_stay_as_they_are(text: str) -> None:
    """What is no markup anywhere is not touched."""
    assert disarm(text) == text


@given(HOSTILE)
def test_no_markup_is_left(text: str) -> None:
    """No mention, link, image, emphasis, code or tag, and no address."""
    for form in (TEXT, MARKDOWN):
        written = form.write(text)
        assert len(written) == len(text)
        assert not set(written) & set("@[]*`~|<>")
        assert "://" not in written
        assert not re.search(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", written)


class Seen(HTMLParser):
    """Keeps the tags and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@given(HOSTILE)
def test_html_shows_the_text_and_nothing_else(text: str) -> None:
    """Whatever is written, a parser finds our tags alone."""
    seen = Seen()
    seen.feed(HTML.spans((Span(text, "https://hub.example/a&b", True),)))
    seen.close()
    assert seen.tags == ["a", "b"]
    assert "@" not in seen.text


@pytest.mark.parametrize(
    ("form", "written"),
    [
        (TEXT, "https://hub.example/a_b"),
        (MARKDOWN, "[hub.example/a_b](https://hub.example/a_b)"),
        (HTML, '<a href="https://hub.example/a_b">hub.example/a_b</a>'),
    ],
)
def test_our_own_links_are_whole(form: Form, written: str) -> None:
    """As the form has them."""
    assert form.address("https://hub.example/a_b") == written
