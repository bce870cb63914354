"""Why a watch wants an event, or does not, in words."""

from __future__ import annotations

from typing import Literal, assert_never

from bot.core.alerts.reason import Reason

_OfChannel = Literal[
    Reason.REVERSAL,
    Reason.RESTED,
    Reason.LOOKS_THE_SAME,
    Reason.KNOWN_ALREADY,
    Reason.FEW_RANKS,
    Reason.SMALL_SCORE,
    Reason.MUTED,
    Reason.TOLD_TODAY,
    Reason.NOT_HEARD,
    Reason.UNSTABLE,
]
"""What is decided for a channel, whichever of its watches wants it."""


def reason(why: Reason) -> str:  # noqa: C901, PLR0911, PLR0912 - one line for each
    """Return the sentence for a reason, without its end; what it is said of comes before."""
    match why:
        case Reason.WANTED:
            return "it is wanted"
        case Reason.OTHER_BOARD:
            return "the watch does not look at this board"
        case Reason.NAMED_EXACTLY:
            return "the watch names the benchmark itself, so that the list is no news"
        case Reason.OTHER_CHANNEL:
            return "the watch tells other channels"
        case Reason.NO_MODEL:
            return "the watch is about models, and this is about none"
        case Reason.OTHER_MODEL:
            return "the watch names other models"
        case Reason.EXCLUDED_MODEL:
            return "exclude_models leaves the model out"
        case Reason.BELOW_TOP:
            return "the row stood below the watch's top, and still does"
        case Reason.NOT_VERIFIED:
            return "the watch wants verified rows, and this one was not and is not"
        case Reason.OTHER_KIND:
            return "the watch's events name none of its kinds"
        case Reason.ONLY_SHIFTED:
            return "only others moved, and the watch names no models"
        case Reason.ONLY_RECOMPUTED:
            return "the whole board was scored anew, which is told as one event"
        case _:
            return _of_channel(why)


def _of_channel(why: _OfChannel) -> str:  # noqa: C901, PLR0911 - one line for each
    """Return the sentence for what depends on who reads it, and on what that knows already."""
    match why:
        case Reason.REVERSAL:
            return "it takes back what the channel was told within a day"
        case Reason.RESTED:
            return "the row was unstable, and has not changed for 24 hours"
        case Reason.LOOKS_THE_SAME:
            return "what changed cannot be seen"
        case Reason.KNOWN_ALREADY:
            return "the row stands as the channel was last told"
        case Reason.FEW_RANKS:
            return "it moved fewer places than min_rank_change since the channel heard of it"
        case Reason.SMALL_SCORE:
            return "the score changed less than min_score_change since the channel heard of it"
        case Reason.MUTED:
            return "a mute held it back"
        case Reason.TOLD_TODAY:
            return "the channel was told within a day that the board was scored anew"
        case Reason.NOT_HEARD:
            return "the channel was told nothing of this row"
        case Reason.UNSTABLE:
            return "the channel was told that the row, or what moved it, is unstable"
        case unknown:
            assert_never(unknown)
