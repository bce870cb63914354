"""What a text may hold that nobody sees: sequences that steer a terminal, invisible characters."""

from __future__ import annotations

import re
import unicodedata

SEQUENCES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor moves
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS …
    r"|\x1b[ -/]*[0-~]"
)
"""Escape sequences as terminals read them."""

_FILLERS = "\u115f\u1160\u3164\uffa0"
_MARKS = ("Cf", "Mn", "Me")


def is_unseen(char: str) -> bool:
    """Tell whether a character takes no place of its own: a control, an invisible one, a mark.

    White space is seen.
    """
    category = unicodedata.category(char)
    return (category in _MARKS or category == "Cc" or char in _FILLERS) and not char.isspace()
