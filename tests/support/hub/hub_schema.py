"""The Hub's own description of its leaderboard answers, to check others against."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator

PATH = Path(__file__).parents[2] / "data" / "hub" / "leaderboard.schema.json"
VALIDATOR = Draft202012Validator(json.loads(PATH.read_text(encoding="utf-8")))


COUNT = re.compile(r'(?<="followerCount": )[0-9]+')
"""What differs between rows that are else the same: to judge each anew would take long."""


def problems(answer: object) -> list[str]:
    """Say where in a row, and why, an answer is none of the Hub; empty where it could be one."""
    if not isinstance(answer, list):
        return _said(answer)
    return [one for row in answer for one in _of_row(COUNT.sub("1", json.dumps(row)))]


@cache
def _of_row(row: str) -> list[str]:
    return _said([json.loads(row)])


def _said(answer: object) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(answer)]
