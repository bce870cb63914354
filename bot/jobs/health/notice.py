"""Tells ``[health]`` channels what fails and what works again; standard error always knows."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.config import Settings
from bot.core.aggregate import is_aggregate
from bot.core.alerts.deliveries import NewDelivery, new_delivery
from bot.core.alerts.message import FAILING, RECOVERED, BoardInfo, Health, Message, board_info
from bot.core.board import BoardKey
from bot.core.incidents import (
    BOARD,
    CHANNEL,
    DELIVERY,
    HUB,
    ROWS,
    SOURCE,
    TOKEN,
    Notice,
    is_token,
    notices,
)
from bot.core.process import Process
from bot.hub.answers import TokenReport
from bot.jobs.ask import Hub
from bot.jobs.commit import commit
from bot.jobs.watchlist import Watchlist
from bot.store import Store, Unit

log = logging.getLogger(__name__)


def note_token(store: Store, now: datetime, refusal: str | None) -> None:
    """Keep that the Hub refuses the token, in a sentence, or that it does not (any more)."""
    if refusal is not None:
        commit(store, lambda db: db.incidents.count(HUB, TOKEN, now, refusal))
        return
    with store.read() as db:
        known = db.incidents.is_known(HUB, TOKEN)
    if known:
        commit(store, lambda db: db.incidents.end(HUB, TOKEN, now))


class Notifier:
    """Turns the store's record of failures into notices, each told once."""

    def __init__(
        self, store: Store, hub: Hub, settings: Settings, watchlist: Watchlist, process: Process
    ) -> None:
        self._store = store
        self._hub = hub
        self._settings = settings
        self._watchlist = watchlist
        self._process = process
        self._token: TokenReport | None = None
        spans = [watch.every for watch in settings.watches if watch.every]
        self._patience = max([settings.poll.every, *spans])

    def tell(self, *, final: bool = False) -> int:
        """Store the notices that are due and return how many.

        What fails within the longest interval of a poll is told together; ``final`` waits for no
        others.
        """
        self._note_token()
        now = self._process.clock()
        due = self._due(now, timedelta(0) if final else self._patience)
        if not due or not self._save(due, now):
            return 0
        for notice in due:
            _log(notice)
        return len(due)

    def _due(self, now: datetime, patience: timedelta) -> Sequence[Notice]:
        with self._store.read() as db:
            incidents = db.incidents.all()
        if not incidents:
            return ()
        return notices(
            incidents,
            watched=len(self._watchlist.boards()),
            after_failures=self._settings.health.after_failures,
            now=now,
            patience=patience,
            lasting=(self._settings.health.after_failures - 1) * self._patience,
        )

    def _save(self, due: Sequence[Notice], now: datetime) -> bool:
        """Store notices and that they were told; False where another process was first."""
        told = [incident for notice in due if notice.failing for incident in notice.about]
        recovered = [incident for notice in due if not notice.failing for incident in notice.about]
        deliveries = [delivery for notice in due for delivery in self._deliveries(notice, now)]

        def save(db: Unit) -> bool:
            if not db.incidents.tell(told, recovered):
                return False
            db.outbox.add(deliveries, now)
            return True

        return commit(self._store, save)

    def _note_token(self) -> None:
        """Keep what the Hub thinks of the token, where that has changed for this process."""
        report = self._hub.token()
        if report is None or report == self._token:
            return
        if report.refused or not report.problem:
            note_token(self._store, self._process.clock(), report.problem)
        self._token = report

    def _deliveries(self, notice: Notice, now: datetime) -> list[NewDelivery]:
        """Return a delivery a channel; a channel is never told of its own failure."""
        type_ = FAILING if notice.failing else RECOVERED
        message = Message(type=type_, timestamp=now, data=self._data(notice))
        return [
            new_delivery(channel, message, self._process.new_id)
            for channel in self._settings.health.notify or ()
            if channel not in _failing_channels(notice)
        ]

    def _data(self, notice: Notice) -> Health:
        first = min(notice.about, key=lambda incident: incident.since)
        about_boards = notice.subject not in (CHANNEL, DELIVERY)
        return Health(
            subject=BOARD if notice.subject == ROWS else notice.subject,
            boards=self._boards(notice) if about_boards else (),
            channel=first.name if notice.subject == CHANNEL else first.channel,
            delivery=first.name if notice.subject == DELIVERY else None,
            failures=max(incident.failures for incident in notice.about),
            since=first.since,
            error=first.error or None,
        )

    def _boards(self, notice: Notice) -> tuple[BoardInfo, ...]:
        known = self._watchlist.tasks.known()
        keys = [BoardKey.named(one.name) for one in notice.about if one.subject in (BOARD, ROWS)]
        if notice.subject == SOURCE:
            keys = [key for key in self._watchlist.boards() if is_aggregate(key.benchmark)]
        return tuple(board_info(key, self._settings.hub.endpoint, known.about(key)) for key in keys)


def _failing_channels(notice: Notice) -> set[str | None]:
    if notice.subject == CHANNEL:
        return {incident.name for incident in notice.about}
    return {incident.channel for incident in notice.about}


def _log(notice: Notice) -> None:
    names = ", ".join(incident.name for incident in notice.about)
    errors = sorted({one.error for one in notice.about if one.error})
    if any(is_token(incident) for incident in notice.about):
        return  # the process that met it has said so
    if notice.subject == SOURCE:
        what = f"has stalled: {errors[0]}" if notice.failing else "moves again"
        log.warning("the dataset %s %s", names, what)
    elif notice.failing:
        log.error("failing: %s %s: %s", notice.subject, names, "; ".join(errors))
    else:
        log.warning("works again: %s %s", notice.subject, names)
