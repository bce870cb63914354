"""Health notices in words: what fails or works again, since when, and what to do."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta, tzinfo

from msgspec.structs import replace

from bot.core.aggregate import DATASET
from bot.core.alerts.message import RECOVERED, BoardInfo, Health
from bot.core.incidents import BOARD, HUB, SOURCE, TOKEN_REFUSED, UNREADABLE
from bot.core.render import numbers
from bot.core.render.clean import ERROR_LIMIT, clean
from bot.core.render.spans import Line, Page, Span, Spans, plain, strong
from bot.core.render.words.shared import board_name, moment

_NAMED_BOARDS = 3


def notice(type_: str, health: Health, endpoint: str, zone: tzinfo) -> Page:
    """Return the words for ``health.failing`` or ``health.recovered``."""
    recovered = type_ == RECOVERED
    title = f"{_subject(health, endpoint)} {_works(health) if recovered else _fails(health)}"
    counted = not (_is_token(health) or _is_rows(health) or health.subject == SOURCE)
    told = [_history(health, zone, recovered=recovered)] if counted else []
    if not recovered:
        error = (health.error or "").removeprefix(f"{UNREADABLE}: ")
        reason = clean(error, ERROR_LIMIT).rstrip(".")
        told += [(Span(reason),), (Span(_remedy(health)),)]
    sentences = [_sentence(spans) for spans in told if plain(spans)]
    boards = health.boards if len(health.boards) > 1 else ()
    return Page(
        head=(strong(title),),
        summary=" ".join([f"{title}{_named(boards, endpoint)}.", *map(plain, sentences)]),
        lines=(
            *(Line(story=spans) for spans in sentences),
            *(Line(mark="•", subject=board_name(board, endpoint)) for board in boards),
        ),
    )


def stranded(pending: Mapping[str, int], channels: Collection[str]) -> Iterator[str]:
    """Yield a sentence for each channel that is none of these and for which deliveries wait."""
    for channel, count in pending.items():
        if channel not in channels:
            what = numbers.plural(count, "delivery waits", "deliveries wait")
            yield f"{what} for {clean(channel)}, which is not configured any more"


def deferral(boards: Sequence[str], wait: timedelta) -> str:
    """Return the sentence for boards that the Hub's rate limit leaves for later."""
    what = numbers.plural(len(boards), "board is", "boards are")
    seconds = f"{wait.total_seconds():.0f} s"
    named = numbers.some([clean(board) for board in boards])
    return f"the Hub's rate limit is used up for {seconds}: {what} deferred: {named}"


def _is_token(health: Health) -> bool:
    return health.subject == HUB and (health.error or "").startswith(TOKEN_REFUSED)


def _is_rows(health: Health) -> bool:
    return health.subject == BOARD and (health.error or "").startswith(UNREADABLE)


def _sentence(spans: Spans) -> Spans:
    first = replace(spans[0], text=f"{spans[0].text[:1].upper()}{spans[0].text[1:]}")
    return (first, *spans[1:], Span("."))


def _subject(health: Health, endpoint: str) -> str:
    if health.subject == "channel":
        return f"Channel {clean(health.channel or '?')}"
    if health.subject == "delivery":
        return f"A delivery to channel {clean(health.channel or '?')}"
    if health.subject == "hub":
        return "The Hub"
    if health.subject == SOURCE:
        return f"The dataset {DATASET}"
    if len(health.boards) == 1:
        return f"Board {plain(board_name(health.boards[0], endpoint))}"
    return numbers.plural(len(health.boards), "board") if health.boards else "A board"


def _named(boards: tuple[BoardInfo, ...], endpoint: str) -> str:
    names = [plain(board_name(board, endpoint)) for board in boards]
    return f": {numbers.some(names, _NAMED_BOARDS)}" if names else ""


def _fails(health: Health) -> str:
    if _is_token(health):
        return "refuses the token"
    if _is_rows(health):
        return f"{'have' if health.boards[1:] else 'has'} rows that cannot be read"
    return {
        "channel": "cannot be reached",
        "delivery": "was given up",
        "hub": "gives no usable answers",
        SOURCE: "has stalled",
    }.get(health.subject, "cannot be polled")


def _works(health: Health) -> str:
    if _is_token(health):
        return "refuses no token any more"
    if _is_rows(health):
        return f"{'have' if health.boards[1:] else 'has'} no row any more that cannot be read"
    if health.subject == SOURCE:
        return "moves again"
    several = health.subject == "board" and len(health.boards) > 1
    return "work again" if several else "works again"


def _history(health: Health, zone: tzinfo, *, recovered: bool) -> Spans:
    if not health.failures:
        return ()
    failures = f"{'before that: ' * recovered}{numbers.plural(health.failures, 'failure')}"
    if health.since is None:
        return (Span(failures),)
    return (Span(f"{failures} since "), moment(health.since, zone))


def _remedy(health: Health) -> str:
    if health.subject != "delivery" or not health.delivery:
        return ""
    return f"send it again with: leaderboard-bot deliveries retry {clean(health.delivery)}"
