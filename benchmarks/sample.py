"""The boards that are measured: rows as the Hub gives them, whole profiles included."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from bot.demo.profiles import organization, person

Json = dict[str, Any]

TASK = "accuracy"
EVAL_YAML = f"name: Sample\ntasks:\n  - id: {TASK}\n    config: default\n    split: test\n"

LEAP_FROM = 25
LEAP_OVER = 10
"""A change lifts a row from about the one place over the other."""

_FOLLOWERS = 8675309
"""Stands at the end of every number of followers until they are counted."""


def name(number: int) -> str:
    """Return a benchmark's id."""
    return f"lab-{number:04}/bench-{number:04}"


def template(number: int, rows: int, version: int, *, turned: bool) -> bytes:
    """Return a board as JSON, its followers not yet counted.

    Each ``version`` lifts one row over some others and keeps what the one before did. ``turned``
    gives every row the score of the one as far from the other end.
    """
    scores = [round(95 - 90 * place / rows, 3) for place in range(rows)]
    if turned:
        scores.reverse()
    for one in range(version):
        scores[(LEAP_FROM + one) % rows] = scores[LEAP_OVER % rows] + (one + 1) / 1000
    order = sorted(range(rows), key=lambda place: -scores[place])
    shown = [_row(number, place, rank, scores[place]) for rank, place in enumerate(order, 1)]
    return json.dumps(shown).encode()


def counted(board: bytes, followers: int) -> bytes:
    """Return a board with so many followers in each profile; nothing else differs."""
    return board.replace(b"%d" % _FOLLOWERS, b"%07d" % followers)


def _row(number: int, place: int, rank: int, score: float) -> Json:
    lab = f"org-{place % 17}"
    row: Json = {
        "rank": rank,
        "modelId": f"{lab}/model-{number}-{place}",
        "value": round(score, 3),
        "verified": place % 9 == 0,
        "filename": f".eval_results/bench-{number}.yaml",
        "author": _lab(lab),
        "num_parameters": 7_000_000_000 + place,
        "lower_is_better": False,
        "source": {
            "url": f"https://example.org/{lab}/model-{number}-{place}",
            "name": "Model Card",
            "isExternal": False,
            "author": _user(f"user-{place % 5}"),
        },
    }
    return row | ({"notes": "With tools"} if place % 4 == 0 else {})


@cache
def _lab(lab: str) -> Json:
    return _uncounted(organization(lab))


@cache
def _user(user: str) -> Json:
    return _uncounted(person(user))


def _uncounted(profile: Json) -> Json:
    return profile | {"followerCount": 10**7 * (profile["followerCount"] + 1) + _FOLLOWERS}
