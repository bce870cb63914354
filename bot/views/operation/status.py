"""How the program is doing: its daemon, its boards, its deliveries, what the Hub lets it ask."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from bot.config import Settings
from bot.core.alerts.watch import Known
from bot.core.board import BoardKey
from bot.core.delivery import State
from bot.core.incidents import BOARD, ROWS
from bot.core.render.words.notice import stranded
from bot.core.tasks import shown_key
from bot.core.timing.schedule import interval
from bot.daemon.heartbeat import FRESH
from bot.store import Store, Unit
from bot.store.boards.boards import BoardView
from bot.store.outbox.channels import Paused
from bot.store.processes import ProcessView, Work
from bot.views.watches import known


class DaemonStatus(Struct, frozen=True, kw_only=True):
    """Whether a daemon is at work, here or elsewhere, and polls as often as it is asked to.

    ``keeps_intervals`` is null without one.
    """

    alive: bool
    heartbeat_at: datetime | None
    keeps_intervals: bool | None


class BoardsStatus(Struct, frozen=True, kw_only=True):
    """The watched boards; the oldest of their last good polls is null where there is none."""

    watched: int
    failing: int
    oldest_good_poll_at: datetime | None


class DeliveriesStatus(Struct, frozen=True, kw_only=True):
    """The deliveries that wait or were given up; ``held`` ones wait for a paused channel."""

    pending: int
    held: int
    failed: int
    oldest_pending_at: datetime | None


class ChannelsStatus(Struct, frozen=True, kw_only=True):
    """The configured channels that are paused."""

    paused: int


class QuotaStatus(Struct, frozen=True, kw_only=True):
    """What the Hub lets be asked, null where not known; ``remaining`` until ``resets_at``.

    ``interval_seconds`` is how often it lets all watched boards be polled.
    """

    limit: int | None = None
    remaining: int | None = None
    resets_at: datetime | None = None
    interval_seconds: int | None = None


class Status(Struct, frozen=True, kw_only=True):
    """How the program is doing, at a glance; ``mutes`` counts those that last."""

    daemon: DaemonStatus
    boards: BoardsStatus
    deliveries: DeliveriesStatus
    channels: ChannelsStatus
    mutes: int
    quota: QuotaStatus


class Failing(Struct, frozen=True, kw_only=True):
    """Boards that fail for one reason, the first of them ``since``."""

    error: str
    since: datetime
    boards: tuple[str, ...]


class Details(Struct, frozen=True, kw_only=True):
    """What people read besides: ``oldest`` is the board whose last good poll is the oldest.

    ``never`` counts the boards that have had none, ``late`` those that have been due for a whole
    interval; ``stranded`` has a sentence for each channel that is not configured any more.
    """

    oldest: str | None
    never: int
    late: int
    failing: tuple[Failing, ...]
    paused: tuple[Paused, ...]
    stranded: tuple[str, ...]
    every: timedelta


def status(
    store: Store,
    settings: Settings,
    now: datetime,
    beat: datetime | None,
    is_dead: Callable[[str], bool],
) -> tuple[Status, Details]:
    """Return how the program is doing.

    ``beat`` is the last heartbeat of a daemon of this machine; ``is_dead`` knows of owners of
    this machine that are.

    Raises:
        StoreError: the database cannot be used.
    """
    with store.read() as db:
        watched = [view for view in db.boards.list_all() if view.watched]
        details = _details(db, settings, watched, now)
        processes = db.processes.all()
        return Status(
            daemon=_daemon([p for p in processes if not is_dead(p.owner)], now, beat, details.late),
            boards=_boards(watched),
            deliveries=_deliveries(db),
            channels=ChannelsStatus(paused=len(details.paused)),
            mutes=len(db.mutes.live(now)),
            quota=quota(processes, now, settings.hub.concurrency, len(watched)),
        ), details


def _details(db: Unit, settings: Settings, watched: Sequence[BoardView], now: datetime) -> Details:
    polled = [view for view in watched if view.polled_at]
    listed = known(db)
    oldest = min(polled, key=lambda view: view.polled_at or now, default=None)
    return Details(
        oldest=_shown(oldest.key, listed) if oldest else None,
        never=len(watched) - len(polled),
        late=db.targets.late(now),
        failing=_failing(db, listed),
        paused=tuple(one for one in db.channels.paused() if one.channel in settings.channels),
        stranded=tuple(stranded(db.deliveries.waiting(), settings.channels)),
        every=settings.poll.every,
    )


def _boards(watched: Sequence[BoardView]) -> BoardsStatus:
    return BoardsStatus(
        watched=len(watched),
        failing=sum(view.failures > 0 for view in watched),
        oldest_good_poll_at=min((v.polled_at for v in watched if v.polled_at), default=None),
    )


def _failing(db: Unit, listed: Known) -> tuple[Failing, ...]:
    """Return what fails, by what is wrong, most boards first; rows that stay unreadable, too."""
    found = db.incidents.all()
    incidents = [one for one in found if one.subject in (BOARD, ROWS) and one.failures]
    grouped = []
    for error in dict.fromkeys(one.error for one in incidents):
        same = [one for one in incidents if one.error == error]
        since = min(one.since for one in same)
        boards = tuple(_shown(BoardKey.named(one.name), listed) for one in same)
        grouped.append(Failing(error=error, since=since, boards=boards))
    return tuple(sorted(grouped, key=lambda one: (-len(one.boards), one.since)))


def _shown(key: BoardKey, listed: Known) -> str:
    """Return what people call a board: with its task where its benchmark has several."""
    return shown_key(key, listed.count(key)).name


def _daemon(
    processes: Collection[ProcessView], now: datetime, beat: datetime | None, late: int
) -> DaemonStatus:
    """Judge by the heartbeat of this machine, and by what daemons anywhere have stored."""
    daemons = [one for one in processes if one.work is Work.DAEMON]
    beats = [one.seen_at for one in daemons] + ([beat] if beat else [])
    fresh = beat is not None and abs(now - beat) < timedelta(seconds=FRESH)
    alive = fresh or any(one.at_work(now) for one in daemons)
    return DaemonStatus(
        alive=alive,
        heartbeat_at=max(beats, default=None),
        keeps_intervals=not late if alive else None,
    )


def _deliveries(db: Unit) -> DeliveriesStatus:
    counted = db.deliveries.counted()
    pending, held, failed = (counted.get(s) for s in (State.PENDING, State.HELD, State.FAILED))
    return DeliveriesStatus(
        pending=pending.count if pending else 0,
        held=held.count if held else 0,
        failed=failed.count if failed else 0,
        oldest_pending_at=pending.oldest if pending else None,
    )


def quota(
    processes: Sequence[ProcessView], now: datetime, reserve: int, boards: int
) -> QuotaStatus:
    """Return what was last told of the rate limit; what was left of a window that is over is not.

    ``reserve`` requests of each window are left unused.
    """
    last = next((one for one in processes if one.quota), None)
    if last is None or last.quota is None:
        return QuotaStatus()
    told, resets_at = last.quota, last.seen_at + last.quota.resets_in
    current = last.seen_at <= now < resets_at
    allowed = told.limit and told.window and interval(told.limit, told.window, reserve, boards)
    return QuotaStatus(
        limit=told.limit,
        remaining=told.remaining if current else None,
        resets_at=resets_at if current else None,
        interval_seconds=round(allowed.total_seconds()) if allowed else None,
    )
