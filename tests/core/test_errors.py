"""The family of exceptions is the one that its module draws."""

from __future__ import annotations

import re

from bot.core import errors


def test_the_tree_is_drawn_as_it_is() -> None:
    """Each exception stands in the docstring below the one that it is a kind of."""
    drawn: dict[str, str] = {}
    above: list[str] = ["Exception"]
    for indent, name in re.findall(r"^( *)\* ``(\w+)``", errors.__doc__ or "", re.MULTILINE):
        del above[len(indent) // 2 + 1 :]
        drawn[name] = above[-1]
        above.append(name)
    there = {
        name: one.__base__.__name__
        for name, one in vars(errors).items()
        if isinstance(one, type) and issubclass(one, Exception) and one.__base__
    }
    assert drawn == there
