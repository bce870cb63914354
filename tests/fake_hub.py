"""Builds leaderboard rows as the Hub's JSON, for the sample Hub to answer with."""

from __future__ import annotations

from typing import Any

from bot.demo.hub import EVERYTHING, LISTING, SampleHub
from bot.demo.profiles import author

__all__ = ["EVERYTHING", "LISTING", "SampleHub", "board", "entry"]

Json = dict[str, Any]


def entry(model: str, value: float, rank: int = 1, **fields: Any) -> Json:
    """Make a complete row; ``fields`` override its JSON keys or add some, None leaves one out."""
    row: Json = {
        "rank": rank,
        "modelId": model,
        "value": value,
        "verified": False,
        "filename": ".eval_results/results.yaml",
        "source": {"url": f"https://hub.test/{model}", "name": "Model Card", "isExternal": False},
        "author": author(model),
    }
    return {key: given for key, given in (row | fields).items() if given is not None}


def board(*rows: tuple[str, float], lower_is_better: bool = False, **fields: Any) -> list[Json]:
    """Make a board of (model, value) pairs, best first, ranked from 1; level ones keep order."""
    best_first = sorted(rows, key=lambda row: row[1] if lower_is_better else -row[1])
    return [
        entry(model, value, rank, **fields) for rank, (model, value) in enumerate(best_first, 1)
    ]
