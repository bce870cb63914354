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
    for began, error in enumerate((GONE, GONE, LOCKED, GONE, LOCKED)):
        outage.report(error, began)
    assert outage.lasts
    assert told(caplog) == ["it is gone", "it is locked"]
    outage.end(5)
    outage.end(6)
    assert not outage.lasts
    assert told(caplog) == ["the database can be used again"]
    outage.report(GONE, 7)
    assert told(caplog) == ["it is gone"]


def test_what_is_not_of_the_database_is_told_each_time(caplog: pytest.LogCaptureFixture) -> None:
    """It is another board's, or another time's."""
    outage = Outage()
    for _ in range(2):
        outage.report(FetchError("the Hub is down"), 0)
    assert not outage.lasts
    assert told(caplog) == ["the Hub is down"] * 2


def test_what_began_before_the_end_is_not_told_after_it(caplog: pytest.LogCaptureFixture) -> None:
    """Other threads come late with what they met while it lasted."""
    outage = Outage()
    outage.report(GONE, 1)
    outage.end(3)
    outage.report(GONE, 2)
    outage.report(LOCKED, 2)
    assert not outage.lasts
    assert told(caplog) == ["it is gone", "the database can be used again"]


def test_what_began_before_a_failure_does_not_end_it(caplog: pytest.LogCaptureFixture) -> None:
    """It may have written before that, and says so late."""
    outage = Outage()
    for failed, wrote in ((2, 1), (4, 3)):
        outage.report(GONE, failed)
        outage.end(wrote)
    assert outage.lasts
    assert told(caplog) == ["it is gone"]
