"""Mutes, and how many events they held back since a channel was last told anything."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from msgspec import structs
from sqlalchemy import ColumnElement, Connection, RowMapping, insert, select, update

from bot.core.alerts.mute import HeldBack, Mute
from bot.core.kinds import Kind
from bot.store.database.noise import muted, mutes
from bot.store.database.upsert import upsert


class Mutes:
    """What is muted, was muted, and what came of it. One that is over stays, until it is pruned."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Mute) -> Mute:
        """Store a mute, and return it with the id that it was given."""
        values = structs.asdict(new)
        del values["id"]
        values["kind"] = new.kind.value if new.kind else None
        key = self._connection.execute(insert(mutes).values(values)).inserted_primary_key
        assert key is not None
        return structs.replace(new, id=str(key[0]))

    def live(self, now: datetime) -> tuple[Mute, ...]:
        """Return those that last, the oldest first."""
        return self._find(_lasts(now))

    def since(self, start: datetime) -> tuple[Mute, ...]:
        """Return those that lasted at some time from a start on, the oldest first."""
        return self._find(mutes.c.expires_at > start)

    def end(self, id_: str, now: datetime) -> bool:
        """Let a mute end now; False where none of this id lasts."""
        if not id_.isascii() or not id_.isdecimal():
            return False
        this = update(mutes).where(mutes.c.id == int(id_), _lasts(now))
        return self._connection.execute(this.values(expires_at=now)).rowcount > 0

    def count(self, channel: str, held: HeldBack, *, told: bool) -> int:
        """Count what is held back from a channel now; return how much was since its last message.

        ``told`` says that it gets a message now, which tells so: the next count begins anew.
        """
        for id_, events in sorted(Counter(id_ for ids in held for id_ in ids).items()):
            this = update(mutes).where(mutes.c.id == int(id_))
            self._connection.execute(this.values(held=mutes.c.held + events))
        if told:
            return self._take(channel) + len(held)
        more = {"events": muted.c.events + len(held)}
        if held:
            upsert(self._connection, muted, {"channel": channel, "events": len(held)}, more)
        return 0

    def _take(self, channel: str) -> int:
        counted = select(muted.c.events).where(muted.c.channel == channel).with_for_update()
        found = self._connection.execute(counted).scalar_one_or_none() or 0
        if found:
            this = update(muted).where(muted.c.channel == channel)
            self._connection.execute(this.values(events=0))
        return found

    def _find(self, where: ColumnElement[bool]) -> tuple[Mute, ...]:
        query = select(mutes).where(where).order_by(mutes.c.id)
        return tuple(_mute(row) for row in self._connection.execute(query).mappings())


def _lasts(now: datetime) -> ColumnElement[bool]:
    return (mutes.c.created_at <= now) & (mutes.c.expires_at > now)


def _mute(row: RowMapping) -> Mute:
    values: dict[str, Any] = dict(row)
    kind = row["kind"]
    return Mute(**{**values, "id": str(row["id"]), "kind": Kind[kind.upper()] if kind else None})
