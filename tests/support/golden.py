"""Golden files: what is made is compared with what people have reviewed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[1] / "data" / "golden"


def assert_golden(name: str, value: Any) -> None:
    """Fail where ``value`` is not what the golden file holds; ``UPDATE_DOCS=1`` rewrites it."""
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    assert_file(DATA / name, text)


def assert_file(path: Path, text: str) -> None:
    """Fail where the file does not hold ``text``; ``UPDATE_DOCS=1`` rewrites it."""
    if os.environ.get("UPDATE_DOCS") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    held = path.read_text(encoding="utf-8") if path.exists() else ""
    assert held == text, f"{path.name} is not current: run the tests with UPDATE_DOCS=1"
