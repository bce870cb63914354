"""How the program is doing, and what is muted, in words."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.alerts.mute import Mute
from bot.core.render.clean import inert
from bot.core.render.numbers import how_long, plural, relative, some
from bot.views.operation.status import BoardsStatus, DaemonStatus, Details, Status

NO_DAEMON = "none: these are sample data, and nothing polls"


def in_words(
    found: Status, details: Details, now: datetime, *, polls: bool = True
) -> list[tuple[str, str]]:
    """Return what each part of the program is doing: its name, and lines of words.

    Where nothing ``polls``, as of sample data, that is said instead of what only a daemon has.
    """
    parts = [
        ("Boards", _boards(found.boards, details, now, polls=polls)),
        ("Deliveries", _deliveries(found, details, now)),
        ("Channels", _channels(found, details, now)),
    ]
    if not polls:
        return [("Daemon", NO_DAEMON), *parts]
    daemon = _daemon(found.daemon, details, now)
    return [("Daemon", daemon), *parts, ("Rate limit", _quota(found, details, now))]


def _daemon(daemon: DaemonStatus, details: Details, now: datetime) -> str:
    beat = daemon.heartbeat_at
    last = f"last heartbeat {relative(beat, now)}" if beat else "no heartbeat"
    if not daemon.alive:
        return f"not running, {last}"
    late = plural(details.late, "board is", "boards are")
    keeps = "keeps its intervals" if daemon.keeps_intervals else f"{late} polled too late"
    return f"alive, {last}; {keeps}"


def _boards(boards: BoardsStatus, details: Details, now: datetime, *, polls: bool) -> str:
    told = [f"{boards.watched:,} watched"]
    if boards.failing:
        told.append(f"{plural(boards.failing, 'fails', 'fail')}")
    if details.never:
        told.append(f"{details.never:,} never polled well")
    lines = [", ".join(told)]
    if boards.oldest_good_poll_at and details.oldest and polls:
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


def mute_in_words(mute: Mute) -> str:
    """Return what a mute holds back."""
    told = [mute.kind.value if mute.kind else "all"]
    told += [f"of {inert(mute.model)}"] if mute.model else []
    told += [f"on {inert(mute.benchmark)}"] if mute.benchmark else []
    told += [f"for {inert(mute.channel)}"] if mute.channel else []
    return " ".join(told)
