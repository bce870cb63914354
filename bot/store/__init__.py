"""The database: snapshots and their history, events, the outbox, health."""

from bot.store.maintenance import (
    backup,
    check,
    open_dry,
    open_existing,
    open_store,
)
from bot.store.migrate import state, upgrade
from bot.store.store import Store
from bot.store.views import Pruned

__all__ = [
    "Pruned",
    "Store",
    "backup",
    "check",
    "open_dry",
    "open_existing",
    "open_store",
    "state",
    "upgrade",
]
