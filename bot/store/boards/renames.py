"""Boards under other names: of a task that is known at last, of an id that the Hub redirects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from bot.core.board import BoardKey
from bot.store.boards.boards import Boards
from bot.store.boards.targets import Targets
from bot.store.database.tables import boards, events, rows
from bot.store.events import Events
from bot.store.keys import BY_KEY, key_of, number_of


class Renames:
    """Gives boards other names, with all that is stored of them, silently.

    That is what is watched, their rows, events and failures.
    """

    def __init__(
        self, connection: Connection, boards: Boards, targets: Targets, events: Events
    ) -> None:
        self._connection = connection
        self._boards = boards
        self._targets = targets
        self._events = events

    def name_tasks(self, named: Mapping[str, str], at: datetime) -> None:
        """Make the boards that have no task those of the task that is given by benchmark."""
        bare = (boards.c.task == "", boards.c.benchmark.in_(named))
        query = select(boards.c.benchmark).where(*bare).distinct().order_by(boards.c.benchmark)
        for benchmark in self._connection.execute(query).scalars().all():
            self.name_task(benchmark, named[benchmark], at)

    def name_task(self, benchmark: str, task: str, at: datetime) -> None:
        """Make the boards of a benchmark that have no task those of ``task``.

        Where that task has a board already, the one without a task ends.
        """
        for derived in (False, True):
            bare = BoardKey(benchmark, None, derived)
            board = BoardKey(benchmark, task, derived)
            if number_of(self._connection, board) is not None:
                self._boards.end(bare, at)
            elif number_of(self._connection, bare) is not None:
                self._targets.rename(bare, board)
                self._events.give_back(board, bare)

    def move(self, was: str, now: str, at: datetime) -> None:
        """Make the boards of a benchmark those of the id that it has now.

        Where a board of that id was seen already, the old one ends.
        """
        query = select(boards.c.id, *BY_KEY).where(boards.c.benchmark == was).order_by(*BY_KEY)
        for found in self._connection.execute(query).mappings().all():
            old = key_of(found)
            new = BoardKey(now, old.task, old.include_derived)
            if self._take_place(found["id"], new):
                self._targets.rename(old, new)
            else:
                self._boards.end(old, at)

    def _take_place(self, number: int, key: BoardKey) -> bool:
        """Make room for a board under another name; False where that one has had rows."""
        there = number_of(self._connection, key)
        if there is None:
            return True
        seen = select(rows.c.id).where(rows.c.board_id == there).limit(1)
        if self._connection.execute(seen).first():
            return False
        of_it = update(events).where(events.c.board_id == there)
        self._connection.execute(of_it.values(board_id=number))
        self._connection.execute(delete(boards).where(boards.c.id == there))
        return True
