"""What two channels are told of a row in random lives, held against a second reading of the rules.

The row comes, goes, is edited and verified; it never leads. One channel is people's, one a
program's; both want the same few kinds.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest

from bot.core.board import Result
from bot.core.events import Event
from bot.core.kinds import Kind
from tests.core.alerts.test_unstable import Life
from tests.support.builders import result

DAY = timedelta(hours=24)
KINDS = (
    Kind.NEW_ENTRY,
    Kind.RETURNED,
    Kind.REMOVED,
    Kind.SCORE_CHANGE,
    Kind.VERIFIED,
    Kind.UNVERIFIED,
)
Change = tuple[str, object, object]
"""What changed of the row, before and after."""


def change(event: Event) -> Change:
    """Return the one thing that an event tells of the row."""
    if event.new or event.kind is Kind.REMOVED:
        return "here", not event.new, event.new
    if event.kind is Kind.SCORE_CHANGE:
        return "score", event.score.before, event.score.after
    return "flag", event.verified.before, event.verified.after


class Reader:
    """A channel, as the rules have it."""

    def __init__(self, kinds: frozenset[Kind], *, people: bool) -> None:
        self.kinds = kinds
        self.people = people
        self.heard: dict[str, tuple[object, datetime]] = {}
        self.last: dict[str, object] | None = None
        self.rests_at: datetime | None = None

    def hears(self, events: list[Event], now: datetime, *, restless: bool) -> list[Kind]:
        """Return the kinds of what the channel is told; ``restless``: the row is unstable now."""
        told: list[Kind] = []
        known = self.last
        if restless and known is not None and not self._is_held(now):
            told.append(Kind.UNSTABLE)
            if self.people:
                self.rests_at = now + DAY
        for event in events:
            if self._wants(event, known, now):
                told.append(event.kind)
                self._hear(event, now)
        return told

    def _is_held(self, now: datetime) -> bool:
        return self.rests_at is not None and now < self.rests_at

    def _wants(self, event: Event, known: dict[str, object] | None, now: datetime) -> bool:
        if self._is_held(now):
            self.rests_at = now + DAY
            return False
        rested, self.rests_at = self.rests_at is not None, None
        aspect, _, after = change(event)
        if self.people and known is not None and not event.new:
            same = known[aspect] == after and (known["here"] or aspect == "here")
            if same:
                return False
        before, at = self.heard.get(aspect, (None, now - DAY))
        back = aspect in self.heard and before == after and now < at + DAY
        return rested or back or not self.kinds.isdisjoint(event.contains)

    def _hear(self, event: Event, now: datetime) -> None:
        aspect, before, _ = change(event)
        if aspect == "here":
            self.heard.clear()
        self.heard[aspect] = (before, now)
        here = event.kind is not Kind.REMOVED
        score, flag = event.score.after, event.verified.after
        gone = {**(self.last or {"score": None, "flag": None}), "here": False}
        self.last = {"here": True, "score": score, "flag": flag} if here else gone


class Row:
    """What the row did, and whether it is unstable."""

    def __init__(self) -> None:
        self.earlier: list[tuple[datetime, str, object]] = []
        self.back: list[datetime] = []
        self.unstable_at: datetime | None = None

    def becomes_unstable(self, events: list[Event], now: datetime, *, known: bool) -> bool:
        """Note events; return whether they make it unstable, which ``known`` says it is already."""
        since = now - DAY
        changes = [change(event) for event in events]
        for aspect, before, after in changes:
            if any(at > since and (aspect, after) == (a, b) for at, a, b in self.earlier):
                self.back.append(now)
            self.earlier.append((now, aspect, before))
        often = len({at for at in self.back if at > since}) >= 3
        lately = self.unstable_at is not None and self.unstable_at > since
        if not often or lately or known:
            return False
        self.unstable_at = now
        return True


@pytest.mark.parametrize("seed", range(60))
def test_rules_2_to_5_read_twice_say_the_same(seed: int) -> None:
    """Whatever happens, in whichever order, at whatever times."""
    random = Random(seed)
    kinds = frozenset(random.sample(KINDS, random.randint(1, 4)))
    here, score, flag = random.random() < 0.5, 50, False

    def rows() -> list[Result]:
        return [result("z", 1000), *([result("n", score, verified=flag)] if here else [])]

    life, row = Life(*rows(), kinds=kinds), Row()
    people, program = Reader(kinds, people=True), Reader(kinds, people=False)
    for _ in range(25):
        act = random.choice("psf")
        here ^= act == "p"
        score = random.choice([50, 53, 56]) if act == "s" else score
        flag ^= act == "f" or random.random() < 0.2
        alerts = life.poll(*rows(), hours=random.choice([0.5, 1, 1, 2, 5, 24, 30]))
        steps = [step for some in life.steps.values() for step in some if step.at == life.now]
        events = [step.event for step in steps if step.event.kind is not Kind.UNSTABLE]
        restless = row.becomes_unstable(events, life.now, known=people._is_held(life.now))
        for channel, reader in (("team", people), ("hook", program)):
            told = [event.kind for event in alerts[channel].events]
            assert told == reader.hears(events, life.now, restless=restless)
