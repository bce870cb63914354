"""What the Hub said of models, remembered."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, func, select, true

from bot.core.board import ModelFacts
from bot.store.database.tables import boards, model_facts, models, rows
from bot.store.database.upsert import upsert
from bot.store.keys import name_models
from bot.store.paging import EVERY, Names

_RENAMED = select(models.c.name, models.c.renamed).where(models.c.renamed.is_not(None))


def ever_on(visible: Names) -> ColumnElement[bool]:
    """Select the models that ever had a row on a board of some benchmarks; with all, every one."""
    if visible.found is None:
        return true()
    had = select(rows.c.id).join(boards, boards.c.id == rows.c.board_id)
    these = (rows.c.model_id == models.c.id, visible.where(boards.c.benchmark))
    return had.where(*these).correlate(models).exists()


class Models:
    """What the Hub said of models, remembered."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def former(self) -> dict[str, tuple[str, ...]]:
        """Return the ids that models had before, by the id that each has now."""
        # Sorted here: for an order by name, SQLite would read every model.
        found: dict[str, list[str]] = {}
        for was, now in sorted(map(tuple, self._connection.execute(_RENAMED))):
            found.setdefault(now, []).append(was)
        return {now: tuple(names) for now, names in found.items()}

    def current(self, name: str, visible: Names = EVERY) -> str:
        """Return the id that a model has now, by any that it had; what nobody saw, as it is.

        As on the Hub, ids that differ by case alone are one. ``visible`` as in ``is_known``.
        """
        known = self.is_known(name, visible)
        seen = name if known else self._in_any_case(name, visible) or name
        return next((now for now, ids in self.former().items() if seen in ids), seen)

    def is_known(self, name: str, visible: Names = EVERY) -> bool:
        """Whether a model of this id was ever seen, on a board of a ``visible`` benchmark."""
        this = select(models.c.id).where(models.c.name == name, ever_on(visible))
        return self._connection.execute(this).first() is not None

    def facts(self, names: Collection[str]) -> dict[str, ModelFacts]:
        """Return what is remembered of these models.

        A size that a board's rows tell comes before one that was asked for.
        """
        these = models.c.name.in_(sorted(names))
        known = select(models.c.name, model_facts).join(
            model_facts, model_facts.c.model_id == models.c.id
        )
        facts = {
            row["name"]: ModelFacts(
                parameters=row["parameters"], created_at=row["created_at"], license=row["license"]
            )
            for row in self._connection.execute(known.where(these)).mappings()
        }
        sizes = (
            select(models.c.name, func.max(rows.c.parameters))
            .join(rows, rows.c.model_id == models.c.id)
            .where(these, rows.c.parameters.is_not(None))
            .group_by(models.c.name)
        )
        for model, parameters in self._connection.execute(sizes):
            facts[model] = replace(facts.get(model, ModelFacts()), parameters=parameters)
        return facts

    def remember(self, facts: Mapping[str, ModelFacts], now: datetime) -> None:
        """Remember what the Hub said of models."""
        name_models(self._connection, facts)
        for model, fact in sorted(facts.items()):
            values = {
                "model_id": select(models.c.id).where(models.c.name == model).scalar_subquery(),
                "parameters": fact.parameters,
                "created_at": fact.created_at,
                "license": fact.license,
                "asked_at": now,
            }
            upsert(self._connection, model_facts, values)

    def _in_any_case(self, name: str, visible: Names) -> str | None:
        same = func.lower(models.c.name) == name.lower()
        query = select(models.c.name).where(same, ever_on(visible)).order_by(models.c.id).limit(1)
        return self._connection.execute(query).scalar()
