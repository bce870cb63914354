"""A unit of work: everything that is stored, bound to one transaction."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.store.benchmarks import Lists
from bot.store.boards.boards import Boards
from bot.store.boards.history import History
from bot.store.boards.renames import Renames
from bot.store.boards.targets import Targets
from bot.store.events import Events
from bot.store.incidents import Incidents
from bot.store.models import Models
from bot.store.outbox.channels import Channels
from bot.store.outbox.deliveries import Deliveries
from bot.store.outbox.outbox import Outbox
from bot.store.upkeep import Upkeep


class Unit:
    """Everything that is stored, bound to one transaction that whoever opened it ends.

    Nothing here waits for anybody but the database. Every operation raises ``StoreError`` where
    that cannot be used.
    """

    def __init__(self, connection: Connection) -> None:
        self.incidents = Incidents(connection)
        self.targets = Targets(connection, self.incidents)
        self.events = Events(connection)
        self.boards = Boards(connection)
        self.renames = Renames(connection, self.boards, self.targets, self.events)
        self.history = History(connection)
        self.channels = Channels(connection)
        self.outbox = Outbox(connection, self.channels, self.incidents)
        self.deliveries = Deliveries(connection, self.channels, self.incidents)
        self.lists = Lists(connection)
        self.models = Models(connection)
        self.upkeep = Upkeep(connection)

    def owners(self) -> frozenset[str]:
        """Return who holds claims, or held ones that nobody has taken over since."""
        return self.targets.owners() | self.outbox.owners()

    def release(self, owner: str) -> None:
        """Give up an owner's claims of polls and deliveries, without an attempt counted."""
        self.outbox.release(owner)
        self.targets.release(owner)
