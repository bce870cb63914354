"""A unit of work: everything that is stored, bound to one transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.store.benchmarks import Lists
from bot.store.boards.boards import Boards
from bot.store.boards.history import History
from bot.store.boards.leads import Leads
from bot.store.boards.news import News
from bot.store.boards.renames import Renames
from bot.store.boards.standing import Standings
from bot.store.boards.targets import Targets
from bot.store.events import Events
from bot.store.incidents import Incidents
from bot.store.models import Models
from bot.store.noise.memory import MemoryOfRows
from bot.store.noise.mutes import Mutes
from bot.store.noise.reports import Reports
from bot.store.outbox.channels import Channels
from bot.store.outbox.deliveries import Deliveries
from bot.store.outbox.outbox import Outbox
from bot.store.outbox.windows import Windows
from bot.store.processes import Processes
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
        self.leads = Leads(connection)
        self.news = News(connection)
        self.boards = Boards(connection)
        self.standings = Standings(connection)
        self.renames = Renames(connection, self.boards, self.targets, self.events)
        self.history = History(connection)
        self.channels = Channels(connection)
        self.outbox = Outbox(connection, self.channels, self.incidents)
        self.windows = Windows(connection)
        self.deliveries = Deliveries(connection, self.channels, self.incidents)
        self.lists = Lists(connection)
        self.models = Models(connection)
        self.mutes = Mutes(connection)
        self.memory = MemoryOfRows(connection)
        self.reports = Reports(connection)
        self.processes = Processes(connection)
        self.upkeep = Upkeep(connection)

    def owners(self) -> frozenset[str]:
        """Return who is at work or holds claims, or did when its end came."""
        return self.targets.owners() | self.outbox.owners() | self.processes.owners()

    def at_work(self, now: datetime) -> frozenset[str]:
        """Return who holds claims that last, or was seen at work lately."""
        seen = {one.owner for one in self.processes.all() if one.at_work(now)}
        return self.targets.owners(now) | self.outbox.owners(now) | seen

    def release(self, owner: str) -> None:
        """Note an owner's end, and give up its claims of polls and deliveries.

        No attempt is counted.
        """
        self.outbox.release(owner)
        self.targets.release(owner)
        self.processes.end(owner)
