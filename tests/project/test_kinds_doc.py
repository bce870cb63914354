"""Documents name the kinds of events as the program has them; UPDATE_DOCS=1 writes them anew."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from bot.core.kinds import DEFAULT_KINDS, Kind
from tests.support.golden import assert_file

ROOT = Path(__file__).parents[2]
LEFT_OUT = [kind.value for kind in Kind if not kind.traits.default and kind != Kind.RANK_SHIFT]
"""What only a watch that asks for it is told."""


def assert_made(path: Path, place: str, text: str) -> None:
    """Fail where what a file has at a place, a pattern, is not the text that is made for it."""
    held = path.read_text("utf-8")
    assert len(re.findall(place, held)) == 1, f"{path.name} has no such place"
    assert_file(path, re.sub(place, lambda _: text, held))


def quoted(names: list[str], mark: str = "`") -> list[str]:
    """Return names as code, or with another mark around them."""
    return [f"{mark}{name}{mark}" for name in names]


def test_the_reference_lists_every_kind_and_the_default_ones() -> None:
    """What a watch is told of without `events`, and what it can ask for."""
    made = (
        f"**Kinds.** {', '.join(quoted([*Kind]))}. The default is every kind but "
        f'{", ".join(quoted(LEFT_OUT))}; `"all"` is every kind. `rank_shift` is told only with '
        "`models`."
    )
    lines = textwrap.fill(made, 100, break_long_words=False, break_on_hyphens=False)
    place = r"(?<=\n\n)\*\*Kinds\.\*\* (?:.+\n)*.+(?=\n\n)"
    assert_made(ROOT / "docs" / "configuration.md", place, lines)


def test_the_example_says_which_kinds_are_told_by_default() -> None:
    """By those that are not."""
    names = ", ".join(LEFT_OUT)
    assert_made(ROOT / "config.example.toml", r"(?<=# default: every kind but )[a-z_, ]*", names)


def test_the_schema_of_webhooks_lists_every_kind() -> None:
    """The rest of it is written by hand."""
    names = textwrap.fill(", ".join(quoted([*Kind], '"')), 100 - 8)
    made = f'"kind": {{\n      "enum": [\n{textwrap.indent(names, 8 * " ")}\n      ]\n    }}'
    place = r'(?<=\n    )"kind": \{\n      "enum": \[[^]]*\]\n    \}'
    assert_made(ROOT / "docs" / "webhook.schema.json", place, made)


def test_a_watch_is_told_of_every_kind_but_changes_of_provenance() -> None:
    """And of shifts where it names models."""
    assert LEFT_OUT == ["provenance_change"]
    assert Kind.RANK_SHIFT not in DEFAULT_KINDS
