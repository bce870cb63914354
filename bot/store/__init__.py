"""The database: snapshots and their history, events, the outbox, health."""

from bot.store.database.copies import backup
from bot.store.database.migrate import state, upgrade
from bot.store.maintenance import check, open_dry, open_existing, open_store
from bot.store.store import Store
from bot.store.unit import Unit
from bot.store.upkeep import Chore, Key, past, remains
from bot.store.views import Pruned

__all__ = [
    "Chore",
    "Key",
    "Pruned",
    "Store",
    "Unit",
    "backup",
    "check",
    "open_dry",
    "open_existing",
    "open_store",
    "past",
    "remains",
    "state",
    "upgrade",
]
