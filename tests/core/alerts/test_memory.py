"""What a channel remembers of rows, and what follows (rules 2 to 4 of noise control)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.core.alerts.alert import Alert, Recall
from bot.core.alerts.memory import (
    Memories,
    Memory,
    Standing,
    Turn,
    as_known,
    moved,
    takes_back,
    told,
)
from bot.core.alerts.mute import nothing_muted
from bot.core.alerts.reason import Reason
from bot.core.alerts.route import route
from bot.core.alerts.watch import Watch
from bot.core.board import Result
from bot.core.events import Event, FlagPair, Found, RankPair, ScorePair
from bot.core.kinds import DEFAULT_KINDS, Kind
from tests.support.builders import Board, result

START = datetime(2026, 4, 27, tzinfo=UTC)
SEVEN = "abcdefg"


class Life:
    """A board that is polled hourly, and what one channel of it is told."""

    def __init__(self, *rows: Result | tuple[str, float], reads: bool = True, **watch: Any) -> None:
        self.board = Board(*rows, confirm_removals=1)
        watch.setdefault("kinds", DEFAULT_KINDS)
        self.watches = [Watch(name="w", benchmarks=("*",), channels=("c",), **watch)]
        self.programs = [] if reads else ["c"]
        self.memories: Memories = {}
        self.now = START
        self.muted = False

    def poll(self, *rows: Result | tuple[str, float], hours: float = 1) -> Alert:
        """Poll after some time; return what the channel is told."""
        self.now += timedelta(hours=hours)
        found = self.board.poll(*rows).found
        muted = (lambda *_: ("1",)) if self.muted else nothing_muted
        recall = Recall(at=self.now, memories=self.memories, muted=muted)
        routed = route(found, self.watches, lambda _: None, programs=self.programs, recall=recall)
        (alert,) = routed.alerts
        new = {("c", row): memory for row, memory in alert.memory.items()}
        self.memories = {**self.memories, **new}
        return alert

    def told(self, *rows: Result | tuple[str, float], hours: float = 1) -> list[str]:
        """Poll; return each event as its kind, model and ranks."""
        return [shown(event) for event in self.poll(*rows, hours=hours).events]


def shown(event: Event) -> str:
    model = (event.model or "").removeprefix("acme/")
    return f"{event.kind} {model} {event.rank.before} → {event.rank.after}"


def below(place: int) -> list[tuple[str, float]]:
    """Return the board of seven in which the first has fallen to a place, the others as ever."""
    rows = [(name, 100.0 - 10 * number) for number, name in enumerate(SEVEN)]
    rows[0] = ("a", 100.0 - 10 * (place - 1) - 5 * (place > 1))
    return sorted(rows, key=lambda row: -row[1])


def test_rule_3_many_small_steps_add_up() -> None:
    """One place a poll, and a threshold of two: told at every second."""
    life = Life(*below(1), min_rank_change=2, kinds=frozenset({Kind.RANK_CHANGE}))
    told = [life.told(*below(place)) for place in range(2, 8)]
    assert told == [
        [],
        ["rank_change a 1 → 3"],
        [],
        ["rank_change a 3 → 5"],
        [],
        ["rank_change a 5 → 7"],
    ]


def test_rule_3_a_threshold_is_inclusive_and_decimal() -> None:
    """Three times a tenth is three tenths."""
    life = Life(("a", 0.6), ("b", 0.1), min_score_change=Decimal("0.3"))
    assert life.poll(("a", 0.7), ("b", 0.1)).events == ()
    assert life.poll(("a", 0.8), ("b", 0.1)).events == ()
    (event,) = life.poll(("a", 0.9), ("b", 0.1)).events
    assert event.score == ScorePair(Decimal("0.6"), Decimal("0.9"), Decimal("0.3"))


def test_rule_2_nothing_told_yet_begins_before_the_first_withheld_change() -> None:
    """There and back again is nothing, however often."""
    life = Life(("a", 50), ("b", 10), min_score_change=Decimal(3))
    for score in (52, 50, 48, 50):
        assert life.poll(("a", score), ("b", 10)).events == ()
    (memory,) = life.memories.values()
    assert memory == Memory(
        last=Standing(rank=1, score=Decimal(50), verified=False, leads=None), at=None
    )


def test_rule_3_people_read_from_what_they_were_told_and_programs_from_the_poll() -> None:
    """The body of a webhook goes on from the poll before."""
    for reads, before in ((True, 1), (False, 2)):
        life = Life(*below(1), min_rank_change=2, kinds=frozenset({Kind.RANK_CHANGE}), reads=reads)
        life.poll(*below(2))
        (event,) = life.poll(*below(3)).events
        assert event.rank == RankPair(before, 3)


def test_rule_3_shifts_move_the_memory_along_silently() -> None:
    """A newcomer above pushes all down by one: the row's own steps still add up to two."""
    life = Life(*below(1), min_rank_change=2, kinds=frozenset({Kind.RANK_CHANGE}))
    life.poll(*below(2))
    assert life.poll(("new", 200), *below(2)).events == ()
    assert life.told(("new", 200), *below(3)) == ["rank_change a 2 → 4"]


def test_rule_3_what_was_scored_anew_is_compared_with_what_stands() -> None:
    """Old scores and new ones are no steps of a row."""
    known = Memory(last=Standing(rank=1, score=Decimal(50)), score=Turn(Decimal(40), START))
    event = Event(
        id="1",
        kind=Kind.SCORE_CHANGE,
        contains=(Kind.SCORE_CHANGE,),
        rank=RankPair(1, 4),
        score=ScorePair(Decimal(50), Decimal("0.4"), None),
        recomputed=True,
    )
    assert moved(known, event).last.score == Decimal("0.4")
    assert moved(known, event).last.rank == 4
    assert moved(known, event).score is None


def test_rule_3_top_looks_at_the_ranks_of_the_poll() -> None:
    """What was told long ago brings a row that is far below no nearer."""
    life = Life(*below(1), top=2, kinds=frozenset({Kind.RANK_CHANGE}))
    assert life.told(*below(3)) == ["rank_change a 1 → 3"]
    assert life.told(*below(5)) == []
    assert life.told(*below(6)) == []


def test_rule_4_a_score_that_goes_back_is_told_whatever_the_threshold() -> None:
    """Who read of the one must read of the other."""
    life = Life(("a", 50), ("b", 10), min_score_change=Decimal(3))
    assert len(life.poll(("a", 53), ("b", 10)).events) == 1
    life.watches = [
        Watch(name="w", benchmarks=("*",), channels=("c",), min_score_change=Decimal(9))
    ]
    alert = life.poll(("a", 50), ("b", 10), hours=23)
    assert [event.score.after for event in alert.events] == [50]
    assert list(alert.reasons.values()) == [{"w": Reason.REVERSAL}]


def test_rule_4_after_a_day_it_is_a_change_like_any_other() -> None:
    """The threshold holds again."""
    life = Life(("a", 50), ("b", 10), min_score_change=Decimal(3))
    life.poll(("a", 53), ("b", 10))
    life.watches = [
        Watch(name="w", benchmarks=("*",), channels=("c",), min_score_change=Decimal(9))
    ]
    assert life.poll(("a", 50), ("b", 10), hours=24).events == ()


def test_rule_4_an_entry_that_is_gone_is_told_to_who_heard_of_the_entry() -> None:
    """Though it wants nothing but entries; another removal is none of its matter."""
    life = Life(("a", 50), ("b", 10), kinds=frozenset({Kind.NEW_ENTRY}))
    assert life.told(("a", 50), ("n", 30), ("b", 10)) == ["new_entry n None → 2"]
    assert life.told(("a", 50)) == ["removed n 2 → None"]


def test_rule_4_a_removed_row_that_is_back_is_told() -> None:
    """Wherever it is back: ``top`` is no reason against it."""
    life = Life(("a", 50), ("b", 40), ("c", 10), kinds=frozenset({Kind.REMOVED}), top=2)
    assert life.told(("a", 50), ("c", 10)) == ["removed b 2 → None"]
    assert life.told(("a", 50), ("c", 10), ("b", 5)) == ["returned b None → 3"]


@pytest.mark.parametrize("first", [True, False])
def test_rule_4_a_flag_that_turns_back_is_told(first: bool) -> None:
    """Whichever way it had turned."""
    kind = Kind.UNVERIFIED if first else Kind.VERIFIED
    life = Life(result("a", 50, verified=first), kinds=frozenset({kind}))
    assert [event.kind for event in life.poll(result("a", 50, verified=not first)).events] == [kind]
    (event,) = life.poll(result("a", 50, verified=first)).events
    assert event.kind is not kind


def test_rule_6_what_is_muted_moves_no_memory_not_even_silently() -> None:
    """Nor does what is of no row leave any."""
    shift = event(Kind.RANK_SHIFT, model="acme/a", rank=RankPair(5, 8))
    joined = Event(id="2", kind=Kind.NEW_BENCHMARK, contains=(Kind.NEW_BENCHMARK,))
    known = Memory(last=Standing(rank=5), at=START)
    kinds = frozenset(Kind)
    own = Watch(name="w", benchmarks=("*",), channels=("c",), models=("acme/*",), kinds=kinds)
    every = Watch(name="v", benchmarks=("*",), channels=("c",), kinds=kinds)
    recall = Recall(at=START, memories={("c", "a"): known}, muted=lambda *_: ("1",))
    found = [Found(row_id="a", event=shift), Found(row_id=None, event=joined)]
    (alert,) = route(found, [own, every], lambda _: None, recall=recall).alerts
    assert (alert.events, alert.memory) == ((), {})
    (alert,) = route(found, [own, every], lambda _: None, recall=Recall(at=START)).alerts
    assert alert.memory.keys() == {"a"}


def test_rule_4_who_was_told_nothing_hears_of_no_reversal() -> None:
    """What a watch did not want cannot be taken back."""
    life = Life(("a", 50), ("b", 10), kinds=frozenset({Kind.NEW_ENTRY}))
    life.poll(("a", 55), ("b", 10))
    assert life.poll(("a", 50), ("b", 10)).events == ()
    assert life.memories == {}


def event(kind: Kind = Kind.SCORE_CHANGE, **fields: Any) -> Event:
    """Return an event of a row that stands at the second place, with 50 points."""
    fields.setdefault("contains", (kind,))
    fields.setdefault("rank", RankPair(2, 2))
    fields.setdefault("score", ScorePair(Decimal(50), Decimal(50), Decimal(0)))
    return Event(id="1", kind=kind, **fields)


@pytest.mark.parametrize(
    ("was", "known", "back"), [(True, False, True), (False, True, False), (None, False, False)]
)
def test_rule_4_a_lead_that_is_won_back_takes_its_loss_back(
    was: bool | None, known: bool, back: bool
) -> None:
    """Only for who was told that the row leads no longer."""
    turn = None if was is None else Turn(was, START)
    memory = Memory(last=Standing(rank=2, leads=known), leads=turn)
    lead = event(Kind.NEW_LEADER, contains=(Kind.NEW_LEADER, Kind.SCORE_CHANGE))
    assert takes_back(memory, lead, START) is back


def test_rule_4_an_entry_that_was_edited_before_it_is_gone_is_taken_back() -> None:
    """What else was told of the row meanwhile is another matter."""
    life = Life(("a", 50), ("b", 10), kinds=frozenset({Kind.NEW_ENTRY, Kind.SCORE_CHANGE}))
    life.told(("a", 50), ("n", 30), ("b", 10))
    assert life.told(("a", 50), ("n", 31), ("b", 10)) == ["score_change n 2 → 2"]
    assert life.told(("a", 50), ("b", 10)) == ["removed n 2 → None"]


def test_rule_4_a_row_that_comes_and_goes_is_told_each_time() -> None:
    """Each takes back what was told before it."""
    life = Life(("a", 50), ("b", 40), kinds=frozenset({Kind.REMOVED}))
    here, gone = [("a", 50), ("b", 40)], [("a", 50)]
    kinds = [life.poll(*rows).events[0].kind for rows in (gone, here, gone, here)]
    assert kinds == [Kind.REMOVED, Kind.RETURNED, Kind.REMOVED, Kind.RETURNED]


@pytest.mark.parametrize(("untold", "told"), [("verified", []), ("score", ["score_change"])])
def test_rule_4_a_flag_that_turned_unheard_is_not_taken_back(untold: str, told: list[str]) -> None:
    """That its score was told of meanwhile tells nothing of the flag."""
    life = Life(result("a", 50), ("b", 10), kinds=frozenset({Kind.SCORE_CHANGE}))
    life.poll(result("a", 50, verified=True), ("b", 10))
    life.poll(result("a", 55, verified=True), ("b", 10))
    score, flag = (55, False) if untold == "verified" else (50, True)
    alert = life.poll(result("a", score, verified=flag), ("b", 10))
    assert [event.kind for event in alert.events] == told


def test_rule_4_a_lead_that_an_own_score_loses_is_taken_back() -> None:
    """Whoever was told that an entry leads is told that it does not; others may pass it unheard."""
    kinds = frozenset({Kind.NEW_ENTRY})
    own, others = (Life(("a", 50), kinds=kinds) for _ in range(2))
    for life in (own, others):
        assert life.told(("n", 60), ("a", 50)) == ["new_leader n None → 1"]
    assert own.told(("a", 50), ("n", 40)) == ["rank_change n 1 → 2"]
    assert others.told(("a", 70), ("n", 60)) == []
    assert others.told(("a", 70), ("n", 55)) == []


def test_rule_4_a_score_that_people_read_of_is_what_it_goes_back_to() -> None:
    """Small steps were told as one: its end is taken back, not the last step."""
    life = Life(("a", 50), ("b", 10), min_score_change=Decimal(3))
    life.poll(("a", 52), ("b", 10))
    assert life.poll(("a", 53), ("b", 10)).events[0].score.before == 50
    back = life.poll(("a", 50), ("b", 10))
    assert list(back.reasons.values()) == [{"w": Reason.WANTED}]


def test_rule_2_people_are_not_told_again_what_they_were_told_last() -> None:
    """A mute swallowed the way there and a part of the way back; programs follow each step."""
    for reads in (True, False):
        life = Life(("a", 50), ("b", 10), reads=reads)
        life.poll(("a", 60), ("b", 10))
        life.muted = True
        life.poll(("a", 70), ("b", 10))
        life.muted = False
        alert = life.poll(("a", 60), ("b", 10))
        (verdict,) = alert.reasons.values()
        assert len(alert.events) == (not reads)
        assert verdict["w"] is (Reason.KNOWN_ALREADY if reads else Reason.WANTED)


def test_rule_2_a_flag_that_was_told_last_is_not_told_again() -> None:
    """A score that changed with it is."""
    life = Life(result("a", 50), ("b", 10))
    life.poll(result("a", 50, verified=True), ("b", 10))
    life.muted = True
    life.poll(result("a", 50), ("b", 10))
    life.muted = False
    assert life.told(result("a", 55, verified=True), ("b", 10)) == ["score_change a 1 → 1"]


def test_rule_2_a_row_that_was_told_as_gone_is_not_told_as_gone_again() -> None:
    """Its return was muted."""
    life = Life(("a", 50), ("b", 10))
    assert life.told(("a", 50)) == ["removed b 2 → None"]
    life.muted = True
    life.poll(("a", 50), ("b", 10))
    life.muted = False
    assert life.told(("a", 50)) == []


def test_rule_2_who_leads_is_told_though_they_led_when_they_were_heard_of() -> None:
    """Another may have been told as the leader meanwhile: it goes on from the poll before."""
    life = Life(("a", 50), ("b", 40))
    assert life.told(("b", 60), ("a", 50)) == ["new_leader b 2 → 1"]
    life.muted = True
    life.poll(("a", 70), ("b", 60))
    life.muted = False
    assert "new_leader b 2 → 1" in life.told(("b", 60), ("a", 55))


@pytest.mark.parametrize("hours", [-1, 24])
def test_rule_4_nothing_is_taken_back_before_it_was_told_or_a_day_later(hours: int) -> None:
    """A clock may have been set back meanwhile."""
    memory = Memory(last=Standing(rank=2), score=Turn(Decimal(40), START))
    back = event(score=ScorePair(Decimal(50), Decimal(40), Decimal(-10)))
    assert takes_back(memory, back, START)
    assert not takes_back(memory, back, START + timedelta(hours=hours))


def test_rule_4_what_did_not_change_takes_nothing_back() -> None:
    """The flag turned long ago; this event is of something else."""
    memory = Memory(last=Standing(rank=2), verified=Turn(before=False, at=START))
    flag = FlagPair(before=True, after=False)
    assert not takes_back(memory, event(Kind.RANK_CHANGE, verified=flag), START)
    assert takes_back(memory, event(Kind.UNVERIFIED, verified=flag), START)


def test_rule_2_what_was_only_withheld_stays_untold_when_others_move() -> None:
    """The standing before moves along, and nothing was told all the same."""
    known = Memory(last=Standing(rank=2, score=Decimal(50)))
    shift = event(Kind.RANK_SHIFT, rank=RankPair(2, 4))
    assert moved(known, shift) == Memory(last=Standing(rank=4, score=Decimal(50)))


def test_rule_2_who_leads_is_remembered() -> None:
    """A new leader leads, and a row behind the leader does not; level with it, nothing is said."""
    lead = event(Kind.NEW_LEADER, contains=(Kind.NEW_LEADER,))
    first = told(None, lead, START)
    assert (first.leads, first.last.leads) == (Turn(before=False, at=START), True)
    assert told(first, event(gap=Decimal(0)), START).last.leads is True
    assert told(first, event(gap=Decimal(3)), START).last.leads is False


def test_what_no_double_holds_is_no_difference_for_people() -> None:
    """A row without a score that is known has none to be compared with."""
    known = Memory(last=Standing(rank=7))
    seen = as_known(event(score=ScorePair(None, Decimal(50), None)), known)
    assert (seen.rank, seen.score) == (RankPair(7, 2), ScorePair(None, Decimal(50), None))
