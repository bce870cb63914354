"""What can happen to a leaderboard: the kinds of events."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """The kinds of events; a row gives at most one of the first six, the first that applies."""

    NEW_LEADER = "new_leader"
    NEW_ENTRY = "new_entry"
    RETURNED = "returned"
    RANK_CHANGE = "rank_change"
    SCORE_CHANGE = "score_change"
    RANK_SHIFT = "rank_shift"
    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    PROVENANCE_CHANGE = "provenance_change"
    REMOVED = "removed"
    NEW_BENCHMARK = "new_benchmark"
    BENCHMARK_GONE = "benchmark_gone"
