"""What the Hub calls models now: asked in the poll that must know, for a moment and no longer."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from msgspec import Struct

from bot.core.alerts.watch import NO_FORMER, FormerIds
from bot.core.diff.renames import CurrentIds
from bot.core.errors import FetchError, UnknownBenchmarkError
from bot.core.events import Event
from bot.core.kinds import Kind
from bot.jobs.ask import Hub

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=3)
"""All that a poll asks of models takes no longer; what is not answered then is asked next time."""

AT_ONCE = 8
MOST_ASKED = 100


class ModelNames(Struct, frozen=True, kw_only=True):
    """What the Hub calls the models of a board that may be renamed, and the ids they had before."""

    current: CurrentIds = {}
    former: FormerIds = NO_FORMER


def current_ids(hub: Hub, models: Sequence[str]) -> dict[str, str]:
    """Ask what models are called now, and return it where the Hub says so in time.

    One that it does not know is called as before.
    """
    asked = models[:MOST_ASKED]
    if not asked:
        return {}
    until = time.monotonic() + PATIENCE.total_seconds()
    with ThreadPoolExecutor(min(AT_ONCE, len(asked))) as pool:
        found = pool.map(lambda model: _current_id(hub, model, until), asked)
        return {model: now for model, now in zip(asked, found, strict=True) if now}


def _current_id(hub: Hub, model: str, until: float) -> str | None:
    left = until - time.monotonic()
    if left <= 0:
        return None
    try:
        return hub.model_id(model, timedelta(seconds=left))
    except UnknownBenchmarkError:
        return model
    except FetchError as error:
        log.info("%s: what it is called now is not known: %s", model, error)
        return None


def former_after(former: FormerIds, events: Iterable[Event]) -> FormerIds:
    """Return the former ids of models after some events: more, and none that another model has.

    What these events call as before has its new id beside the former ones.
    """
    found = dict(former)
    taken: set[str | None] = set()
    for event in events:
        if event.kind is Kind.RENAMED and event.model and event.previous_model:
            was, now = event.previous_model, event.model
            found[now] = tuple(dict.fromkeys((*found.get(now, ()), was, *found.get(was, ()))))
            found[was] = (*found.get(was, ()), now)
        taken.add(event.model if event.new else None)
    return {now: [was for was in ids if was not in taken] for now, ids in found.items()}
