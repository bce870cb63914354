"""The Hub's own description of its leaderboard answers, to check others against."""

from __future__ import annotations

import json
from pathlib import Path

from jsonschema import Draft202012Validator

PATH = Path(__file__).parents[2] / "data" / "hub" / "leaderboard.schema.json"
VALIDATOR = Draft202012Validator(json.loads(PATH.read_text(encoding="utf-8")))


def problems(answer: object) -> list[str]:
    """Say where and why an answer is none that the Hub gives; empty where it could be."""
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(answer)]
