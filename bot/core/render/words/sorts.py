"""What an event is in a word, where several are counted and not told."""

from __future__ import annotations

from typing import assert_never

from bot.core.kinds import Kind


def sort_of(kind: Kind) -> str:  # noqa: PLR0911 - a case a kind
    """Return the word that follows a count of events: ``5 new``."""
    match kind:
        case Kind.NEW_LEADER:
            return "leading"
        case Kind.NEW_ENTRY | Kind.NEW_BENCHMARK:
            return "new"
        case Kind.RETURNED:
            return "back"
        case Kind.RANK_CHANGE | Kind.RANK_SHIFT:
            return "moved"
        case Kind.SCORE_CHANGE:
            return "rescored"
        case Kind.VERIFIED | Kind.UNVERIFIED | Kind.RENAMED | Kind.UNSTABLE:
            return kind.value
        case Kind.PROVENANCE_CHANGE:
            return "with another source"
        case Kind.RECOMPUTED:
            return "scored anew"
        case Kind.REMOVED | Kind.BENCHMARK_GONE:
            return "gone"
        case _:
            assert_never(kind)
