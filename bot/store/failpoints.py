"""Failpoints around every statement, commit and rollback, where they are asked for."""

from __future__ import annotations

from sqlalchemy import Engine, event

from bot import failpoint


def install(engine: Engine) -> Engine:
    """Add the points to an engine; in normal use, return it as it is."""
    if failpoint.ARMED:
        event.listen(engine, "before_cursor_execute", _statement)
        # Before SQLite's own listener, which commits.
        event.listen(
            engine, "commit", lambda _: failpoint.hit("store: before a commit"), insert=True
        )
        event.listen(engine, "rollback", lambda _: failpoint.hit("store: before a rollback"))
        event.listen(engine, "checkin", lambda *_: failpoint.hit("store: after a transaction"))
    return engine


def _statement(_connection: object, _cursor: object, statement: str, *_: object) -> None:
    words = statement.split()
    near = next((words.index(w) + 1 for w in ("FROM", "INTO", "UPDATE") if w in words[:-1]), None)
    failpoint.hit(f"store: {words[0].lower()} {words[near] if near else ''}".rstrip())
