"""Random lives of channels that collect: nothing is lost, and nothing said twice."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.core.alerts.message import Message, events_of
from bot.core.kinds import Kind
from bot.views.why.backtest import backtest
from tests.support.collecting import TEAM, Life, life

KEYS = {
    "hourly": 'digest = "1h"',
    "all hourly": 'digest = "1h"\nat_once = []',
    "some at once": 'digest = "2h"\nat_once = ["new_entry", "removed"]',
    "daily": 'digest = "0 9 * * *"\ntimezone = "America/New_York"',
    "quiet": 'quiet_hours = "22:00-07:00"',
    "both": 'digest = "3h"\nquiet_hours = "13:00-19:30"',
}
HOOK = '[channels.team]\ntype = "webhook"\nurl = "https://example.org/x"\n'
ENDS = datetime(2026, 4, 29, 12, tzinfo=UTC)
Picture = dict[str, Decimal]


def states(chance: random.Random) -> Iterator[dict[str, float]]:
    """Yield a board's scores again and again: edited, put back, gone, come."""
    scores = {f"m{number}": 60.0 + number for number in range(6)}
    first = dict(scores)
    while True:
        name = chance.choice([*first])
        match chance.randrange(5):
            case 0 if name in scores and len(scores) > 4:
                del scores[name]
            case 1:
                scores[name] = first[name]
            case 2:
                scores[name] = scores.get(name, first[name])
            case _ if name in scores:
                scores[name] = round(scores[name] + chance.choice((-7, -0.5, 0.5, 7)), 1)
        yield dict(scores)


def look(picture: Picture, messages: list[Message]) -> None:
    """Let a picture of the board be what messages say; each of them changes it."""
    for message in messages:
        for event in events_of(message):
            name = (event.model or "").partition("/")[2]
            before = picture.get(name)
            if event.kind is Kind.UNSTABLE:  # it says nothing of where the row stands
                continue
            if event.kind is Kind.REMOVED:
                assert picture.pop(name, None) is not None, "gone already"
            elif Kind.NEW_LEADER not in event.contains:
                assert event.score.after is not None
                picture[name] = event.score.after
                news = before != event.score.after or event.new  # its lead was told before
                assert news, f"{event.kind} of {name} is no news"
            elif event.score.after is not None:
                picture[name] = event.score.after


def lived(team: Life, seed: int) -> tuple[Picture, Picture]:
    """Live for some days; return what the channel knows of the board then, and what is so."""
    chance = random.Random(seed)
    picture = {name: Decimal(score) for name, score in (("lead", 90), ("x", 60), ("y", 50))}
    scores: dict[str, float] = {}
    for scores in states(chance):
        for _ in range(chance.choice((3, 3, 12, 40))):
            team.clock.advance(timedelta(minutes=5))
            team.tick()
        look(picture, team.poll(*scores.items()))
        if team.clock() > ENDS:
            break
    for _ in range(3):  # what is gone has to be confirmed, what is held told
        team.clock.advance(timedelta(days=1, hours=10))
        look(picture, team.poll())
    return picture, {name: Decimal(str(score)) for name, score in scores.items()}


SHORT = "both"
"""What the short suite lives with: it has a digest, and hours in which all is held."""
EACH = pytest.mark.parametrize(
    "keys",
    [
        pytest.param(keys, id=name, marks=[] if name == SHORT else [pytest.mark.long])
        for name, keys in KEYS.items()
    ],
)


@EACH
def test_people_who_read_all_messages_know_the_board(
    sqlite_url: str, tmp_path: Path, keys: str
) -> None:
    """Also of rows that were unstable: they are told where these stand once they rest."""
    with life(sqlite_url, tmp_path, f"{TEAM}{keys}\n") as team:
        known, board = lived(team, 0)
        assert known == board
        (found,) = backtest(team.store, team.jobs.settings, None, team.clock()).channels
        assert found.messages == len(team.team.accepted)


@EACH
def test_programs_know_the_board_and_a_backtest_comes_to_the_same_messages(
    sqlite_url: str, tmp_path: Path, keys: str
) -> None:
    """They get every event, or the net of what was held."""
    with life(sqlite_url, tmp_path, f"{HOOK}{keys}\n") as team:
        known, board = lived(team, 1)
        assert known == board
        (found,) = backtest(team.store, team.jobs.settings, None, team.clock()).channels
        assert found.messages == len(team.team.accepted)
        assert found.events == sum(len(events_of(one.message)) for one in team.team.accepted)
