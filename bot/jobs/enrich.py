"""What people like to know of new models: asked of the Hub, remembered, never waited for long."""

from __future__ import annotations

import logging
from datetime import timedelta

from bot.core.alerts.message import Message, events_of
from bot.core.board import ModelFacts
from bot.core.errors import FetchError
from bot.core.process import Clock
from bot.jobs.ask import Hub
from bot.jobs.commit import commit
from bot.store import Store

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=3)
"""All look-ups for one message take no longer than this; what is missing then is left out."""

MOST_MODELS = 5


class Enricher:
    """Finds the facts that a message for people mentions. Never raises for want of facts."""

    def __init__(self, store: Store, hub: Hub, clock: Clock) -> None:
        self._store = store
        self._hub = hub
        self._clock = clock

    def facts(self, message: Message) -> dict[str, ModelFacts]:
        """Return what is known of the message's new models, by model id."""
        models = _new_models(message)
        with self._store.read() as db:
            known = db.models.facts(models)
        deadline = self._clock() + PATIENCE
        found: dict[str, ModelFacts] = {}
        for model in [m for m in models if m not in known][:MOST_MODELS]:
            left = deadline - self._clock()
            if left <= timedelta(0):
                break
            try:
                found[model] = self._hub.model_facts(model, left)
            except FetchError as error:
                log.info("no facts on %s: %s", model, error)
        if found:
            now = self._clock()
            commit(self._store, lambda db: db.models.remember(found, now))
        return {**known, **found}


def _new_models(message: Message) -> list[str]:
    return list(dict.fromkeys(e.model for e in events_of(message) if e.new and e.model))
