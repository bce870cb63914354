"""Builds leaderboard rows as the Hub's JSON, for the sample Hub to answer with."""

from __future__ import annotations

from typing import Any

from bot.demo.hub import EVERYTHING, LISTING, SampleHub
from bot.demo.profiles import author, flag

__all__ = ["EVERYTHING", "LISTING", "SampleHub", "board", "entry"]

Json = dict[str, Any]


def entry(
    model: str, value: float, rank: int = 1, *, verified: bool | None = False, **fields: Any
) -> Json:
    """Make a complete row; ``fields`` override its JSON keys or add some, None leaves one out.

    Where ``verified`` is false, the rows of some models say so and others leave the key out, as
    on the Hub.

    Raises:
        ValueError: ``taskId`` is given; on the Hub the task is what was asked for.
    """
    if "taskId" in fields:
        raise ValueError("rows carry no taskId: give each task rows of its own, by set_tasks")
    row: Json = {
        "rank": rank,
        "modelId": model,
        "author": author(model),
        "value": value,
        "filename": ".eval_results/results.yaml",
        "source": {"url": f"https://hub.test/{model}", "name": "Model Card", "isExternal": False},
    }
    if verified is not None:
        row |= flag(model, verified=verified)
    return {key: given for key, given in (row | fields).items() if given is not None}


def board(
    *rows: tuple[str, float], lower_is_better: bool | None = None, **fields: Any
) -> list[Json]:
    """Make a board of (model, value) pairs, best first, ranked from 1; level ones keep order.

    ``lower_is_better`` stands in every row, unless it is None: then none does, higher is better.
    """
    best_first = sorted(rows, key=lambda row: row[1] if lower_is_better else -row[1])
    fields["lower_is_better"] = lower_is_better
    return [
        entry(model, value, rank, **fields) for rank, (model, value) in enumerate(best_first, 1)
    ]
