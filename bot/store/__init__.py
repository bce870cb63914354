"""The database: snapshots and their history, events, the outbox, health."""

from bot.store.benchmarks import Discovery
from bot.store.boards.polls import BoardPoll, PollClaim, PollResult
from bot.store.database.copies.file import backup
from bot.store.database.engine import flaw
from bot.store.database.migrate import state, upgrade
from bot.store.database.sqlite.busy import waiting_until
from bot.store.maintenance import check, copy, open_dry, open_existing, open_store, refusal
from bot.store.outbox.attempts import Claimed, Settlement
from bot.store.store import Store
from bot.store.unit import Unit
from bot.store.upkeep import Chore, past, remains

__all__ = [
    "BoardPoll",
    "Chore",
    "Claimed",
    "Discovery",
    "PollClaim",
    "PollResult",
    "Settlement",
    "Store",
    "Unit",
    "backup",
    "check",
    "copy",
    "flaw",
    "open_dry",
    "open_existing",
    "open_store",
    "past",
    "refusal",
    "remains",
    "state",
    "upgrade",
    "waiting_until",
]
