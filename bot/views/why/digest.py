"""What a time comes to, as a digest would say it: for a channel's watches, or for all boards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.config import Settings
from bot.core.alerts.digest import Heard, digest
from bot.core.alerts.message import BoardChange, Digest, board_info
from bot.core.alerts.net.people import NO_TOPS, tops_of
from bot.core.alerts.watch import Known
from bot.core.events import StoredEvent
from bot.core.kinds import Kind
from bot.store import Store
from bot.views.reads.paging import event_pages
from bot.views.why.replay import Replay, background, polls

EVERY_BOARD = "all boards"
"""Stands for the channel of a digest that is none's."""


def digest_of(
    store: Store, settings: Settings, channel: str | None, since: datetime, until: datetime
) -> Digest | None:
    """Return the net movement of a time, as of a channel's watches; None where nothing is left.

    Without a channel every change of every board counts, but for ranks that only others moved.
    """
    behind = background(store)
    pages = polls(event_pages(store, since=since))
    if channel is None:
        found = _all(pages, settings, behind.known)
    else:
        found = _heard(pages, settings, behind.known, Replay(settings, behind), channel)
    heard = [Heard(change) for change in found]
    with store.read() as db:
        boards = db.boards.load_some(one.change.board.key for one in heard)
    tops = tops_of(settings.watches) if channel else NO_TOPS
    return digest(channel or EVERY_BOARD, heard, since, until, boards, tops=tops)


def _all(
    pages: Iterator[list[StoredEvent]], settings: Settings, known: Known
) -> Iterator[BoardChange]:
    for together in pages:
        news = [one for one in together if not _only_moved(one)]
        if news:
            change = _change(together, settings, known)
            yield _with(change, news)


def _heard(
    pages: Iterator[list[StoredEvent]],
    settings: Settings,
    known: Known,
    replay: Replay,
    channel: str,
) -> Iterator[BoardChange]:
    for together in pages:
        for alert in replay.poll(together).told:
            if alert.channel == channel:
                yield alert.of(_change(together, settings, known))


def _only_moved(stored: StoredEvent) -> bool:
    return stored.event.kind is Kind.RANK_SHIFT or stored.event.recomputed is True


def _change(together: Sequence[StoredEvent], settings: Settings, known: Known) -> BoardChange:
    first = together[0]
    board = board_info(first.board, settings.hub.endpoint, known.about(first.board))
    return BoardChange(board=board, snapshot_at=first.at)


def _with(change: BoardChange, news: Sequence[StoredEvent]) -> BoardChange:
    return BoardChange(
        board=change.board,
        snapshot_at=change.snapshot_at,
        events=tuple(one.event for one in news),
    )
