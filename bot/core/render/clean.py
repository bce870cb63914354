"""Makes strangers' text harmless to show: one line, no control of the terminal or the page."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

SEQUENCES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor moves
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS …
    r"|\x1b[ -/]*[0-~]"
)
"""Escape sequences as terminals read them."""

NAME_LIMIT = 120
NOTE_LIMIT = 200
ERROR_LIMIT = 400
URL_LIMIT = 2_000

_FILLERS = "\u115f\u1160\u3164\uffa0"
_UNSEEN = ("Cf", "Mn", "Me")

_MOST_MARKS = 4
_LONGEST_CHARACTER = 30
_FLAGS = re.compile("[\U0001f1e6-\U0001f1ff]+$")
"""Letters of which two are one flag."""

_NO_CHARACTERS = "\ufffe\uffff"  # no XML can hold them
_JOINERS = "\u200c\u200d"  # scripts and emoji need them
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


def clean(text: str, limit: int = NAME_LIMIT) -> str:
    """Return ``text`` as one line of at most ``limit`` characters.

    Escape sequences and invisible format characters (bidi controls, zero-width ones) go, and so
    do marks past the fourth on a letter, and those on none; other controls, line ends and runs of
    spaces become one space; what is cut ends in "…".
    """
    if len(text) <= limit and _is_plain(text):
        return text
    kept = "".join(_shown(char) for char in SEQUENCES.sub("", text[: 20 * limit]))
    return shorten(" ".join("".join(_seemly(kept)).split()), limit)


def _is_plain(text: str) -> bool:
    """Tell whether nothing is to be done: most names are, and a page has thousands."""
    return text.isascii() and text.isprintable() and "  " not in text and text.strip() == text


def clean_whole(text: str, limit: int = NAME_LIMIT) -> str:
    """Return ``text`` as ``clean`` does, but cut in its middle: names differ at their ends."""
    most = 20 * limit
    kept = text if len(text) <= 2 * most else text[:most] + text[-most:]
    return cut_middle(clean(kept, max(len(kept), limit)), limit)


def seen(text: str | None) -> str:
    """Return what people see of a text: texts that look alike are the same then."""
    text = text or ""
    return unicodedata.normalize("NFC", clean(text, max(len(text), 1)))


def inert(text: str | None) -> str:
    """Return a stranger's text as one harmless line of at most ``NOTE_LIMIT`` characters."""
    return clean(text or "", NOTE_LIMIT)


def writable(text: str, encoding: str | None) -> str:
    """Return ``text`` with what a stream's encoding (by default UTF-8) does not have replaced."""
    encoding = encoding or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)


def is_unseen(char: str) -> bool:
    """Tell whether a character takes no place of its own: a control, an invisible one, a mark.

    White space is seen.
    """
    category = unicodedata.category(char)
    return (category in _UNSEEN or category == "Cc" or char in _FILLERS) and not char.isspace()


def shorten(text: str, limit: int) -> str:
    """Return ``text``, cut to ``limit`` code points with "…" as the last where it is longer.

    The cut is between what people see as characters, unless one is very long.
    """
    if len(text) <= limit:
        return text
    ends = range(limit - 1, max(limit - 1 - _LONGEST_CHARACTER, 0), -1)
    end = next((end for end in ends if _is_between(text, end)), limit - 1)
    return text[:end].rstrip() + "…"


def cut_middle(text: str, limit: int) -> str:
    """Return ``text``, where it is longer than ``limit`` code points with "…" for its middle."""
    if len(text) <= limit:
        return text
    head = shorten(text, (limit + 1) // 2)
    starts = range(len(text) - (limit - len(head)), len(text))
    start = next((start for start in starts if _is_between(text, start)), len(text))
    return head + text[start:].lstrip()


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
    if category == "Cs" or char in _NO_CHARACTERS:
        return "\N{REPLACEMENT CHARACTER}"
    return " " if category in ("Cc", "Zl", "Zp") else char


def _seemly(text: str) -> Iterator[str]:
    """Yield the characters without heaps of marks, and joiners only where they join."""
    marks = _MOST_MARKS
    before = " "
    for char, after in zip(text, f"{text[1:]} ", strict=False):
        if char in _JOINERS:
            kept = not before.isspace() and before not in _JOINERS and not after.isspace()
        elif unicodedata.category(char)[0] == "M":
            marks += 1
            kept = marks <= _MOST_MARKS
        else:
            marks = _MOST_MARKS if char.isspace() else 0
            kept = True
        if kept:
            before = char
            yield char


def _is_between(text: str, place: int) -> bool:
    """Tell whether one character that people see ends before ``place``, and another begins."""
    before, after = text[place - 1], text[place]
    joined = "\u200d" in (before, after) or after == "\u200c"
    if joined or unicodedata.category(after)[0] == "M" or "\U0001f3fb" <= after <= "\U0001f3ff":
        return False
    if "\u1160" <= after <= "\u11ff":  # the rest of a syllable in Hangul's letters
        return False
    flags = _FLAGS.search(text, 0, place)
    return not (flags and len(flags[0]) % 2 and _FLAGS.match(after))


def _ascii(part: str) -> str:
    return quote(part, safe="/%?=&:;,+~@$-_.!()*", errors="replace")
