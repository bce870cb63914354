"""The official benchmarks as the Hub lists them, and which joined or left since the last list."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from msgspec import Struct

from bot.core.events import Event
from bot.core.kinds import Kind
from bot.core.process import NewId


class Benchmark(Struct, frozen=True, order=True):
    """An official benchmark as the Hub lists it; ``gated`` asks for a token with access."""

    id: str
    gated: bool = False


class ListChange(Struct, frozen=True, kw_only=True):
    """``kept`` is the list to believe now; the last three are for the next time.

    ``missing`` counts the lists in a row that lack one, ``doubted`` those in a row that were not
    believed, and ``lacking`` are those that all of these lacked.
    """

    kept: tuple[str, ...]
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    missing: Mapping[str, int] = {}
    doubted: int = 0
    lacking: tuple[str, ...] = ()


def compare_lists(
    known: Collection[str] | None,
    listed: Collection[str],
    *,
    missing: Mapping[str, int],
    doubted: int,
    lacking: Collection[str],
    confirm_removals: int,
) -> ListChange:
    """Compare the benchmarks known with a new list, as cautiously as rows of a board.

    A benchmark has left when ``confirm_removals`` lists in a row lack it. A list that is empty,
    or lacks more than half of those known, changes nothing until such a one was seen as often;
    then those have left that all of these lacked. ``known`` is null while no list was believed
    yet: the first one is, silently.
    """
    if known is None:
        doubtful = not listed and doubted + 1 < confirm_removals
        return ListChange(kept=tuple(sorted(listed)), doubted=doubted + 1 if doubtful else 0)
    gone = sorted(set(known) - set(listed))
    doubtful = 2 * len(gone) > len(known)
    surely = [name for name in gone if name in lacking or not doubted] if doubtful else []
    if doubtful and doubted + 1 < confirm_removals:
        return ListChange(
            kept=tuple(sorted(known)),
            missing=missing,
            doubted=doubted + 1,
            lacking=tuple(surely),
        )
    counts = {name: missing.get(name, 0) + 1 for name in gone}
    left = tuple(name for name in gone if name in surely or counts[name] >= confirm_removals)
    return ListChange(
        kept=tuple(sorted((set(known) | set(listed)) - set(left))),
        joined=tuple(sorted(set(listed) - set(known))),
        left=left,
        missing={name: count for name, count in counts.items() if name not in left},
    )


def benchmark_event(kind: Kind, url: str | None, new_id: NewId) -> Event:
    """Return the event of a benchmark that joined or left; its row fields are null."""
    return Event(id=new_id(), kind=kind, contains=(kind,), new=kind is Kind.NEW_BENCHMARK, url=url)
