"""A digest in words: a short report, by what happened, over all boards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from itertools import chain

from msgspec import UNSET
from msgspec.structs import replace

from bot.core.alerts.message import BoardChange, Digest
from bot.core.events import Event, Leader, RowName
from bot.core.kinds import Kind
from bot.core.names import links
from bot.core.render import numbers
from bot.core.render.clean import clean
from bot.core.render.first import First
from bot.core.render.numbers import plural
from bot.core.render.spans import IT, Line, Page, Span, Spans, plain, strong, told_by
from bot.core.render.words.around import row_of
from bot.core.render.words.lines import lines
from bot.core.render.words.names import Names, rows_in
from bot.core.render.words.shared import board_name, listed, spoken_name

_LEADERS, _BOARDS, _UP, _NEW = "New leaders", "Boards", "Up", "New"
_DOWN, _RESCORED, _VERIFIED, _GONE, _ELSE = "Down", "New scores", "Verified", "Gone", "Also"
_SECTIONS = (_LEADERS, _BOARDS, _UP, _NEW, _DOWN, _RESCORED, _VERIFIED, _GONE, _ELSE)
_BY_MARK = {"▲": _UP, "▼": _DOWN}
_BY_SORT = {
    "leading": _LEADERS,
    "new": _NEW,
    "back": _NEW,
    "rescored": _RESCORED,
    "verified": _VERIFIED,
    "unverified": _VERIFIED,
    "gone": _GONE,
}
SCREENS = 3
"""A busy day fills so many screens of a phone."""


def digest_page(told: Digest, endpoint: str, zone: tzinfo) -> Page:
    """Return the words for a digest; times are those of ``zone``.

    A model that came to several boards is one paragraph. The head counts what the lines tell.
    """
    only = told.boards[0] if len(told.boards) == 1 else None
    found = _sections(told, endpoint)
    changes = plural(told_by(chain.from_iterable(found.values())), "change")
    where = spoken_name(only.board, endpoint) if only else plural(len(told.boards), "board")
    muted = f"{told.muted:,} more muted" if told.muted else ""
    lower = "lower is better" if only and only.board.lower_is_better else ""
    return Page(
        head=(Span(f"{changes} on {where}"),),
        summary=f"{changes} on {where}.{_first(found)}",
        lines=_in_sections(found, alone=only is not None),
        url=links.board_url(endpoint, only.board.shown) if only else None,
        footer=(
            *(Span(text) for text in (lower, muted) if text),
            Span(f"since {numbers.minute(told.since, zone)}"),
        ),
        screens=SCREENS,
    )


def _section(name: str, told: Sequence[Line], *, alone: bool) -> tuple[Line, ...]:
    title = "The board" if alone and name == _BOARDS else name
    return (Line(subject=(strong(title),), count=0), *told) if told else ()


def _in_sections(found: Mapping[str, Sequence[Line]], *, alone: bool) -> tuple[Line, ...]:
    each = (_section(name, found.get(name, ()), alone=alone) for name in _SECTIONS)
    return tuple(chain.from_iterable(each))


def _sections(told: Digest, endpoint: str) -> dict[str, list[Line]]:
    """Return the lines of all boards by what they tell."""
    boards = [_with_decimals(change) for change in told.boards]
    alone = len(boards) == 1
    names = Names(chain.from_iterable(map(rows_in, boards)), short=True)
    released = [] if alone else _released(boards)
    apart = {event.id for _, event in chain.from_iterable(released)}
    found: dict[str, list[Line]] = {}
    for group in released:
        found.setdefault(_NEW, []).append(_release(group, names, endpoint))
    for change in boards:
        events = [event for event in change.events if event.id not in apart]
        for name, line in _of_board(change, events, names, endpoint, alone=alone):
            found.setdefault(name, []).append(_on(line, change, endpoint, alone=alone))
    return found


def _of_board(
    change: BoardChange, events: Sequence[Event], names: Names, endpoint: str, *, alone: bool
) -> Iterator[tuple[str, Line]]:
    """Yield the lines of a board, each with its section; ``events`` are told here."""
    led, first = change.leader, First(change, names)
    leader = RowName(led.model, led.variant) if led else None
    now, at = [*first.now(always=alone)], change.snapshot_at
    for line in lines(
        change.board,
        events,
        {},
        endpoint,
        at=at,
        names=names,
        leader=leader,
        distances=not now,
    ):
        yield _of(line), line
    if led and change.told_leader_at and not _is_perhaps_renamed(led, events):
        yield _LEADERS, _still_leads(change, led, first, names, endpoint)
    if change.told_anew_at:
        yield _BOARDS, _anew(change, names)
    for line in first.crossed():
        yield _BY_MARK.get(line.mark, _BOARDS), line
    for line in now:
        yield _BOARDS, line


def _is_perhaps_renamed(led: Leader, events: Iterable[Event]) -> bool:
    """Tell whether another line says that the leader is perhaps a row that led before."""
    return any(event.perhaps_renamed_to == led.model for event in events)


def _still_leads(
    change: BoardChange, led: Leader, first: First, names: Names, endpoint: str
) -> Line:
    """Return the line of a new leader of which was told at once."""
    row = RowName(led.model, led.variant)
    subject = Span(names(row), links.model_url(endpoint, led.model), True)
    level = listed(" shares the lead with ", tuple(first.level()), names)
    score = Span(numbers.number(led.score, change.board.decimals or 0), None, True)
    story = Span(f"{level}: " if level else " leads with ")
    emoji = Kind.NEW_LEADER.traits.emoji
    return Line(mark="★", emoji=emoji, subject=(subject,), story=(story, score), count=0)


def _anew(change: BoardChange, names: Names) -> Line:
    """Return the line of a board of which was told at once that it was scored anew."""
    led = change.leader if not change.told_leader_at else None
    score = numbers.number(led.score, change.board.decimals or 0) if led else ""
    leads = f"; {names(RowName(led.model, led.variant))} leads with {score}" if led else ""
    story = (Span(f" was scored anew{leads}"),)
    return Line(mark="•", of_board=True, subject=IT, story=story, count=0)


def _with_decimals(change: BoardChange) -> BoardChange:
    """Return a change of a board whose scores are all written alike."""
    if change.board.decimals is not UNSET:
        return change
    pairs = (pair for event in change.events for pair in (event.score.before, event.score.after))
    scores = [*pairs, *(one.score for one in change.placed or ())]
    decimals = numbers.usual_decimals(score for score in scores if score is not None)
    return replace(change, board=replace(change.board, decimals=decimals))


def _of(line: Line) -> str:
    """Return the section that a line belongs to."""
    if line.of_board:
        return _BOARDS
    if line.sort == "moved":
        return _DOWN if line.mark.startswith("▼") else _UP
    return _BY_SORT.get(line.sort, _ELSE)


def _on(line: Line, change: BoardChange, endpoint: str, *, alone: bool) -> Line:
    """Return a line that says on which board it is, unless all are on the same."""
    if alone:
        return line
    if line.subject == IT:
        return replace(line, subject=_board(change, endpoint, bold=True))
    return replace(line, details=(_board(change, endpoint), *line.details))


def _board(change: BoardChange, endpoint: str, *, bold: bool = False) -> Spans:
    """Return a board's own name, if it has one, with its task."""
    board = change.board
    url = links.board_url(endpoint, board.shown)
    own, task = clean(board.name or ""), board.shown.task
    if own:
        return (Span(f"{own} ({clean(task)})" if task else own, url, bold),)
    return tuple(replace(span, bold=bold) for span in board_name(board, endpoint))


Entry = tuple[BoardChange, Event]


def _released(boards: Iterable[BoardChange]) -> list[list[Entry]]:
    """Return the arrivals of models that came to several boards, a group each."""
    came = [
        (board, event)
        for board in boards
        for event in board.events
        if event.kind is Kind.NEW_ENTRY and event.rank.after and event.model
    ]
    count = Counter(model for model, _ in {(event.model, board.board.key) for board, event in came})
    models = [model for model, several in count.items() if several > 1]
    return [[one for one in came if one[1].model == model] for model in sorted(models, key=str)]


def _release(group: Sequence[Entry], names: Names, endpoint: str) -> Line:
    """Return the paragraph of a model that came to several boards, the best place first."""
    first = group[0][1]
    url = links.model_url(endpoint, first.model or "")
    placed = sorted(group, key=lambda entry: entry[1].rank.after or 0)
    boards = len({board.board.key for board, _ in group})
    return Line(
        mark="+",
        emoji=Kind.NEW_ENTRY.traits.emoji,
        subject=(Span(names.parts(row_of(first))[0], url, True),),
        story=(Span(f" enters {plural(boards, 'board')}"),),
        details=tuple(_place(board, event, endpoint) for board, event in placed),
        count=len(group),
        sort="new",
    )


def _place(board: BoardChange, event: Event, endpoint: str) -> Spans:
    score = event.score.after
    decimals = board.board.decimals or 0
    with_ = f" with {numbers.number(score, decimals)}" if score is not None else ""
    variant = f" ({clean(event.variant)})" if event.variant else ""
    return (Span(f"#{event.rank.after} on "), *_board(board, endpoint), Span(f"{with_}{variant}"))


def _first(found: Mapping[str, Sequence[Line]]) -> str:
    """Return what is told first as a sentence that says on which board."""
    told = next((found[name][0] for name in _SECTIONS if found.get(name)), None)
    if told is None:
        return ""
    of_one = told.details and not told.of_board and told.details[0][0].url
    on = plain(told.details[0]) if of_one else ""
    return f" {on}: {told.sentence}." if on else f" {told.sentence}."
