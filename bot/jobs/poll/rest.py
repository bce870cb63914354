"""Rows that were unstable and have rested: tells once where they stand, if that is news."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from msgspec import UNSET
from msgspec.structs import replace

from bot.config import Settings
from bot.core.alerts.deliveries import Told
from bot.core.alerts.message import BoardChange, board_info
from bot.core.alerts.net.stands import Stands
from bot.core.alerts.unrest.aspects import is_own
from bot.core.alerts.unrest.rested import whole
from bot.core.alerts.watch import FormerIds, Known, unwatched
from bot.core.board import Snapshot
from bot.core.events import Event, Found
from bot.core.names import links
from bot.core.process import Process
from bot.jobs.commit import commit
from bot.jobs.tell import News, Teller, save
from bot.store import Store, Unit
from bot.store.noise.memory import Rested


class Rester:
    """Tells channels of rows that have rested, for a set of watches.

    ``known`` returns what is known of the Hub's benchmarks.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        known: Callable[[], Known],
        process: Process,
        teller: Teller,
    ) -> None:
        self._store = store
        self._settings = settings
        self._known = known
        self._process = process
        self._teller = teller

    def tell(self) -> None:
        """Tell what has rested by now; of several replicas one does.

        Raises:
            StoreError: the database cannot be used.
        """
        now = self._process.clock()
        with self._store.read() as db:
            rested = db.memory.rested(now)
        for one in rested:
            told = self._told(one, now) if one.channel in self._settings.channels else Told()
            commit(self._store, partial(_end, one, told, now))

    def _told(self, rested: Rested, now: datetime) -> Told:
        """Return what is told of all that a row did while it was unstable, as one event."""
        spell = rested.memory.unstable
        assert spell is not None
        since = spell.since - timedelta.resolution
        with self._store.read() as db:
            steps = db.events.steps(rested.board, [rested.row], since).get(rested.row, ())
            board, former = db.boards.load(rested.board), db.models.former()
        net = whole([step.event for step in steps])
        if net is None or board is None or not is_own(net):
            return Told()
        news = self._news(rested, board, net, former, now)
        # The events are stored already.
        return replace(self._teller.tell([news]), found=())

    def _news(
        self, rested: Rested, board: Snapshot, event: Event, former: FormerIds, now: datetime
    ) -> News:
        known, endpoint = self._known(), self._settings.hub.endpoint
        info = board_info(
            rested.board,
            endpoint,
            known.about(rested.board),
            higher_is_better=board.higher_is_better,
            rows=sum(not row.absent for row in board.rows),
        )
        url = links.row_url(endpoint, info.shown, event.model or "")
        return News(
            change=BoardChange(board=info, snapshot_at=now, leader=Stands(board).leader or UNSET),
            found=(Found(row_id=rested.row, event=replace(event, url=url)),),
            unseen=partial(unwatched, key=rested.board, known=known),
            former=former,
            benchmarks=known.former(rested.board.benchmark),
            memories={(rested.channel, rested.row): rested.memory},
            only=rested.channel,
        )


def _end(rested: Rested, told: Told, now: datetime, db: Unit) -> None:
    """Let a row have rested, once; where it moved on meanwhile, nothing is told."""
    if db.memory.rest(rested):
        save(told, now, db)
