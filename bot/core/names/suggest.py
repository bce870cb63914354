"""What people probably meant by a name that is not known."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from difflib import SequenceMatcher, get_close_matches

from bot.core.errors import ConfigError
from bot.core.render.clean import inert

_SLIP = 0.8
"""The likeness above which a word is another, mistyped."""

MOST = 3
"""How many names are suggested where several fit as well."""

FEW = 8
"""Up to how many names are all told where none is near."""

LEAST = 3
"""Letters from which on a part of a name stands for it."""

LIKENESS, PART_LIKENESS = 0.6, 0.65
"""How alike names have to be, from 0 (nothing in common) to 1; parts are short."""

NOTHING = '""'
"""How a name is shown that is empty, or of letters alone that cannot be shown."""

_OTHER_WORDS = {
    "leaderchange": "new_leader",
    "leadchange": "new_leader",
    "first": "new_leader",
    "new": "new_entry",
    "newmodel": "new_entry",
    "added": "new_entry",
    "rankup": "rank_change",
    "rankdown": "rank_change",
    "moved": "rank_change",
    "deleted": "removed",
    "gone": "removed",
    "back": "returned",
    "rename": "renamed",
    "*": "all",
    "any": "all",
    "everything": "all",
    "ok": "sent",
    "delivered": "sent",
    "done": "sent",
    "error": "failed",
    "waiting": "pending",
    "queued": "pending",
    "excel": "csv",
    "xlsx": "csv",
}
"""What other programs call a name that is known here, with neither case nor joints."""

_JOINTS = re.compile(r"[\s_*?-]+")
_PARTS = re.compile(r"[/#]")


def like(name: object, known: Iterable[str]) -> list[str]:
    """Return the known names that people may mean by ``name``, the likeliest first, three at most.

    That is the one that other programs call so; else the same one but for case, blanks, ``-`` and
    ``_``; else those of which it is a whole part, as of an id its namespace; else those that hold
    it; else the one that is most like it.
    """
    if not isinstance(name, str) or not name:
        return []
    wanted, folded = _folded(name), [(_folded(one), one) for one in sorted(known)]
    if other := [one for _, one in folded if one == _OTHER_WORDS.get(wanted or name)]:
        return other
    if not wanted:
        return []
    same = [one for text, one in folded if text == wanted]
    parts = [one for text, one in folded if wanted in _PARTS.split(text)]
    held = [one for text, one in folded if len(wanted) >= LEAST and wanted in text]
    fits = same[:1] or _best(wanted, parts) or _best(wanted, held)
    return fits or _alike(wanted, folded)


def same(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is meant but for case, blanks, ``-`` and ``_``; None if none is.

    The name itself comes before any other.
    """
    found = sorted(
        (one for one in known if _folded(one) == _folded(name)), key=lambda one: one != name
    )
    return next(iter(found), None)


def nearest(name: object, known: Iterable[str]) -> str | None:
    """Return the first of what ``like`` finds; None if that is nothing."""
    return next(iter(like(name, known)), None)


def is_like(word: str, other: str) -> bool:
    """Tell whether two words differ by a slip of the pen at most, and not by a number."""
    if re.sub(r"\D", "", word) != re.sub(r"\D", "", other):
        return False
    return SequenceMatcher(None, word.casefold(), other.casefold()).ratio() > _SLIP


def chosen(values: Iterable[str], allowed: Collection[str]) -> tuple[str, ...]:
    """Return the names of a list that may be repeated, and separated by commas; each once.

    Raises:
        ValueError: one is none of ``allowed``; the text is a sentence for people.
    """
    found: dict[str, None] = {}
    for part in (part.strip() for value in values for part in value.split(",")):
        meant = same(part, allowed)
        if meant is None:
            raise ValueError(f"{part!r}; {choose(part, allowed)}")
        found[meant] = None
    return tuple(found)


def choose(name: object, allowed: Collection[str]) -> str:
    """Return the advice for a name that is none of ``allowed``: what it may mean, or them all."""
    near = like(name, allowed)
    return f"did you mean {either(near)}?" if near else f"allowed: {', '.join(allowed)}"


def hint(name: str, known: Iterable[str], shown: Callable[[str], str] = inert) -> str:
    """Return ``; did you mean …?`` with the known names that may be meant; "" if there is none.

    ``shown`` gives the words for a name, harmless to show.
    """
    near = [shown(one) for one in like(name, known)]
    return f"; did you mean {_either(near)}?" if near else ""


def either(names: Iterable[str]) -> str:
    """Return names in quotes, the last after ``or``."""
    return _either([f'"{one}"' for one in names])


def unknown(name: str, what: str, known: Collection[str]) -> ConfigError:
    """Return the error for a name that stands for nothing; ``what`` says what it is not."""
    return ConfigError([f"{inert(name) or NOTHING}: {what}{advice(name, known)}"])


def advice(name: str, known: Collection[str]) -> str:
    """Return ``hint``, else all known names, as ``; there are a, b``; "" where they are many."""
    near = hint(name, known)
    if near or not 0 < len(known) <= FEW:
        return near
    there = "is" if len(known) == 1 else "are"
    return f"; there {there} {', '.join(map(inert, sorted(known)))}"


def _folded(name: str) -> str:
    return _JOINTS.sub("", name.casefold())


def _best(wanted: str, found: list[str]) -> list[str]:
    """Return the names most like a text, the likeliest first."""
    matcher = SequenceMatcher(b=wanted, autojunk=False)

    def unlikeness(one: str) -> tuple[float, str]:
        matcher.set_seq1(_folded(one))
        return -matcher.ratio(), one

    return sorted(found, key=unlikeness)[:MOST]


def _alike(wanted: str, folded: list[tuple[str, str]]) -> list[str]:
    """Return the name most like a text; for one without a namespace, its own part may be that."""
    whole = dict(folded)
    near = get_close_matches(wanted, whole, n=1, cutoff=LIKENESS)
    if near or "/" in wanted:
        return [whole[text] for text in near]
    own = {text.rpartition("/")[2]: one for text, one in folded}
    return [own[text] for text in get_close_matches(wanted, own, n=1, cutoff=PART_LIKENESS)]


def _either(names: list[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last
