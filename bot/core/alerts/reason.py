"""Why a watch wants an event, or first why it does not: a name for each answer."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a channel is told of an event for a watch's sake, or the first reason why it is not.

    The first three are the reasons for.
    """

    WANTED = "wanted"
    """The watch wants it."""
    REVERSAL = "reversal"
    """It takes back what the channel was told of the row within a day: told whatever its kind."""
    RESTED = "rested"
    """The channel was told that the row is unstable; now it has rested: told whatever the kind."""
    OTHER_BOARD = "other_board"
    """The watch does not look at the board."""
    NAMED_EXACTLY = "named_exactly"
    """The watch names the benchmark itself, so it is no news that the Hub lists it or not."""
    OTHER_CHANNEL = "other_channel"
    """The watch tells other channels."""
    NO_MODEL = "no_model"
    """The watch names models, and the event is of none."""
    OTHER_MODEL = "other_model"
    """The watch names other models."""
    EXCLUDED_MODEL = "excluded_model"
    """The watch leaves the model out."""
    BELOW_TOP = "below_top"
    """The row stood below the watch's top before, and stands there after."""
    NOT_VERIFIED = "not_verified"
    """The watch wants verified rows, and the row was not and is not."""
    OTHER_KIND = "other_kind"
    """The watch wants none of the kinds that the event contains."""
    ONLY_SHIFTED = "only_shifted"
    """Only others moved, and the watch names no models."""
    ONLY_RECOMPUTED = "only_recomputed"
    """The board was scored anew, which is one event of its own, and the watch names no models."""
    LOOKS_THE_SAME = "looks_the_same"
    """The channel is for people, and what changed of where the result comes from shows nowhere."""
    KNOWN_ALREADY = "known_already"
    """The channel is for people, and the row stands as they were last told."""
    FEW_RANKS = "few_ranks"
    """The row moved fewer places than the watch's threshold."""
    SMALL_SCORE = "small_score"
    """The score changed by less than the watch's threshold."""
    MUTED = "muted"
    """The watch wants it, and a mute holds it back from the channel."""
    TOLD_TODAY = "told_today"
    """The channel is for people, and was told within a day that the board was scored anew."""
    NOT_HEARD = "not_heard"
    """The channel is for people, and was told nothing of the row that is unstable."""
    UNSTABLE = "unstable"
    """The watch wants it, and the channel was told that the row, or all that it is due to, is."""


FOR = frozenset({Reason.WANTED, Reason.REVERSAL, Reason.RESTED})
"""The reasons for."""

THRESHOLDS = frozenset({Reason.FEW_RANKS, Reason.SMALL_SCORE})
"""Too little happened, so far."""
