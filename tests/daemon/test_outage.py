"""What is said of a database that cannot be used."""

from __future__ import annotations

import pytest

from bot.core.errors import FetchError, StoreError
from bot.daemon.outage import Outage

GONE, LOCKED = StoreError("it is gone"), StoreError("it is locked")


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    said = [record.getMessage() for record in caplog.records]
    caplog.clear()
    return said


def test_each_reason_is_told_once_while_it_lasts(caplog: pytest.LogCaptureFixture) -> None:
    """And that it is over, once: then it may be told again."""
    outage = Outage()
    for error in (GONE, GONE, LOCKED, GONE, LOCKED):
        outage.report(error)
    assert outage.lasts
    assert told(caplog) == ["it is gone", "it is locked"]
    outage.end()
    outage.end()
    assert not outage.lasts
    assert told(caplog) == ["the database can be used again"]
    outage.report(GONE)
    assert told(caplog) == ["it is gone"]


def test_what_is_not_of_the_database_is_told_each_time(caplog: pytest.LogCaptureFixture) -> None:
    """It is another board's, or another time's."""
    outage = Outage()
    for _ in range(2):
        outage.report(FetchError("the Hub is down"))
    assert not outage.lasts
    assert told(caplog) == ["the Hub is down"] * 2
