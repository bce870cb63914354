"""Tells ``[health]`` channels at set times that the program lives, and what came of its work."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from bot.config import Settings
from bot.core.alerts.deliveries import new_delivery
from bot.core.alerts.message import REPORT, BoardInfo, Message, Report, board_info
from bot.core.board import BoardKey
from bot.core.incidents import BOARD, ROWS
from bot.core.process import Process
from bot.core.render.numbers import plural
from bot.jobs.commit import commit
from bot.jobs.watchlist import Watchlist
from bot.store import Store, Unit
from bot.store.noise.reports import Planned

log = logging.getLogger(__name__)

_SMALL_STEP = timedelta(hours=1)
"""Where the clock was set back by no more, what was told of the time after is not told again."""


class Reporter:
    """Sends reports at the times of a line, each once, whoever of several does so."""

    def __init__(
        self, store: Store, settings: Settings, watchlist: Watchlist, process: Process
    ) -> None:
        self._store = store
        self._settings = settings
        self._watchlist = watchlist
        self._process = process
        self._notify = settings.health.notify or ()
        self._zone = settings.timing(self._notify[0]).zone if self._notify else UTC

    @property
    def wanted(self) -> bool:
        """Whether any report is ever sent."""
        return self._settings.health.report is not None

    def tell(self) -> bool:
        """Send the report that is due, if one is; plan the next.

        Raises:
            StoreError: the database cannot be used.
        """
        if not self.wanted:
            return False
        now = self._process.clock()
        with self._store.read() as db:
            planned = db.reports.planned()
        if planned is None or planned.line != self._line() or planned.since > now + _SMALL_STEP:
            commit(self._store, lambda db: db.reports.plan(self._next(now, db), planned))
            return False
        if planned.next_at > now:
            return False
        failing = self._failing()
        report = commit(self._store, lambda db: self._send(planned, failing, now, db))
        if report is not None:
            what = plural(report.boards, "board is", "boards are")
            polls = plural(report.polls, "poll")
            log.info("report: %s watched, %s, %d failing", what, polls, len(failing))
        return report is not None

    def _line(self) -> str:
        """Return what gives reports their times."""
        line = self._settings.health.report
        return f"{line.text} {self._zone}" if line else ""

    def _next(self, now: datetime, db: Unit) -> Planned:
        """Return the plan of the first report after now."""
        line = self._settings.health.report
        assert line is not None, "no report is planned where none is wanted"
        polls, late = db.reports.polls()
        next_at = line.after(now, self._zone)
        return Planned(line=self._line(), since=now, next_at=next_at, polls=polls, late_polls=late)

    def _send(
        self, planned: Planned, failing: tuple[BoardInfo, ...], now: datetime, db: Unit
    ) -> Report | None:
        """Store the report for each channel; None where another process was first."""
        following = self._next(now, db)
        if not db.reports.plan(following, planned):
            return None
        report = Report(
            since=planned.since,
            until=now,
            boards=len(self._watchlist.boards()),
            polls=max(0, following.polls - planned.polls),
            late=max(0, following.late_polls - planned.late_polls),
            events=db.reports.events(planned.since, now),
            alerts=db.reports.alerts(planned.since, now),
            failing=failing,
        )
        message = Message(type=REPORT, timestamp=now, data=report)
        new_id = self._process.new_id
        db.outbox.add([new_delivery(channel, message, new_id) for channel in self._notify], now)
        return report

    def _failing(self) -> tuple[BoardInfo, ...]:
        """Return the boards that people were told of, or would be, as of failing."""
        with self._store.read() as db:
            incidents = db.incidents.all()
        enough = self._settings.health.after_failures
        names = {
            one.name
            for one in incidents
            if one.subject in (BOARD, ROWS)
            and one.failures
            and (one.told or one.failures >= enough)
        }
        known, endpoint = self._watchlist.tasks.known(), self._settings.hub.endpoint
        keys = sorted((BoardKey.named(name) for name in names), key=lambda key: key.place)
        return tuple(board_info(key, endpoint, known.about(key)) for key in keys)
