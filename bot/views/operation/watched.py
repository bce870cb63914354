"""Watches as the page lists them: what each looks at, what it wants, what is muted of it now."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from bot.config import Settings
from bot.core.alerts.mute import Mute
from bot.core.alerts.watch import Known, Watch
from bot.core.board import BoardKey
from bot.store import Store
from bot.views.seen.info import board_infos, titles
from bot.views.watches import Planned, known, plan


class WatchItem(Struct, frozen=True, kw_only=True):
    """A watch, for programs: its boards by name, its channels, its next poll, the mutes on it.

    ``next_poll_at`` is null where none of its boards was planned yet.
    """

    watch: str
    boards: tuple[str, ...]
    channels: tuple[str, ...]
    next_poll_at: datetime | None
    muted: tuple[Mute, ...]


class WatchedBoard(Struct, frozen=True, kw_only=True):
    """A board that a watch looks at; ``key`` is null where only its entry is known yet.

    ``name`` is how a configuration names it, ``title`` what people call it.
    """

    name: str
    title: str
    key: BoardKey | None
    every: timedelta
    next_poll_at: datetime | None


class SeenWatch(Struct, frozen=True, kw_only=True):
    """A watch as the configuration has it, and the boards that it comes to."""

    item: WatchItem
    rule: Watch
    boards: tuple[WatchedBoard, ...]


def seen_watches(
    store: Store, settings: Settings, now: datetime, *, polls: bool = True
) -> tuple[SeenWatch, ...]:
    """Return the watches, in the order of the configuration; without next polls where none is.

    Raises:
        StoreError: the database cannot be used.
    """
    with store.read() as db:
        stored, mutes = known(db), db.mutes.live(now)
        views = db.boards.list_all() if polls else ()
        next_polls = {view.key: view.next_poll_at for view in views if view.watched}
    planned = plan(settings, stored if stored.listed or stored.tasks else None)
    with store.read() as db:
        infos = board_infos(db, settings.hub.endpoint, [one.key for one in planned if one.key])
    named, found = titles(infos), []
    for watch in settings.watches:
        boards = tuple(
            WatchedBoard(
                name=one.board,
                title=named[one.key] if one.key else one.board,
                key=one.key,
                every=one.every,
                next_poll_at=next_polls.get(one.key) if one.key else None,
            )
            for one in planned
            if watch.name in one.watches
        )
        held = tuple(one for one in mutes if _touches(one, watch, planned, stored))
        found.append(SeenWatch(item=_item(watch, boards, held), rule=watch, boards=boards))
    return tuple(found)


def _item(watch: Watch, boards: tuple[WatchedBoard, ...], muted: tuple[Mute, ...]) -> WatchItem:
    next_polls = (one.next_poll_at for one in boards if one.next_poll_at)
    return WatchItem(
        watch=watch.name,
        boards=tuple(one.name for one in boards),
        channels=watch.channels,
        next_poll_at=min(next_polls, default=None),
        muted=muted,
    )


def _touches(mute: Mute, watch: Watch, planned: tuple[Planned, ...], stored: Known) -> bool:
    """Whether a mute holds back some of what a watch would tell."""
    if mute.channel is not None and mute.channel not in watch.channels:
        return False
    if mute.kind is not None and mute.kind not in watch.kinds:
        return False
    keys = [one.key for one in planned if watch.name in one.watches and one.key is not None]
    return not keys or any(mute.covers(key, stored.former(key.benchmark)) for key in keys)
