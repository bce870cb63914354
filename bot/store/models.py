"""What the Hub said of models, remembered."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from msgspec.structs import replace
from sqlalchemy import Connection, func, select

from bot.core.board import ModelFacts
from bot.store.database.tables import model_facts, rows
from bot.store.database.upsert import upsert


class Models:
    """What the Hub said of models, remembered."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def facts(self, models: Collection[str]) -> dict[str, ModelFacts]:
        """Return what is remembered of these models.

        A size that a board's rows tell comes before one that was asked for.
        """
        known = select(model_facts).where(model_facts.c.model.in_(sorted(models)))
        facts = {
            row["model"]: ModelFacts(
                parameters=row["parameters"], created_at=row["created_at"], license=row["license"]
            )
            for row in self._connection.execute(known).mappings()
        }
        sizes = (
            select(rows.c.model, func.max(rows.c.parameters))
            .where(rows.c.model.in_(sorted(models)), rows.c.parameters.is_not(None))
            .group_by(rows.c.model)
        )
        for model, parameters in self._connection.execute(sizes):
            facts[model] = replace(facts.get(model, ModelFacts()), parameters=parameters)
        return facts

    def remember(self, facts: Mapping[str, ModelFacts], now: datetime) -> None:
        """Remember what the Hub said of models."""
        for model, fact in sorted(facts.items()):
            values = {
                "model": model,
                "parameters": fact.parameters,
                "created_at": fact.created_at,
                "license": fact.license,
                "asked_at": now,
            }
            upsert(self._connection, model_facts, values)
