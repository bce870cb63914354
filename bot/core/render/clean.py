"""Makes strangers' text harmless to show: one line, no control of the terminal or the page."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit

from bot.core.unseen import SEQUENCES

NAME_LIMIT = 120
NOTE_LIMIT = 200
ERROR_LIMIT = 400
URL_LIMIT = 2_000

_JOINERS = "\u200c\u200d"  # scripts and emoji need them
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


def clean(text: str, limit: int = NAME_LIMIT) -> str:
    """Return ``text`` as one line of at most ``limit`` characters.

    Escape sequences and invisible format characters (bidi controls, zero-width ones) go; other
    controls, line ends and runs of spaces become one space; what is cut ends in "…".
    """
    kept = "".join(_shown(char) for char in SEQUENCES.sub("", text[: 20 * limit]))
    return shorten(" ".join(kept.split()), limit)


def shorten(text: str, limit: int) -> str:
    """Return ``text``, cut to ``limit`` characters with "…" as the last where it is longer."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def safe_url(url: str | None) -> str | None:
    """Return a stranger's link as plain ASCII, or None where it is not an http(s) address.

    Addresses with credentials, odd ports or hosts that are not ASCII names are refused: they are
    how links pretend to lead elsewhere.
    """
    if url is None or len(url) > URL_LIMIT:
        return None
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host) or "@" in parts.netloc:
        return None
    made = f"{parts.scheme}://{host}{f':{port}' if port else ''}{_ascii(parts.path)}"
    made += f"?{_ascii(parts.query)}" if parts.query else ""
    made += f"#{_ascii(parts.fragment)}" if parts.fragment else ""
    return made if len(made) <= URL_LIMIT else None


def host_of(url: str) -> str:
    """Return the host of an address that ``safe_url`` returned."""
    return urlsplit(url).hostname or ""


def _shown(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cf":
        return char if char in _JOINERS else ""
    if category == "Cs":
        return "\N{REPLACEMENT CHARACTER}"
    return " " if category in ("Cc", "Zl", "Zp") else char


def _ascii(part: str) -> str:
    return quote(part, safe="/%?=&:;,+~@$-_.!()*", errors="replace")
