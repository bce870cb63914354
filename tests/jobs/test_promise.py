"""The promise as a state machine: whatever happens, the receiver's picture becomes the Hub's.

The receiver knows nothing but the messages it accepted. It rebuilds the boards from their events
alone, on top of the silent baseline: an event that was lost, told twice under two ids, or told
out of order leaves it with another picture, or with an event that makes no sense.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.config import load
from bot.core.alerts.message import BoardChange, Delivery
from bot.core.board import Answer, Result
from bot.core.delivery import IN_ORDER_ATTEMPTS, Delivered, InDoubt, Outcome, RetryLater
from bot.core.errors import FetchError
from bot.core.events import Event
from bot.core.kinds import Kind
from bot.jobs.round import Jobs
from bot.store import Store, open_store, upgrade
from bot.store.maintenance import problems
from tests.support.builders import ids
from tests.support.fakes import FakeClock, FakeHub, RecordingChannel, process
from tests.support.store import reads
from tests.support.store.units import retry_failed

BENCHMARKS = ("acme/one", "acme/two")
MODELS = tuple(f"org/m{n}" for n in range(6))
LIVES = 40 if os.environ.get("EXAMPLES") == "long" else 6
LONG = timedelta(hours=2)
"""Longer than any claim lasts."""

CONFIG = """
[hub]
concurrency = 1
[poll]
every = "{every}"
[[watch]]
name = "everything"
benchmarks = ["acme/one", "acme/two"]
models = ["*"]
events = "all"
[[watch]]
name = "again"
benchmarks = ["acme/one"]
[channels.hook]
type = "webhook"
url = "https://example.org/hook"
"""

Board = dict[str, tuple[Decimal, bool]]


class KilledError(BaseException):
    """The process dies here; nothing after this line of it runs."""


class MortalStore:
    """A store whose process dies before or after the n-th call that reaches the database."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.calls_left: int | None = None

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        return partial(self._call, found) if callable(found) else found

    def _call(self, method: Any, *arguments: Any, **named: Any) -> Any:
        self._perhaps_die()
        answer = method(*arguments, **named)
        self._perhaps_die()
        return answer

    def _perhaps_die(self) -> None:
        if self.calls_left is not None:
            self.calls_left -= 1
            if self.calls_left < 0:
                raise KilledError


class Promise(RuleBasedStateMachine):
    """Polls, changes, crashes, restarts, faults, clock jumps, reloads, in any order."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(self.template, self.folder / "leaderboard-bot.db")
        self.clock, self.hub = FakeClock(), FakeHub()
        self.channel = RecordingChannel("hook")
        self.new_id = ids("x")
        self.boards: dict[str, Board] = {name: {} for name in BENCHMARKS}
        self.every = "15m"

    def teardown(self) -> None:
        """Settle, compare the receiver's picture with the Hub's, and clean up."""
        try:
            if hasattr(self, "jobs"):
                self._settle()
                self._compare()
        finally:
            self._close()
            shutil.rmtree(self.folder)

    @initialize(scores=st.lists(st.integers(1, 9), min_size=6, max_size=6))
    def begin(self, scores: list[int]) -> None:
        for name in BENCHMARKS:
            self.boards[name] = {
                m: (Decimal(s), False) for m, s in zip(MODELS[:4], scores, strict=False)
            }
        self._start()
        self._publish()
        self.jobs.round()
        self.baseline = {name: dict(board) for name, board in self.boards.items()}

    # --- what happens outside ---

    @rule(name=st.sampled_from(BENCHMARKS), model=st.sampled_from(MODELS), score=st.integers(1, 9))
    def submit(self, name: str, model: str, score: int) -> None:
        verified = self.boards[name].get(model, (0, False))[1]
        self.boards[name][model] = (Decimal(score), verified)
        self._publish()

    @rule(name=st.sampled_from(BENCHMARKS), model=st.sampled_from(MODELS))
    def verify(self, name: str, model: str) -> None:
        if model in self.boards[name]:
            score, verified = self.boards[name][model]
            self.boards[name][model] = (score, not verified)
            self._publish()

    @rule(name=st.sampled_from(BENCHMARKS), model=st.sampled_from(MODELS))
    def withdraw(self, name: str, model: str) -> None:
        if self.boards[name].keys() != {model}:  # a board without rows is no answer
            self.boards[name].pop(model, None)
            self._publish()

    @rule(name=st.sampled_from(BENCHMARKS), how=st.sampled_from(["down", "empty", "malformed"]))
    def break_hub(self, name: str, how: str) -> None:
        answers: dict[str, Answer | FetchError] = {
            "down": FetchError("the Hub answered 502"),
            "empty": Answer(results=()),
            "malformed": Answer(results=self._rows(name)[:1], malformed=1),
        }
        self.hub.answers[name] = answers[how]

    @rule()
    def mend_hub(self) -> None:
        self._publish()

    @rule(hours=st.integers(-5, 30))
    def set_clock(self, hours: int) -> None:
        self.clock.advance(timedelta(hours=hours, seconds=7))

    @rule(fault=st.sampled_from(["none", "refused", "lost answer", "busy"]))
    def set_receiver(self, fault: str) -> None:
        self.channel.accepts = fault in ("none", "lost answer")
        outcomes: dict[str, Outcome] = {
            "none": Delivered(),
            "refused": RetryLater("the receiver answered 500"),
            "busy": RetryLater("the receiver answered 429", timedelta(minutes=7)),
            "lost answer": InDoubt("the connection broke"),
        }
        self.channel.outcome = outcomes[fault]

    # --- what the program does ---

    @rule()
    def poll(self) -> None:
        self.jobs.round()

    @rule()
    def reload(self) -> None:
        self.every = "5m" if self.every == "15m" else "15m"
        self._close()
        self._start()

    @rule(calls=st.integers(0, 40))
    def crash(self, calls: int) -> None:
        self.mortal.calls_left = calls
        try:
            self.jobs.round()
        except KilledError:
            self.clock.advance(LONG)
        self._close()
        self._start()

    @precondition(lambda self: hasattr(self, "jobs"))
    @rule()
    def crash_between_acceptance_and_record(self) -> None:
        def die() -> None:
            raise KilledError

        self.channel.before_answer = die
        try:
            self.jobs.round()
        except KilledError:
            self.clock.advance(LONG)
        finally:
            self.channel.before_answer = lambda: None
        self._close()
        self._start()

    @invariant()
    def no_change_is_told_under_two_ids(self) -> None:
        told: dict[str, str] = {}
        for delivery in self.channel.accepted:
            for event in events(delivery):
                assert told.setdefault(event.id, delivery.id) == delivery.id

    # --- help ---

    def _start(self) -> None:
        path = self.folder / "config.toml"
        path.write_text(CONFIG.format(every=self.every))
        self.store = open_store(f"sqlite:///{self.folder / 'leaderboard-bot.db'}")
        self.mortal = MortalStore(self.store)
        own = process(self.clock, self.new_id(), self.new_id)
        wired: Any = self.mortal
        self.jobs = Jobs(load(path, {}), wired, self.hub, {"hook": self.channel}, own)

    def _close(self) -> None:
        if hasattr(self, "store"):
            self.store.close()

    def _rows(self, name: str) -> tuple[Result, ...]:
        ranked = sorted(self.boards[name].items(), key=lambda item: (-item[1][0], item[0]))
        return tuple(
            Result(rank=rank, model=model, score=score, verified=verified)
            for rank, (model, (score, verified)) in enumerate(ranked, start=1)
        )

    def _publish(self) -> None:
        for name in BENCHMARKS:
            self.hub.answers[name] = Answer(results=self._rows(name))

    def _settle(self) -> None:
        """Let everything work again, and time pass until nothing waits."""
        self._publish()
        self.set_receiver("none")
        for _ in range(6):
            self.clock.advance(timedelta(hours=30))
            retry_failed(self.store, self.clock())
            self.jobs.round()
        assert sum(reads.pending(self.store).values()) == 0
        assert problems(self.store) == []

    def _compare(self) -> None:
        """Rebuild the boards from what was accepted, each delivery once."""
        accepted = {delivery.id: delivery for delivery in reversed(self.channel.accepted)}
        rebuilt = {name: dict(board) for name, board in self.baseline.items()}
        self._check_order(list(reversed(accepted)))
        for _, delivery in sorted(accepted.items(), key=lambda item: number(item[0])):
            assert isinstance(delivery.message.data, BoardChange)
            board = rebuilt[delivery.message.data.board.benchmark]
            for event in events(delivery):
                apply(board, event)
        assert rebuilt == self.boards

    def _check_order(self, accepted: list[str]) -> None:
        """Only a delivery that failed four times may be passed by later ones."""
        tried = {view.id: len(view.attempts) for view in reads.deliveries(self.store)}
        for place, later in enumerate(accepted):
            passed = [one for one in accepted[place + 1 :] if number(one) < number(later)]
            assert all(tried[one] >= IN_ORDER_ATTEMPTS for one in passed), (later, passed)


def number(delivery: str) -> int:
    """Return the number in an id such as ``msg_x12``: ids count up."""
    return int(delivery.removeprefix("msg_x"))


def events(delivery: Delivery) -> Iterator[Event]:
    """Return the events of an alert; a health notice has none."""
    data = delivery.message.data
    yield from data.events if isinstance(data, BoardChange) else ()


def apply(board: Board, event: Event) -> None:
    """Change the receiver's picture as an event says, which must fit it."""
    assert event.model is not None
    if event.kind is Kind.REMOVED:
        del board[event.model]
        return
    assert event.new == (event.model not in board), event
    if not event.new:
        # Each of a row's events in one poll tells its score before and after.
        assert board[event.model][0] in (event.score.before, event.score.after), event
    assert event.score.after is not None
    board[event.model] = (event.score.after, bool(event.verified.after))


def test_whatever_happens_the_receiver_ends_with_the_hubs_picture(tmp_path: Path) -> None:
    """Nothing is lost, nothing is told twice, and what is told is in order."""
    Promise.template = tmp_path / "template.db"
    upgrade(f"sqlite:///{Promise.template}")
    run_state_machine_as_test(
        Promise,
        settings=settings(
            max_examples=int(os.environ.get("PROMISES", LIVES)),
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
        ),
    )
