"""Rows that go back and forth, from the Hub's answers to what is sent (rule 5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.core.alerts.reason import Reason
from bot.core.kinds import Kind
from bot.store.boards.wanted import EventFilter
from bot.views.why.explain import explain
from tests.support.collecting import TEAM, Life, life, said

Open = Callable[..., Life]
BASE = (("lead", 90), ("y", 50))


@pytest.fixture
def opened(store_url: str, tmp_path: Path) -> Iterator[Open]:
    """Return what opens a program with some channels."""
    with ExitStack() as stack:
        yield lambda channels: stack.enter_context(life(store_url, tmp_path, channels))


def flap(team: Life, *scores: float) -> list[list[str]]:
    """Poll a row with some scores, ten minutes apart from ten o'clock on; return what is sent."""
    told = []
    for number, score in enumerate(scores):
        team.at(f"2026-04-27T{10 + number // 6}:{number % 6}0")
        told.append(said(team.poll(*BASE, ("x", score))))
    return told


def test_two_replicas_that_disagree_on_one_score_are_told_once_as_unstable(opened: Open) -> None:
    """After the third time that it went back, there is nothing but where it stands at last."""
    team = opened(TEAM)
    told = flap(team, 61, 60, 61, 60, 61, 60, 61, 60, 61)
    assert told[3] == ["changed: unstable x 61>60"]
    assert told[4:] == [[]] * 5
    team.at("2026-04-28T11:19")
    assert team.poll() == []
    team.at("2026-04-28T11:20")
    assert team.poll() == []


def test_a_row_that_rests_elsewhere_than_it_was_told_is_told_once(opened: Open) -> None:
    """It is told from where the channel knew it, and then like any other."""
    team = opened(TEAM)
    flap(team, 61, 60, 61, 60, 61, 64)
    team.at("2026-04-28T10:50")
    assert said(team.poll()) == ["changed: score_change x 61>64"]
    assert team.poll() == []
    assert said(team.poll(*BASE, ("x", 66))) == ["changed: score_change x 64>66"]


def test_people_are_told_once_a_day_that_a_board_was_scored_anew(opened: Open) -> None:
    """Why they were not the second time, can be asked."""
    team = opened(TEAM)
    told = []
    for number, hours in enumerate((0, 1, 23, 24, 30)):
        at = datetime(2026, 4, 27, 12, tzinfo=UTC) + timedelta(hours=hours)
        for minutes in (0, 10):  # an answer like that is believed when it is seen twice
            team.clock.now = at + timedelta(minutes=minutes)
            sent = team.poll(*[(name, 10 * place + number) for place, name in enumerate("abcdef")])
        told.append(said(sent))
    anew = ["changed: recomputed  None>None"]
    assert told[1:] == [anew, [], [], anew]
    with team.store.read() as db:
        found = db.events.page(EventFilter(), 0, db.events.last()).found
    ids = [one.event.id for one in found if one.event.kind is Kind.RECOMPUTED]
    reasons = [explain(team.store, team.jobs.settings, one, None) for one in ids]
    whys = [why.reasons for one in reasons if one for why in one.watches]
    held = (Reason.TOLD_TODAY,)
    assert whys == [(Reason.WANTED,), held, held, (Reason.WANTED,)]
