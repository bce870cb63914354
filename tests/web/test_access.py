"""Who may see what."""

from __future__ import annotations

import pytest

from tests.support.page import BEARER, CLOSED, PUBLIC, TOKEN, basic
from tests.web.conftest import Visiting

HTTP_OK, BAD, UNAUTHORIZED, NOT_ALLOWED, TOO_MANY = 200, 400, 401, 405, 429


def test_on_loopback_without_a_token_all_is_open(look: Visiting) -> None:
    """Whoever reaches the machine itself sees everything."""
    assert look("/").status == HTTP_OK


RIGHT = [BEARER, basic(TOKEN), basic(TOKEN, ""), f"bearer {TOKEN}"]
WRONG = ["Bearer wrong", basic("no"), "Basic %%%", "Digest x", "Bearer", f"{BEARER}x", "Basic /w=="]


@pytest.mark.parametrize("authorization", RIGHT)
def test_token_opens_the_page(look: Visiting, authorization: str) -> None:
    """As bearer, or as the password of HTTP Basic with any name."""
    assert look("/", CLOSED, authorization=authorization).status == HTTP_OK


@pytest.mark.parametrize("authorization", WRONG)
def test_wrong_token_opens_nothing_even_what_is_open(look: Visiting, authorization: str) -> None:
    """Whoever sends one believes to be known, and is told that they are not."""
    found = look("/", PUBLIC, authorization=authorization)
    assert found.status == UNAUTHORIZED
    assert found.headers["www-authenticate"].startswith("Basic ")


def test_browsers_are_asked_for_the_token(look: Visiting) -> None:
    """Without it, what is closed is 401 with a challenge."""
    found = look("/", CLOSED)
    assert (found.status, found.headers["www-authenticate"][:5]) == (UNAUTHORIZED, "Basic")


def test_boards_are_open_where_the_page_is_public(look: Visiting) -> None:
    """Official benchmarks need no token then."""
    assert look("/", PUBLIC).status == HTTP_OK


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8080", HTTP_OK),
        ("localhost:9", HTTP_OK),
        ("[::1]:8080", HTTP_OK),
        ("10.1.2.3", HTTP_OK),
        ("boards.example.org", HTTP_OK),
        ("BOARDS.example.org:443", HTTP_OK),
        ("evil.example.org", BAD),
        ("boards.example.org.evil.net", BAD),
        ("user@127.0.0.1", BAD),
        ("127.0.0.1:port", BAD),
        ("", BAD),
    ],
)
def test_what_needs_no_token_is_served_under_its_own_names(
    look: Visiting, host: str, status: int
) -> None:
    """No stranger's name may lead a browser here, and take what it says for theirs."""
    public_url = 'public_url = "https://boards.example.org"\n'
    assert look("/", public_url, host=host).status == status


def test_whoever_has_the_token_may_come_under_any_name(look: Visiting) -> None:
    """The token proves that the visitor knows where they are."""
    assert look("/", CLOSED, host="lb.internal", authorization=BEARER).status == HTTP_OK


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_open_under_any_name_and_tells_nothing(look: Visiting, path: str) -> None:
    """What watches over containers knows neither token nor name."""
    found = look(path, CLOSED, host="10.0.0.7.xip.example")
    assert (found.status, found.text) == (HTTP_OK, "ok\n")
