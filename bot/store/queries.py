"""Every operation as one call, until all callers open their units themselves."""

# ruff: noqa: D102 - each goes with its last caller

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from itertools import chain, groupby
from typing import Any

from bot.core.alerts.deliveries import NewDelivery
from bot.core.alerts.scope import EVERY_TASK, matches, matching
from bot.core.board import BoardKey, ModelFacts, Snapshot
from bot.core.delivery import State
from bot.core.errors import ConflictError
from bot.core.events import Event, Found, StoredEvent
from bot.core.incidents import HUB, TOKEN, Incident
from bot.core.schedule import Schedule
from bot.core.tasks import Tasks
from bot.ports import (
    Claimed,
    Discovery,
    PollClaim,
    PollResult,
    Settlement,
    TaskNews,
)
from bot.store import upkeep
from bot.store.events import EventFilter
from bot.store.history import ROWS_AT_ONCE, RowFilter, RowPlace
from bot.store.pages import PAGE, Names, Page
from bot.store.unit import Unit
from bot.store.views import BoardRows, BoardView, DeliveryView, HistoryPoint, Pruned

A_DAY = timedelta(days=1)
LIST = "list of benchmarks"

_BEGINNING = datetime(1, 1, 3, tzinfo=UTC)

Read = Callable[[], AbstractContextManager[Unit]]


def _ago(span: timedelta, now: datetime) -> datetime:
    """Return the time so long ago; the beginning of all times for what is longer."""
    return now - min(span, now - _BEGINNING)


class Queries(ABC):
    """Every operation as one call."""

    @abstractmethod
    def read(self) -> AbstractContextManager[Unit]:
        """See ``Store``."""

    @abstractmethod
    def write(self) -> AbstractContextManager[Unit]:
        """See ``Store``."""

    # --- polls -------------------------------------------------------------------------------

    def watch(
        self, schedules: Sequence[Schedule], now: datetime, undecided: Collection[str] = ()
    ) -> None:
        with self.write() as db:
            db.targets.watch(schedules, now, undecided)

    def due_boards(self, now: datetime) -> tuple[BoardKey, ...]:
        with self.read() as db:
            return db.targets.due(now)

    def late(self, now: datetime) -> int:
        with self.read() as db:
            return db.targets.late(now)

    def claim_polls(
        self, boards: Sequence[BoardKey], owner: str, now: datetime, until: datetime
    ) -> tuple[PollClaim, ...]:
        with self.write() as db:
            return db.targets.claim(boards, owner, now, until)

    def claim_poll(
        self, board: BoardKey, owner: str, now: datetime, until: datetime
    ) -> PollClaim | None:
        return next(iter(self.claim_polls([board], owner, now, until)), None)

    def renew_polls(self, boards: Sequence[BoardKey], owner: str, until: datetime) -> None:
        with self.write() as db:
            db.targets.renew(boards, owner, until)

    def end_polls(self, ended: Sequence[tuple[PollClaim, PollResult]]) -> None:
        with self.write() as db:
            db.targets.end(ended)

    def snapshot(self, board: BoardKey) -> Snapshot | None:
        with self.read() as db:
            return db.boards.load(board)

    def commit_poll(self, claim: PollClaim, result: PollResult) -> None:
        with self.write() as db:
            if not db.targets.end([(claim, result)]):
                raise ConflictError(f"{claim.board.name} was changed by another process meanwhile.")
            if result.found is not None:
                db.boards.save(claim.board, result.found, result.at)
                db.events.add(claim.board, result.found.found, result.at)
            db.outbox.add(result.deliveries, result.at)

    def commit_failure(
        self, claim: PollClaim, now: datetime, error: str, next_at: datetime
    ) -> None:
        with self.write() as db:
            db.targets.fail(claim, now, error, next_at)

    def discovery(self) -> Discovery | None:
        with self.read() as db:
            return db.lists.benchmarks()

    def commit_discovery(
        self,
        previous: Discovery | None,
        now: Discovery,
        found: Sequence[tuple[BoardKey, Event]],
        deliveries: Sequence[NewDelivery],
    ) -> None:
        with self.write() as db:
            if not db.lists.save_benchmarks(previous, now):
                raise ConflictError("The list of benchmarks was changed by another process.")
            for key, event in found:
                db.events.add(key, [Found(row_id=None, event=event)], now.at)
            db.outbox.add(deliveries, now.at)
            db.incidents.end(HUB, LIST, now.at)

    def tasks(self) -> dict[str, Tasks]:
        with self.read() as db:
            return db.lists.tasks()

    def commit_tasks(
        self, benchmark: str, previous: Tasks | None, now: Tasks, news: TaskNews
    ) -> None:
        with self.write() as db:
            if not db.lists.save_tasks(benchmark, previous, now):
                raise ConflictError(f"The tasks of {benchmark} were read by another process.")
            if news.named is not None:
                db.boards.name_task(benchmark, news.named, now.asked_at)
            for key, event in news.found:
                db.events.add(key, [Found(row_id=None, event=event)], now.asked_at)
            db.outbox.add(news.deliveries, now.asked_at)

    def count_hub_failure(self, now: datetime, error: str) -> None:
        with self.write() as db:
            db.incidents.count(HUB, LIST, now, error)

    def note_token(self, now: datetime, refusal: str | None) -> None:
        if refusal is None:
            with self.read() as db:
                if not db.incidents.is_known(HUB, TOKEN):
                    return
        with self.write() as db:
            if refusal is None:
                db.incidents.end(HUB, TOKEN, now)
            else:
                db.incidents.count(HUB, TOKEN, now, refusal)

    # --- the outbox --------------------------------------------------------------------------

    def due_channels(self, now: datetime) -> tuple[str, ...]:
        with self.read() as db:
            return db.outbox.due_channels(now)

    def claim_due(
        self,
        channel: str,
        pace: timedelta,
        owner: str,
        *,
        due_by: datetime,
        now: datetime,
        until: datetime,
        excluding: Collection[str] = (),
    ) -> Claimed | None:
        with self.write() as db:
            return db.outbox.claim(
                channel, pace, owner, due_by=due_by, now=now, until=until, excluding=excluding
            )

    def paced_until(
        self, channel: str, *, due_by: datetime, now: datetime, excluding: Collection[str] = ()
    ) -> datetime | None:
        with self.read() as db:
            return db.outbox.paced_until(channel, due_by=due_by, now=now, excluding=excluding)

    def settle(self, claimed: Claimed, owner: str, settlement: Settlement) -> bool:
        with self.write() as db:
            return db.outbox.settle(claimed, owner, settlement)

    def wake(self, channels: Collection[str], now: datetime, *, gone: bool) -> None:
        with self.write() as db:
            db.channels.wake(channels, now, gone=gone)

    def release(self, owner: str) -> None:
        with self.write() as db:
            db.outbox.release(owner)
            db.targets.release(owner)

    def owners(self) -> frozenset[str]:
        with self.read() as db:
            return db.outbox.owners() | db.targets.owners()

    def enqueue(self, deliveries: Sequence[NewDelivery], now: datetime) -> None:
        with self.write() as db:
            db.outbox.add(deliveries, now)

    def facts(self, models: Collection[str]) -> dict[str, ModelFacts]:
        with self.read() as db:
            return db.models.facts(models)

    def remember_facts(self, facts: Mapping[str, ModelFacts], now: datetime) -> None:
        with self.write() as db:
            db.models.remember(facts, now)

    # --- health ------------------------------------------------------------------------------

    def ailments(self) -> tuple[Incident, ...]:
        with self.read() as db:
            return db.incidents.all()

    def tell(
        self,
        told: Sequence[Incident],
        recovered: Sequence[Incident],
        deliveries: Sequence[NewDelivery],
        now: datetime,
    ) -> bool:
        with self.write() as db:
            if not db.incidents.tell(told, recovered):
                return False
            db.outbox.add(deliveries, now)
        return True

    # --- upkeep ------------------------------------------------------------------------------

    def prune(
        self, keep: timedelta, now: datetime, channels: Collection[str] | None = None
    ) -> Pruned:
        before = _ago(keep, now)
        done = {chore.what: self._delete(chore) for chore in upkeep.past(before, channels)}
        for chore in upkeep.remains(before):
            self._delete(chore)
        return Pruned(**done)

    def prunable(
        self, keep: timedelta, now: datetime, channels: Collection[str] | None = None
    ) -> Pruned:
        with self.read() as db:
            chores = upkeep.past(_ago(keep, now), channels)
            return Pruned(**{chore.what: db.upkeep.count(chore) for chore in chores})

    def prune_daily(self, keep: timedelta, now: datetime) -> Pruned | None:
        with self.read() as db:
            if not db.upkeep.is_overdue(_ago(keep, now - A_DAY)):
                return None
        return self.prune(keep, now)

    def _delete(self, chore: upkeep.Chore) -> int:
        done = 0
        while True:
            with self.read() as db:
                keys = db.upkeep.find(chore)
            if not keys:
                return done
            with self.write() as db:
                deleted = db.upkeep.delete(chore, keys)
            if not deleted:  # all of them are wanted again
                return done
            done += deleted

    # --- what people ask ---------------------------------------------------------------------

    def boards(self) -> tuple[BoardView, ...]:
        with self.read() as db:
            return db.boards.list_all()

    def board_rows(self, key: BoardKey) -> BoardRows | None:
        with self.read() as db:
            return db.boards.rows(key)

    def history(
        self,
        model: str | None = None,
        benchmark: str | None = None,
        since: datetime | None = None,
        task: str | None = None,
    ) -> tuple[HistoryPoint, ...]:
        found = self.history_groups(model, benchmark, since, task)
        return tuple(sorted(chain(*found), key=_by_time))

    def history_groups(
        self,
        model: str | None = None,
        benchmark: str | None = None,
        since: datetime | None = None,
        task: str | None = None,
    ) -> Iterator[list[HistoryPoint]]:
        return history_groups(self.read, model, benchmark, since, tasks_meant(self.read, task))

    def events(self, **wanted: Any) -> tuple[StoredEvent, ...]:
        return tuple(chain(*self.event_pages(**wanted)))

    def event_pages(
        self,
        *,
        since: datetime | None = None,
        benchmark: str | None = None,
        model: str | None = None,
        kinds: Collection[str] = (),
        limit: int | None = None,
        task: str | None = None,
    ) -> Iterator[tuple[StoredEvent, ...]]:
        which = EventFilter(
            since=since,
            benchmarks=names(self.read, lambda db, after: db.events.benchmarks(after), benchmark),
            models=names(self.read, lambda db, after: db.events.models(after), model),
            kinds=tuple(kinds),
            tasks=tasks_meant(self.read, task),
        )
        return event_pages(self.read, which, limit)

    def models(self) -> frozenset[str]:
        return frozenset(every_name(self.read, lambda db, after: db.history.models(after)))

    def baseline(self) -> datetime | None:
        with self.read() as db:
            return db.history.baseline()

    def deliveries(
        self, states: Collection[str] = (), limit: int | None = None
    ) -> tuple[DeliveryView, ...]:
        return tuple(chain(*self.delivery_pages(states, limit)))

    def delivery_pages(
        self, states: Collection[str] = (), limit: int | None = None
    ) -> Iterator[tuple[DeliveryView, ...]]:
        return delivery_pages(self.read, [State(state) for state in states], limit)

    def delivery(self, name: str) -> DeliveryView | None:
        with self.read() as db:
            return db.deliveries.one(name)

    def attempted(self, channel: str) -> tuple[str, ...]:
        with self.read() as db:
            return db.deliveries.attempted(channel)

    def delivery_ids(self, beginning: str = "", limit: int = PAGE) -> tuple[str, ...]:
        with self.read() as db:
            return db.deliveries.ids(beginning, limit)

    def pending(self) -> Mapping[str, int]:
        with self.read() as db:
            return db.deliveries.pending()

    def retry(self, ids: Collection[str], now: datetime) -> tuple[str, ...]:
        with self.write() as db:
            return db.deliveries.retry(ids, now)

    def retry_failed(self, now: datetime) -> int:
        with self.write() as db:
            return db.deliveries.retry_failed(now)

    def problems(self) -> list[str]:
        found = []
        for contradiction in upkeep.contradictions():
            with self.read() as db:
                found.append(db.upkeep.look(contradiction))
        return [said for said in found if said]


def _by_time(point: HistoryPoint) -> tuple[object, ...]:
    return point.at, point.benchmark, point.task or "", point.rank, point.row_id


# --- reads by pages, for the views ---

NamesAfter = Callable[[Unit, str | None], tuple[str, ...]]


def every_name(read: Read, page: NamesAfter) -> Iterator[str]:
    """Return every name, a page at a time."""
    after = None
    while True:
        with read() as db:
            found = page(db, after)
        yield from found
        if len(found) < PAGE:
            return
        after = found[-1]


def names(read: Read, page: NamesAfter, pattern: str | None) -> Names:
    """Find the names that a glob stands for, as watches understand globs."""
    if pattern is None:
        return Names(None)
    return Names(frozenset(name for name in every_name(read, page) if matches(pattern, name)))


def tasks_meant(read: Read, pattern: str | None) -> frozenset[str] | None:
    """Return the tasks that a name or glob stands for; None for every one, and for none."""
    if pattern is None or pattern == EVERY_TASK:
        return None
    with read() as db:
        seen, lists = db.boards.tasks(), db.lists.tasks()
    listed = [one for known in lists.values() for one in known.ids or ()]
    return frozenset(matching(pattern, [*seen, *listed]))


def event_pages(
    read: Read, which: EventFilter, limit: int | None
) -> Iterator[tuple[StoredEvent, ...]]:
    """Read the events that are there now, the oldest first; of more than ``limit``, the newest."""
    with read() as db:
        until = db.events.last()
        since = None if which.since is None else db.events.first_since(which.since)
    if limit is not None:
        after = newest(read, lambda db, high: db.events.numbers(which, high), until, limit)
    elif which.since is not None and since is None:
        return iter(())
    else:
        after = 0 if since is None else since - 1
    return ascending(read, lambda db, low: db.events.page(which, low, until), after)


def delivery_pages(
    read: Read, states: Collection[State], limit: int | None
) -> Iterator[tuple[DeliveryView, ...]]:
    """Read the deliveries there are now, the oldest first; of more than ``limit``, the newest."""
    with read() as db:
        until = db.deliveries.last()
    after = 0
    if limit is not None:
        after = newest(read, lambda db, high: db.deliveries.numbers(states, high), until, limit)
    return ascending(read, lambda db, low: db.deliveries.page(states, low, until), after)


def ascending(
    read: Read, page: Callable[[Unit, int], Page[Any]], after: int
) -> Iterator[tuple[Any, ...]]:
    """Read pages after a number, each when it is asked for."""
    while True:
        with read() as db:
            some = page(db, after)
        if some.last is None:
            return
        yield some.found
        after = some.last


def newest(read: Read, page: Callable[[Unit, int], Page[int]], until: int, limit: int) -> int:
    """Return the number after which there are no more than ``limit`` that are wanted."""
    left = limit
    while True:
        with read() as db:
            some = page(db, until)
        if some.last is None:
            return 0
        if len(some.found) >= left:
            return some.found[left - 1] - 1
        until, left = some.last - 1, left - len(some.found)


def history_groups(
    read: Read,
    model: str | None,
    benchmark: str | None,
    since: datetime | None,
    tasks: frozenset[str] | None = None,
) -> Iterator[list[HistoryPoint]]:
    """Return the versions of each model of each board, the oldest first."""
    models = names(read, lambda db, after: db.history.models(after), model)
    benchmarks = names(read, lambda db, after: db.history.benchmarks(after), benchmark)
    found = {
        number: key
        for number, key in _every_board(read)
        if benchmarks.hold(key.benchmark) and (tasks is None or key.task in tasks)
    }
    which = RowFilter(boards=found, models=models, every_board=benchmark is None and tasks is None)
    if not found or models.found == frozenset():
        return
    for some in _some_models(_every_row(read, which)):
        yield from _groups(read, which, some, since)


def _every_board(read: Read) -> Iterator[tuple[int, BoardKey]]:
    last = 0
    while True:
        with read() as db:
            page = db.history.boards(last)
        yield from page.items()
        if len(page) < PAGE:
            return
        last = max(page)


def _every_row(read: Read, which: RowFilter) -> Iterator[RowPlace]:
    last: RowPlace | None = None
    while True:
        with read() as db:
            found, last = db.history.rows(which, last)
        yield from found
        if last is None:
            return


def _some_models(found: Iterable[RowPlace]) -> Iterator[list[list[RowPlace]]]:
    """Return models with all their rows, so many at once as there is room for."""
    held: list[list[RowPlace]] = []
    for _, same in groupby(found, key=lambda row: row[:2]):
        held.append(list(same))
        if sum(map(len, held)) >= ROWS_AT_ONCE:
            yield held
            held = []
    if held:
        yield held


def _groups(
    read: Read, which: RowFilter, some: Sequence[list[RowPlace]], since: datetime | None
) -> Iterator[list[HistoryPoint]]:
    key = {one.id: (which.boards[one.board], one.model) for one in chain(*some)}
    versions: dict[str, list[HistoryPoint]] = {}
    for point in _versions(read, key, since):
        versions.setdefault(point.row_id, []).append(point)
    for same in some:
        points = [point for one in same for point in versions.get(one.id, ())]
        if points:
            yield sorted(points, key=lambda point: (point.at, point.rank, point.row_id))


def _versions(
    read: Read, key: Mapping[str, tuple[BoardKey, str]], since: datetime | None
) -> Iterator[HistoryPoint]:
    ids = list(key)
    for start in range(0, len(ids), ROWS_AT_ONCE):
        some = {one: key[one] for one in ids[start : start + ROWS_AT_ONCE]}
        last: HistoryPoint | None = None
        while True:
            with read() as db:
                page = db.history.versions(some, since, last)
            yield from page
            if len(page) < PAGE:
                break
            last = page[-1]
