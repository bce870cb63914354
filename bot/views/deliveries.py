"""Which deliveries people mean by what they write of their ids."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.delivery import State
from bot.core.errors import ConfigError
from bot.core.names.suggest import hint
from bot.core.render.clean import inert
from bot.store import Store
from bot.store.unit import Unit

SHORT_ID = len("msg_917c18d7")
"""How much of an id people are shown: enough to tell it, short enough for the other columns."""

_LISTED = "; `deliveries` lists them"


def meant(store: Store, written: Sequence[str]) -> set[str]:
    """Return the ids of the deliveries that are named: each whole, or as tables show it.

    Raises:
        ConfigError: one is unknown, or stands for several.
    """
    with store.read() as db:
        found = {one: _ids(db, one) for one in written}
        problems = [
            f"{inert(one)}: {len(ids)} deliveries begin so; write more of the id"
            if ids
            else f"{inert(one)}: no such delivery{hint(one, db.deliveries.ids()) or _LISTED}"
            for one, ids in found.items()
            if len(ids) != 1
        ]
        problems += [_told(db, ids[0]) for ids in found.values() if len(ids) == 1]
    if any(problems):
        raise ConfigError([problem for problem in problems if problem])
    return {name for (name,) in found.values()}


def _told(db: Unit, name: str) -> str:
    """Say which delivery told what one held; nothing where none did."""
    view = db.deliveries.one(name)
    if view is None or view.state != State.MERGED:
        return ""
    if view.merged_into is None:
        return f"{name}: there was nothing left of it to tell"
    return f"{name}: told by {view.merged_into}; name that one"


def _ids(db: Unit, text: str) -> list[str]:
    """Return the delivery whose id a text is; else those whose id it begins."""
    if db.deliveries.one(text):
        return [text]
    return list(db.deliveries.ids(text)) if len(text) >= SHORT_ID else []
