"""A board to show in a frame of another page."""

from __future__ import annotations

import pytest
from lxml import etree

from tests.support.page import BEARER, CLOSED, PUBLIC
from tests.web.conftest import Visiting

SWE = "/embed/boards/SWE-bench/SWE-bench_Verified"
HERE = 'public_url = "https://boards.example.org/lb/"\n'
HTTP_OK, BAD, UNAUTHORIZED, NOT_FOUND = 200, 400, 401, 404


def test_embed_is_the_one_page_that_others_may_frame(look: Visiting) -> None:
    """Its links open beside the page that it stands in."""
    seen = look(SWE)
    assert seen.status == HTTP_OK
    assert "frame-ancestors *" in seen.headers["content-security-policy"]
    assert "x-frame-options" not in seen.headers
    links = etree.HTML(seen.text).xpath("//a")
    assert len(links) == 11
    assert all((a.get("target"), a.get("rel")) == ("_blank", "noopener") for a in links)


def test_embed_shows_as_many_rows_as_are_wanted(look: Visiting) -> None:
    """And says of how many; as data it is the board as ``show`` has it, cut there."""
    seen = look(f"{SWE}?top=3")
    assert len(etree.HTML(seen.text).xpath("//tbody/tr")) == 3
    whole = len(look(f"{SWE}?format=json&top=100").data["rows"])
    assert f"The first 3 of {whole} rows" in seen.text
    rows = look(f"{SWE}?format=json&top=3").data["rows"]
    assert [row["rank"] for row in rows] == [1, 2, 3]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_embed_is_light_or_dark_as_is_asked_for(look: Visiting, theme: str) -> None:
    """Else as the reader likes it."""
    assert f'data-theme="{theme}"' in look(f"{SWE}?theme={theme}").text
    assert "data-theme" not in look(SWE).text


@pytest.mark.parametrize(
    ("path", "web", "authorization", "status"),
    [
        (SWE, CLOSED, "", UNAUTHORIZED),
        (SWE, CLOSED, BEARER, HTTP_OK),
        (SWE, PUBLIC, "", HTTP_OK),
        ("/embed/boards/acme/nothing", PUBLIC, "", NOT_FOUND),
        (f"{SWE}?top=0", PUBLIC, "", BAD),
        (f"{SWE}?top=101", PUBLIC, "", BAD),
        (f"{SWE}?theme=blue", PUBLIC, "", BAD),
        (f"{SWE}?at=2026-04-01", PUBLIC, "", BAD),
    ],
)
def test_embed_is_open_as_the_board_is(
    look: Visiting, path: str, web: str, authorization: str, status: int
) -> None:
    """What is wrong is refused in words."""
    headers = {"authorization": authorization} if authorization else {}
    assert look(path, web, **headers).status == status


def test_a_boards_page_has_what_shows_it_elsewhere(look: Visiting) -> None:
    """A frame and a badge, ready to copy, with the address that others know the page by."""
    page = etree.HTML(look(SWE.removeprefix("/embed"), HERE).text)
    frame, badge = (pre.xpath("string()") for pre in page.xpath("//details/pre"))
    (src,) = etree.HTML(frame).xpath("//iframe/@src")
    address = badge.partition("](")[2].removesuffix(")")
    for found in (src, address):
        assert found.startswith("https://boards.example.org/lb/")
        assert look(found.removeprefix("https://boards.example.org/lb")).status == HTTP_OK
