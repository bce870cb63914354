"""Takes secrets out of texts, whatever their shape and what invisible is between their letters."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from bot.core.render.clean import SEQUENCES, is_unseen
from bot.core.secret import shapes

SHORT = 8
"""Shorter secrets may be words or parts of words: they are masked where they stand alone."""

_SHORTEST_START = 4
_CHARACTER = re.compile(
    r"\\(?:u(?=[0-9a-fA-F]{4})|x)(?P<hex>(?<=u)[0-9a-fA-F]{4}|(?<=x)[0-9a-fA-F]{2})"
    r"|\\(?P<short>[bf])|.",
    re.DOTALL,
)
_SHORT_ESCAPES = {"b": "\b"}
_ALONE = r"(?<![\w-])(?<!\w\.){}(?!\.?[\w-])"


class Mask:
    """Puts ``instead`` in the place of every secret, longest first, and masks no mask.

    Does not know a secret that is encoded in an unusual way.
    """

    __slots__ = ("_instead", "_known", "_pattern")

    def __init__(self, secrets: Iterable[str], instead: str) -> None:
        found = {_bare(shape).text for secret in secrets for shape in shapes(secret)} - {""}
        self._known = sorted(found, key=lambda text: (-len(text), text))
        self._pattern = re.compile("|".join(map(_expression, self._known)) or "(?!)")
        self._instead = instead

    def __repr__(self) -> str:
        return "Mask()"

    def __call__(self, text: str) -> str:
        """Return the text without secrets."""
        if text.isascii() and text.isprintable() and "\\" not in text:
            return self._pattern.sub(lambda _: self._instead, text)
        # A sequence may stand between letters; what has the look of one may begin with a letter.
        masked = self._masked(text, _bare(text))
        bare = _bare(masked, sequences=True)
        return self._masked(masked, bare) if len(bare.text) < len(_bare(masked).text) else masked

    def start(self, text: str) -> str:
        """Return a text that may have been cut, without the start of a secret at its end."""
        bare = _bare(text)
        starts = (_overlap(bare.text, secret) for secret in self._known if len(secret) >= SHORT)
        longest = max(starts, default=0)
        return f"{text[: bare.spans[-longest][0]]}{self._instead}" if longest else text

    def _masked(self, text: str, bare: _Seen) -> str:
        made, end = "", 0
        for found in self._pattern.finditer(bare.text):
            made += text[end : bare.spans[found.start()][0]] + self._instead
            end = bare.spans[found.end() - 1][1]
        return made + text[end:]


class _Seen(Struct, frozen=True):
    """What is seen of a text: its characters, and where each began and ended."""

    text: str
    spans: tuple[tuple[int, int], ...]


def _read(text: str) -> _Seen:
    """Return a text with what is written out, as JSON and Python do, as what it stands for.

    Only where that is not seen: a secret's own escapes are shapes of it.
    """
    if "\\" not in text:
        return _Seen(text, tuple((place, place + 1) for place in range(len(text))))
    chars, spans = [], []
    for found in _CHARACTER.finditer(text):
        code = found["hex"] or found["short"]
        char = chr(int(code, 16)) if found["hex"] else _SHORT_ESCAPES.get(code or "", "")
        if char and is_unseen(char):
            chars.append(char)
            spans.append(found.span())
        else:
            chars += found[0]
            spans += [(place, place + 1) for place in range(*found.span())]
    return _Seen("".join(chars), tuple(spans))


def _bare(text: str, *, sequences: bool = False) -> _Seen:
    """Return a text without what nobody sees, escape sequences too if asked."""
    read = _read(text)
    hidden: set[int] = set()
    for found in SEQUENCES.finditer(read.text) if sequences else ():
        hidden.update(range(*found.span()))
    kept = [
        place
        for place, char in enumerate(read.text)
        if place not in hidden and (" " <= char <= "~" or not is_unseen(char))
    ]
    seen = "".join(read.text[place] for place in kept)
    return _Seen(seen, tuple(read.spans[place] for place in kept))


def _expression(secret: str) -> str:
    escaped = re.escape(secret)
    return escaped if len(secret) >= SHORT else _ALONE.format(escaped)


def _overlap(text: str, secret: str) -> int:
    """Return how many characters of a secret's start the text ends with; 0 where they are few."""
    longest = min(len(text), len(secret) - 1)
    lengths = range(longest, _SHORTEST_START - 1, -1)
    return next((length for length in lengths if text.endswith(secret[:length])), 0)
