"""What a text is by how it is written: an address, a mailbox, a name that has what it cannot."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

JOINERS = "\u200c\u200d"
"""Scripts and emoji need them, though nobody sees them."""


def is_url(written: str) -> bool:
    """Tell whether a text can be taken apart as an address, whatever its scheme."""
    try:
        urlsplit(written)
    except ValueError:
        return False
    return True


def is_http(written: str) -> bool:
    """Tell whether a text is an http or https address with a host."""
    try:
        parts = urlsplit(written)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def is_mail(written: str) -> bool:
    """Tell whether a text is the address of a mailbox, and nothing else."""
    return re.fullmatch(r"(mailto:)?[^\s@:/]+@[^\s@:/]+\.[a-zA-Z]+", written.strip()) is not None


def is_quoted(written: str) -> bool:
    """Tell whether a text has quotes around it, as where a shell or docker left them."""
    return len(written) > 1 and written[0] == written[-1] and written[0] in "\"'"


def unfit(written: str) -> str | None:
    """Say what a name cannot have of what a text has: what is not seen, spaces around it."""
    for char in written:
        if not char.isprintable() and char not in JOINERS:
            name = unicodedata.name(char, "a control character")
            return "a line break" if char in "\r\n" else f"U+{ord(char):04X} ({name.lower()})"
    return "spaces around it" if written != written.strip() else None
