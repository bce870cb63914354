"""What can happen to a leaderboard: the kinds of events, each with what is constant of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from msgspec import Struct

_MINUS = "\N{MINUS SIGN}"


class Measure(StrEnum):
    """What of a change a watch's threshold measures."""

    RANK = "rank"
    SCORE = "score"


class Traits(Struct, frozen=True, kw_only=True):
    """What is the same of all events of a kind; a kind must say each.

    ``mark`` is the sign before its line: an arrow takes the place of "•" where ``moves`` says that
    both ranks are shown. ``emoji`` is Slack's, "" for none. ``measure`` says which threshold of a
    watch holds for it, ``default`` whether a watch that names no kinds is told. ``sourced`` says
    whether people are shown where the result comes from.
    """

    mark: str
    emoji: str
    measure: Measure | None
    default: bool
    moves: bool
    sourced: bool


class Kind(StrEnum):
    """The kinds of events; a row gives at most one of the first six, the first that applies.

    ``traits`` are the constants of a kind, ``meaning`` says in a sentence when it happens, and
    ``place`` is its place in this list.
    """

    NEW_LEADER = (
        "new_leader",
        Traits(mark="★", emoji="trophy", measure=None, default=True, moves=True, sourced=True),
        "Another row leads than before: new, risen, or left in front.",
    )
    NEW_ENTRY = (
        "new_entry",
        Traits(mark="+", emoji="new", measure=None, default=True, moves=False, sourced=True),
        "A row that was not there.",
    )
    RETURNED = (
        "returned",
        Traits(mark="+", emoji="", measure=None, default=True, moves=False, sourced=True),
        "A row that was told as removed is back.",
    )
    RANK_CHANGE = (
        "rank_change",
        Traits(mark="•", emoji="", measure=Measure.RANK, default=True, moves=True, sourced=True),
        "A row's own score changed, and it passed others or was passed.",
    )
    SCORE_CHANGE = (
        "score_change",
        Traits(mark="•", emoji="", measure=Measure.SCORE, default=True, moves=True, sourced=True),
        "A row's own score changed, and nobody passed anybody.",
    )
    RANK_SHIFT = (
        "rank_shift",
        Traits(mark="•", emoji="", measure=Measure.RANK, default=False, moves=True, sourced=False),
        "Only others moved. Told of the models that a watch names; elsewhere one line counts them.",
    )
    VERIFIED = (
        "verified",
        Traits(mark="✓", emoji="", measure=None, default=True, moves=False, sourced=True),
        "The result was evaluated independently.",
    )
    UNVERIFIED = (
        "unverified",
        Traits(mark="✗", emoji="", measure=None, default=True, moves=False, sourced=True),
        "It no longer counts as that.",
    )
    PROVENANCE_CHANGE = (
        "provenance_change",
        Traits(mark="•", emoji="", measure=None, default=False, moves=False, sourced=True),
        "A community result was merged, or the source, the file or the notes changed.",
    )
    RENAMED = (
        "renamed",
        Traits(mark="•", emoji="", measure=None, default=True, moves=False, sourced=False),
        "The same row under a new id of its model, to which the Hub redirects the old one.",
    )
    RECOMPUTED = (
        "recomputed",
        Traits(mark="•", emoji="", measure=None, default=True, moves=False, sourced=False),
        "The board was scored anew: most rows have another score, in several polls in a row.",
    )
    UNSTABLE = (
        "unstable",
        Traits(mark="•", emoji="", measure=None, default=True, moves=False, sourced=False),
        "A row went back to what it was three times within 24 hours.",
    )
    REMOVED = (
        "removed",
        Traits(mark=_MINUS, emoji="", measure=None, default=True, moves=False, sourced=False),
        "A row is gone, in several polls in a row.",
    )
    NEW_BENCHMARK = (
        "new_benchmark",
        Traits(mark="+", emoji="", measure=None, default=True, moves=False, sourced=False),
        "A benchmark joined what a watch stands for.",
    )
    BENCHMARK_GONE = (
        "benchmark_gone",
        Traits(mark=_MINUS, emoji="", measure=None, default=True, moves=False, sourced=False),
        "A benchmark left it.",
    )

    traits: Traits
    meaning: str
    place: int

    @property
    def words(self) -> str:
        """What people call it: ``new leader``."""
        return self.value.replace("_", " ")

    def __new__(cls, value: str, traits: Traits, meaning: str) -> Self:
        """Make a member; what a kind does not say fails as the program is loaded."""
        kind = str.__new__(cls, value)
        kind._value_ = value
        kind.traits, kind.meaning, kind.place = traits, meaning, len(cls.__members__)
        return kind


DEFAULT_KINDS = frozenset(kind for kind in Kind if kind.traits.default)
"""What a watch without ``events`` wants; one with ``models`` wants ``rank_shift`` too."""
