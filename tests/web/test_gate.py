"""How many wrong tokens an address may try."""

from __future__ import annotations

from pathlib import Path

from bot.store import Store
from tests.support.page import BEARER, CLOSED, client

WRONG = {"authorization": "Bearer wrong"}
UNAUTHORIZED, TOO_MANY, HTTP_OK = 401, 429, 200


def test_the_eleventh_wrong_token_of_a_minute_waits_and_the_right_one_passes(
    weeks: Path, weeks_store: Store
) -> None:
    """Guessing is slow; who knows the token is kept from nothing by others' guesses."""
    visitor = client(weeks, weeks_store, CLOSED)
    tried = [visitor.get("/", headers=WRONG) for _ in range(11)]
    assert [one.status_code for one in tried] == [UNAUTHORIZED] * 10 + [TOO_MANY]
    assert 0 < int(tried[-1].headers["retry-after"]) <= 60
    assert visitor.get("/", headers={"authorization": BEARER}).status_code == HTTP_OK
