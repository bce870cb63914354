"""``status``: how the program is doing, at a glance."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.cli.terminal.options import Json
from bot.cli.terminal.output import write_json
from bot.cli.terminal.tables import how_long, relative, show_table
from bot.cli.terminal.usage import Context, Section
from bot.core.render.clean import inert
from bot.core.render.numbers import plural, some

if TYPE_CHECKING:
    from bot.views.operation.status import BoardsStatus, DaemonStatus, Details, Status

SECTION, PLACE = Section.INSTALLATION, 0


def status(context: Context, as_json: Json = False) -> None:
    """Show how the program is doing.

    Whether a daemon is alive and keeps its intervals, which boards fail, what waits to be
    delivered, which channels are paused, and how much the Hub's rate limit leaves. Exit status 0
    also where something is wrong: healthcheck is for machines.
    """
    from bot.app import now
    from bot.daemon.heartbeat import last_beat
    from bot.daemon.owner import is_dead
    from bot.views.operation.status import status as look
    from bot.views.stored import opened

    named = str(context.obj.config) if context.obj.config else None
    beat = last_beat(named, os.environ)
    last = None if beat is None else datetime.fromtimestamp(beat, UTC)
    settings = context.obj.settings()
    with opened(settings) as store:
        found, details = look(store, settings, now(), last, is_dead)
    if as_json:
        write_json(found)
    else:
        show_table(("", ""), _lines(found, details, now()), head=False)


def _lines(found: Status, details: Details, now: datetime) -> list[tuple[str, str]]:
    return [
        ("Daemon", _daemon(found.daemon, details, now)),
        ("Boards", _boards(found.boards, details, now)),
        ("Deliveries", _deliveries(found, details, now)),
        ("Channels", _channels(found, details, now)),
        ("Rate limit", _quota(found, details, now)),
    ]


def _daemon(daemon: DaemonStatus, details: Details, now: datetime) -> str:
    beat = daemon.heartbeat_at
    last = f"last heartbeat {relative(beat, now)}" if beat else "no heartbeat"
    if not daemon.alive:
        return f"not running, {last}"
    late = plural(details.late, "board is", "boards are")
    keeps = "keeps its intervals" if daemon.keeps_intervals else f"{late} polled too late"
    return f"alive, {last}; {keeps}"


def _boards(boards: BoardsStatus, details: Details, now: datetime) -> str:
    told = [f"{boards.watched:,} watched"]
    if boards.failing:
        told.append(f"{plural(boards.failing, 'fails', 'fail')}")
    if details.never:
        told.append(f"{details.never:,} never polled well")
    lines = [", ".join(told)]
    if boards.oldest_good_poll_at and details.oldest:
        ago = relative(boards.oldest_good_poll_at, now)
        lines.append(f"oldest good poll {ago}: {inert(details.oldest)}")
    lines += [
        f"{inert(one.error)}, for {how_long(now - one.since)}: {some([*map(inert, one.boards)])}"
        for one in details.failing
    ]
    return "\n".join(lines)


def _deliveries(found: Status, details: Details, now: datetime) -> str:
    counted, oldest = found.deliveries, found.deliveries.oldest_pending_at
    since = f" (oldest: {relative(oldest, now)})" if oldest else ""
    told = f"{counted.pending:,} pending{since}, {counted.held:,} held, {counted.failed:,} failed"
    return "\n".join([told, *map(inert, details.stranded)])


def _channels(found: Status, details: Details, now: datetime) -> str:
    told = [
        f"{inert(one.channel)} is paused, for {how_long(now - one.since)}: {inert(one.error)}"
        for one in details.paused
    ]
    muted = [f"{plural(found.mutes, 'mute lasts', 'mutes last')}: mute list"] * (found.mutes > 0)
    return "\n".join([*(told or ["none is paused"]), *muted])


def _quota(found: Status, details: Details, now: datetime) -> str:
    quota = found.quota
    if quota.limit is None and quota.remaining is None:
        return "not known yet"
    told = []
    if quota.remaining is not None and quota.resets_at:
        of = f" of {quota.limit:,}" if quota.limit else ""
        told.append(
            f"{quota.remaining:,}{of} requests left, all again {relative(quota.resets_at, now)}"
        )
    elif quota.limit:
        told.append(plural(quota.limit, "request") + " in a window")
    if quota.interval_seconds is not None:
        allowed = timedelta(seconds=quota.interval_seconds)
        told.append(f"enough to poll all boards every {how_long(allowed)}")
        if allowed > details.every:
            told.append(f"poll.every is {how_long(details.every)}: set a token, or raise it")
    return "\n".join(told)
