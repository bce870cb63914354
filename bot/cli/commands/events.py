"""``events``: what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import chain, groupby
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from bot.cli.session import Session
from bot.cli.terminal.options import Json, Since, listed, start_of
from bot.cli.terminal.output import say, show_table, when, write, write_json_list
from bot.cli.terminal.usage import Section
from bot.core.render.clean import inert

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.core.board import BoardKey
    from bot.core.events import StoredEvent
    from bot.store import Store

SECTION, PLACE = Section.LOOK, 4

MOST_SHOWN = 100
"""How many events people are shown without ``--limit``; programs get all."""


class Asked(NamedTuple):
    """Since when, of which benchmarks, of which of their tasks, of which models."""

    since: datetime | None = None
    benchmark: str | None = None
    task: str | None = None
    model: str | None = None


class Line(NamedTuple):
    """A line for people, below its poll's time and board."""

    at: datetime
    board: str
    kind: str
    text: str


def events(
    context: typer.Context,
    since: Since = None,
    benchmark: Annotated[
        str | None,
        typer.Option(metavar="GLOB", help="Only of these benchmarks; with #TASK, of this task."),
    ] = None,
    model: Annotated[str | None, typer.Option(metavar="GLOB", help="Only of these models.")] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND,...", help="Only these kinds, such as new_leader."),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Only the newest; default 100, all with --json."),
    ] = None,
    as_json: Json = False,
) -> None:
    """List what was found, the newest last.

    Ranks that only others moved are counted; --model or --kind rank_shift lists each.
    """
    from bot.app import now
    from bot.cli.stored import known as stored_knowledge
    from bot.cli.stored import opened
    from bot.core.kinds import Kind
    from bot.core.names.naming import Named, board_named, model_named

    kinds = listed(kind, [one.value for one in Kind], "--kind")
    session: Session = context.obj
    settings = session.settings()
    endpoint = settings.hub.endpoint
    named = board_named(benchmark, endpoint) if benchmark else Named("*")
    with opened(settings) as store:
        if benchmark:
            _check(named.benchmark, settings, store)
        asked = Asked(
            since=start_of(since, now()),
            benchmark=named.benchmark if benchmark else None,
            task=named.task,
            model=model_named(model, endpoint) if model else None,
        )
        if as_json:
            pages = _pages(store, asked, kinds, limit)
            count = stored_knowledge(store).count
            write_json_list((_listed(one, endpoint, count) for one in page) for page in pages)
            return
        fold = not kinds and not model
        lines = _lines(store, asked, kinds, limit or MOST_SHOWN, endpoint, fold=fold)
        baseline = None if kinds or any(asked) else store.baseline()
    _show(lines[-(limit or MOST_SHOWN) :], baseline)
    if len(lines) > (limit or MOST_SHOWN):
        say(f"these are the newest {limit or MOST_SHOWN}; --limit shows more")


def _check(benchmark: str, settings: Settings, store: Store) -> None:
    """Refuse the name of a benchmark that is neither watched nor stored."""
    from bot.cli.names import unknown
    from bot.cli.stored import names
    from bot.core.alerts.scope import matches

    known = names(settings, store) | {view.key.benchmark for view in store.boards()}
    if not any(matches(benchmark, name) for name in known) and not store.events(
        benchmark=benchmark, limit=1
    ):
        raise unknown(benchmark, "no benchmark that is watched or was seen", known)


def _pages(
    store: Store, asked: Asked, kinds: Sequence[str], most: int | None
) -> Iterator[tuple[StoredEvent, ...]]:
    """Return the newest events of these kinds, some at a time, the oldest first."""
    return store.event_pages(**asked._asdict(), kinds=kinds, limit=most)


def _listed(
    stored: StoredEvent, endpoint: str, count: Callable[[BoardKey], int | None]
) -> dict[str, object]:
    """Return an event as webhooks carry it, with its board and the time it was found."""
    from msgspec import UNSET

    from bot.core.alerts.message import board_info
    from bot.core.board import BoardKey

    fields = ((name, getattr(stored.event, name)) for name in stored.event.__struct_fields__)
    event = {name: value for name, value in fields if value is not UNSET}
    key = BoardKey(stored.benchmark, stored.task, stored.include_derived)
    board = board_info(key, endpoint, count(key))
    return {**event, "board": board, "at": stored.at}


def _lines(
    store: Store,
    asked: Asked,
    kinds: Sequence[str],
    most: int,
    endpoint: str,
    *,
    fold: bool,
) -> list[Line]:
    """Return the newest lines, more than ``most`` where there are more; shifts fold many events."""
    limit = most
    while True:
        found = list(chain(*_pages(store, asked, kinds, limit + 1)))
        polls = [list(poll) for _, poll in groupby(found, key=lambda one: (one.at, _board(one)))]
        complete = len(found) <= limit
        # The oldest poll may be cut, and its shifts would be miscounted.
        known = polls if complete or not fold else polls[1:]
        lines = [line for poll in known for line in _told(poll, endpoint, fold=fold)]
        if complete or not fold or len(lines) > most:
            return lines
        limit *= 4


def _told(poll: Sequence[StoredEvent], endpoint: str, *, fold: bool) -> list[Line]:
    """Return the lines of one board and poll; several shifts are one line, the last."""
    from bot.core.events import Shifted
    from bot.core.kinds import Kind
    from bot.core.render.page import shifted

    moved = [one for one in poll if one.event.kind is Kind.RANK_SHIFT]
    folded = moved if fold and len(moved) > 1 else []
    at, board = poll[0].at, _board(poll[0])
    lines = [
        Line(at, board, one.event.kind.value, _story(one, endpoint))
        for one in poll
        if not folded or one.event.kind is not Kind.RANK_SHIFT
    ]
    if folded:
        down = sum((one.event.rank.after or 0) > (one.event.rank.before or 0) for one in folded)
        counted = shifted(Shifted(down=down, up=len(folded) - down))
        lines.append(Line(at, board, Kind.RANK_SHIFT.value, counted))
    return lines


def _show(shown: Sequence[Line], baseline: datetime | None) -> None:
    if not shown:
        since = f"nothing has changed since the baseline of {when(baseline)}"
        say(since if baseline else "nothing was found that meets this")
        return
    for (at, board), found in groupby(shown, key=lambda line: (line.at, line.board)):
        write(f"{when(at)}  {board}\n")
        show_table(("", ""), [(f"  {line.kind:<17}", line.text) for line in found], head=False)


def _board(stored: StoredEvent) -> str:
    from bot.core.board import BoardKey

    return inert(BoardKey(stored.benchmark, stored.task, stored.include_derived).name)


def _story(stored: StoredEvent, endpoint: str) -> str:
    """Return the words that alerts have for an event."""
    from bot.core.alerts.message import BoardInfo
    from bot.core.render.lines import lines
    from bot.core.render.spans import plain

    board = BoardInfo(benchmark=stored.benchmark, task=stored.task)
    (line,) = lines(board, (stored.event,), {}, endpoint)
    return f"{line.mark} {plain(line.subject)}{plain(line.story)}".strip()
