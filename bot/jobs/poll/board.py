"""One poll of one board: claim, ask, compare, and one transaction for all that follows.

A failure is that board's alone: it is counted, and everything stored stays as it is.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from queue import SimpleQueue

from bot.config import Settings
from bot.core.aggregate import is_aggregate
from bot.core.alerts.watch import Known
from bot.core.board import Answer, BoardKey, Snapshot
from bot.core.diff.renames import asked_of
from bot.core.errors import FetchError, NoColumnError, QuotaError, StoreError
from bot.core.process import Process
from bot.core.timing.schedule import next_poll
from bot.hub.answers import Fetched, NotModified
from bot.jobs.ask import Answered, Hub, ask
from bot.jobs.commit import commit
from bot.jobs.poll.batch import Batch, Waiting, save
from bot.jobs.poll.claims import Claims
from bot.jobs.poll.compare import Comparer
from bot.jobs.poll.past import past
from bot.jobs.poll.polled import Polled, compared, record
from bot.jobs.poll.renames import ModelNames, current_ids
from bot.jobs.tell import Teller
from bot.store import BoardPoll, PollClaim, PollResult, Store

log = logging.getLogger(__name__)

ATTEMPTS_PER_POLL = 3
"""How often a poll starts over when another process changed the board meanwhile."""

MARGIN = timedelta(seconds=30)
"""A poll may take its request's time limit twice over, and this much for the database."""

WHOLE_EVERY = timedelta(days=1)
"""How long the word that nothing changed is taken for it, before the rows are asked for again."""


_Report = Callable[[Polled | None], object]


class Poller:
    """Polls boards for a set of watches. Safe to call from several threads.

    ``known`` returns what is known of the Hub's benchmarks.
    """

    def __init__(
        self,
        store: Store,
        hub: Hub,
        settings: Settings,
        known: Callable[[], Known],
        process: Process,
        teller: Teller,
    ) -> None:
        self._store = store
        self._hub = hub
        self._settings = settings
        self._known = known
        self._process = process
        self._comparer = Comparer(settings, known, teller, process.new_id)
        self._batch = Batch(store)
        self.claims = Claims(store, process)
        self.counts = teller.counts

    @property
    def limit(self) -> timedelta:
        """The longest that a poll may take before another may start over."""
        return self._settings.hub.timeout * 2 + MARGIN

    def poll(self, board: BoardKey) -> Polled | None:
        """Poll a board now; None where another process is at it.

        Raises:
            StoreError: the database cannot be used; nothing was written.
        """
        found: SimpleQueue[Polled | None] = SimpleQueue()
        for _ in range(ATTEMPTS_PER_POLL):
            for claim in self.claims.claim([board]):
                self.run(claim, found.put)
                self.end()
                if (polled := found.get()) is not None:
                    return polled
        return None

    @property
    def has_ended(self) -> bool:
        """Whether polls wait for ``end``."""
        return len(self._batch) > 0

    def end(self) -> None:
        """End the polls that tell nobody: they wait for others."""
        self._batch.end()

    def run(self, claim: PollClaim, report: _Report) -> None:
        """Poll a claimed board, and report once what came of it.

        None says at once that another process has overtaken the claim. A poll that tells nobody is
        ended together with others, by ``end`` at the latest, and reported then, by whoever does.

        Raises:
            StoreError: the database cannot be used; nothing was written.
        """
        began, late = time.monotonic(), claim.is_late(self._process.clock())

        def ended(polled: Polled | None) -> None:
            if polled is not None:
                record(polled, time.monotonic() - began)
            report(polled)

        try:
            if self._run(claim, ended):
                self.counts.took(time.monotonic() - began, late=late)
        finally:
            self.claims.done(claim.board)

    def _run(self, claim: PollClaim, report: _Report) -> bool:
        """Poll; False where the Hub lets nothing be asked."""
        try:
            answered = self._fetch(claim)
            if isinstance(answered.got, NotModified):
                self._unchanged(claim, answered, answered.got, report)
            else:
                self._compare(claim, answered, answered.got, report)
        except StoreError:
            raise
        except QuotaError as error:
            self.claims.hand_back([claim])
            report(Polled(board=claim.board, deferred=error.wait))
            return False
        except FetchError as error:
            report(self._failed(claim, error))
        except Exception as error:
            log.exception("%s: unexpected error", claim.board.name)
            report(self._failed(claim, FetchError(f"unexpected {type(error).__name__}")))
        return True

    # --- asking the Hub --------------------------------------------------------------------------

    def _fetch(self, claim: PollClaim) -> Answered:
        reuse = self._reusable(claim)
        try:
            return ask(
                self._hub,
                claim.board,
                self._known().tasks.get(claim.board.benchmark),
                by_task=claim.by_task,
                etag=claim.etag if reuse and not self._asks_whole(claim) else None,
                digest=claim.digest if reuse else None,
                loud=claim.fresh,
            )
        except NoColumnError as error:  # it was there, or may come: what is known stands
            return Answered(NotModified(etag=error.etag), by_task=False, note=_NO_COLUMN)

    def _reusable(self, claim: PollClaim) -> bool:
        """Whether an answer that is the same as the last one changes nothing."""
        given = self._comparer.direction(claim.board)
        turned = given is not None and given != claim.higher_is_better
        return claim.settled and not claim.fresh and not turned

    def _asks_whole(self, claim: PollClaim) -> bool:
        """Whether the rows are asked for although the Hub could say that they are the same."""
        last = claim.whole_at
        if is_aggregate(claim.board.benchmark):  # a file's state is that of its bytes
            return False
        return last is None or not last <= self._process.clock() < last + WHOLE_EVERY

    # --- what came of it -------------------------------------------------------------------------

    def _unchanged(
        self, claim: PollClaim, answered: Answered, got: NotModified, report: _Report
    ) -> None:
        now = self._process.clock()
        result = PollResult(
            at=now,
            etag=got.etag,
            digest=claim.digest,
            next_at=self._next(claim, now),
            whole=got.whole,
            by_task=answered.by_task,
        )
        note = answered.note if claim.fresh else None
        polled = Polled(board=claim.board, unchanged=1, note=note)
        self._batch.add(Waiting(claim, result, polled, report))

    def _failed(self, claim: PollClaim, error: FetchError) -> Polled:
        now = self._process.clock()
        text = str(error)
        next_at = self._next(claim, now, error.retry_after)
        commit(self._store, lambda db: db.targets.fail(claim, now, text, next_at))
        return Polled(board=claim.board, failed=1, error=text)

    def _compare(
        self, claim: PollClaim, answered: Answered, fetched: Fetched, report: _Report
    ) -> None:
        now = self._process.clock()
        before, names = self._before(claim, fetched.answer)
        recall = partial(past, self._store, self._settings, claim.board, now)
        new, told = self._comparer.compare(claim, before, fetched.answer, now, names, recall)
        result = PollResult(
            at=now,
            etag=fetched.etag,
            digest=fetched.digest,
            next_at=self._next(claim, now),
            by_task=answered.by_task and bool(fetched.answer.results),
            found=BoardPoll(before=before, after=new.after),
            flaw=fetched.answer.flaw,
            told=told,
        )
        polled = compared(claim, before, new)
        if claim.fresh:  # it tells nobody
            self._batch.add(Waiting(claim, result, polled, report))
        else:
            report(polled if self._save(claim, result) else None)

    def _before(self, claim: PollClaim, answer: Answer) -> tuple[Snapshot | None, ModelNames]:
        """Return what an answer is compared with, and what its models are called."""
        if claim.fresh and not claim.current:
            return None, ModelNames()
        with self._store.read() as db:
            before, former = db.boards.load(claim.board), db.models.former()
        asked = () if claim.fresh else asked_of(before, answer)
        return before, ModelNames(current=current_ids(self._hub, asked), former=former)

    def _save(self, claim: PollClaim, result: PollResult) -> bool:
        """Store what was found; False, and nothing is written, if another process was faster."""
        if not commit(self._store, partial(save, [(claim, result)])):
            log.info("%s was changed by another process meanwhile", claim.board.name)
            return False
        self.counts.found(result.told.kinds)
        if result.digest != claim.digest and self._said_the_same(claim):
            log.warning("%s", _STALE.format(claim.board.name))
        return True

    def _said_the_same(self, claim: PollClaim) -> bool:
        """Whether the Hub, asked for all rows after a day, still calls the old ones the same."""
        if not (
            claim.etag and claim.whole_at and self._reusable(claim) and self._asks_whole(claim)
        ):
            return False
        try:
            got = self._hub.leaderboard(claim.board, etag=claim.etag)
        except FetchError:
            return False
        return isinstance(got, NotModified) and not got.whole

    def _next(self, claim: PollClaim, now: datetime, wait: timedelta | None = None) -> datetime:
        return next_poll(claim.board.name, now, claim.every, self._process.rand(), wait)


_NO_COLUMN = "is no column of the file now; its first rows will be its baseline"
_STALE = (
    "{}: the rows have changed, although the Hub, or a cache before it, says that they are the "
    "same; they are asked for once a day whatever it says"
)
