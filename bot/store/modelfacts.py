"""What the Hub said of models, remembered."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from bot.core.model import ModelFacts
from bot.store.tables import model_facts
from bot.store.upsert import upsert


def known(connection: Connection, models: Collection[str]) -> dict[str, ModelFacts]:
    """See ``Outbox.facts``."""
    found = connection.execute(
        select(model_facts).where(model_facts.c.model.in_(sorted(models)))
    ).mappings()
    return {
        row["model"]: ModelFacts(
            parameters=row["parameters"], created_at=row["created_at"], license=row["license"]
        )
        for row in found
    }


def remember(connection: Connection, facts: Mapping[str, ModelFacts], now: datetime) -> None:
    """See ``Outbox.remember_facts``."""
    for model, fact in sorted(facts.items()):
        values = {
            "model": model,
            "parameters": fact.parameters,
            "created_at": fact.created_at,
            "license": fact.license,
            "asked_at": now,
        }
        upsert(connection, model_facts, values)
