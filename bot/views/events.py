"""What was found: events as they are stored, as webhooks carry them, and in lines for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, groupby
from typing import NamedTuple

from msgspec import UNSET, Struct, structs

from bot.config import Settings
from bot.core.alerts.benchmarks import matches
from bot.core.alerts.message import BoardInfo, board_info
from bot.core.alerts.route import shifts
from bot.core.board import ModelFacts
from bot.core.events import RowName, StoredEvent
from bot.core.kinds import Kind
from bot.core.names.links import event_page
from bot.core.names.naming import Named, board_named, check_task, model_named
from bot.core.names.suggest import unknown
from bot.core.render.clean import inert
from bot.core.render.page import shifted
from bot.core.render.spans import Line, plain
from bot.core.render.words.lines import lines
from bot.core.tasks import About
from bot.store import Store
from bot.store.paging import EVERY, Names
from bot.views.reads.named import is_model, stands_for_models, unknown_model, unseen
from bot.views.reads.paging import event_pages
from bot.views.seen.info import board_infos
from bot.views.watches import known, meant, names

_NO_FACTS: Mapping[str, ModelFacts] = {}


class Filter(Struct, frozen=True, kw_only=True):
    """Which events: since when, of which benchmarks, their tasks, models (globs) and kinds."""

    since: datetime | None = None
    benchmark: str | None = None
    task: str | None = None
    model: str | None = None
    kinds: tuple[str, ...] = ()

    @property
    def folds(self) -> bool:
        """Whether ranks that only others moved are counted instead of listed."""
        return not self.kinds and not self.model


class EventLine(NamedTuple):
    """A line for people, below its poll's time and board."""

    at: datetime
    board: str
    kind: str
    text: str


def filter_of(
    store: Store,
    settings: Settings,
    *,
    since: datetime | None = None,
    benchmark: str | None = None,
    model: str | None = None,
    kinds: tuple[str, ...] = (),
    visible: Names = EVERY,
) -> Filter:
    """Return the filter that is meant by names as people give them.

    What is not of ``visible`` benchmarks is looked up as what is not there; who does not see all
    of them is not told whether there is a model.

    Raises:
        ConfigError: no such benchmark is watched or was seen; no such model was seen; what is no
            page on the Hub.
    """
    endpoint = settings.hub.endpoint
    named = board_named(benchmark, endpoint) if benchmark else Named("*")
    pattern = _model_meant(model, endpoint, store, visible) if model else None
    if benchmark:
        with store.read() as db:
            named = meant(named, known(db))
        _check_benchmark(named, settings, store, visible)
    if pattern and visible == EVERY:
        _check_model(pattern, store)
    return Filter(
        since=since,
        benchmark=named.benchmark if benchmark else None,
        task=named.task,
        model=pattern,
        kinds=kinds,
    )


def documents(
    store: Store, wanted: Filter, settings: Settings, limit: int | None = None
) -> Iterator[Iterable[dict[str, object]]]:
    """Return events as webhooks carry them, some at a time, the oldest first; each with its board.

    Of more than ``limit``, the newest.
    """
    with store.read() as db:
        about = known(db).about
    for page in _pages(store, wanted, limit):
        yield [document(one, settings, about(one.board)) for one in page]


def listing(store: Store, wanted: Filter, endpoint: str, most: int) -> list[EventLine]:
    """Return the newest lines, the oldest first, more than ``most`` where there are more.

    Several shifts of a poll are one line, its last, where the filter folds them.
    """
    limit = most
    while True:
        found = list(chain(*_pages(store, wanted, limit + 1)))
        polls = [list(poll) for _, poll in groupby(found, key=lambda one: (one.at, one.board))]
        complete = len(found) <= limit
        # The oldest poll may be cut, and its shifts would be miscounted.
        whole = polls if complete or not wanted.folds else polls[1:]
        with store.read() as db:
            infos = board_infos(db, endpoint, {poll[0].board for poll in whole})
        shown = [
            line
            for poll in whole
            for line in _told(poll, infos[poll[0].board], endpoint, fold=wanted.folds)
        ]
        if complete or not wanted.folds or len(shown) > most:
            return shown
        limit *= 4


def baseline(store: Store) -> datetime | None:
    """Return since when nothing has changed; None where something has, or nothing is stored."""
    with store.read() as db:
        return db.history.baseline()


def _check_benchmark(named: Named, settings: Settings, store: Store, visible: Names) -> None:
    """Refuse the name of a benchmark, or of a task of one, that is neither watched nor stored."""
    with store.read() as db:
        boards, listed = [view.key for view in db.boards.list_all()], known(db)
        watched = names(settings, db)
    seen = {*watched, *(key.benchmark for key in boards)}
    if visible.found is not None:
        seen = set(visible.found)
    meant = [name for name in seen if matches(named.benchmark, name)]
    if meant:
        mine = [key for key in boards if key.benchmark in meant]
        check_task(named, mine, [listed.tasks.get(name) for name in meant])
    elif visible != EVERY or not any(event_pages(store, benchmark=named.benchmark, limit=1)):
        refused = unseen if visible == EVERY else unknown
        raise refused(named.benchmark, "no benchmark that is watched or was seen", seen)


def _model_meant(written: str, endpoint: str, store: Store, visible: Names) -> str:
    """Return the model or glob that is meant; a name as it is written before it without blanks."""
    return written if is_model(store, written, visible) else model_named(written, endpoint)


def _check_model(pattern: str, store: Store) -> None:
    """Refuse the name or glob of models none of which was ever seen."""
    known = stands_for_models(store, pattern)
    if not known and not any(event_pages(store, model=pattern, limit=1)):
        raise unknown_model(store, pattern)


def _pages(store: Store, wanted: Filter, limit: int | None) -> Iterator[tuple[StoredEvent, ...]]:
    return event_pages(store, **structs.asdict(wanted), limit=limit)


def document(stored: StoredEvent, settings: Settings, about: About) -> dict[str, object]:
    """Return an event with its board, the time it was found, and its address where it has one."""
    fields = ((name, getattr(stored.event, name)) for name in stored.event.__struct_fields__)
    event = {name: value for name, value in fields if value is not UNSET}
    if settings.public_url is not None:
        event["page"] = event_page(settings.public_url, stored.event.id)
    board = board_info(stored.board, settings.hub.endpoint, about)
    return {**event, "board": board, "at": stored.at}


def _told(
    poll: Sequence[StoredEvent], info: BoardInfo, endpoint: str, *, fold: bool
) -> list[EventLine]:
    """Return the lines of one board and poll; several shifts are one line, the last."""
    moved = [one for one in poll if one.event.kind is Kind.RANK_SHIFT]
    folded = moved if fold and len(moved) > 1 else []
    at, board = poll[0].at, inert(info.shown.name)
    listed = [
        EventLine(at, board, one.event.kind.value, story(one, info, endpoint))
        for one in poll
        if not folded or one.event.kind is not Kind.RANK_SHIFT
    ]
    if folded:
        counted = shifted(shifts(one.event for one in folded))
        listed.append(EventLine(at, board, Kind.RANK_SHIFT.value, counted))
    return listed


def story(stored: StoredEvent, board: BoardInfo, endpoint: str) -> str:
    """Return the words that alerts have for an event of a board."""
    line = line_of(stored, board, endpoint)
    return f"{line.mark} {plain(line.subject)}{plain(line.story)}".strip()


def line_of(
    stored: StoredEvent,
    board: BoardInfo,
    endpoint: str,
    facts: Mapping[str, ModelFacts] = _NO_FACTS,
    leader: RowName | None = None,
) -> Line:
    """Return the line that alerts have for an event of a board; ``leader`` led that then."""
    (line,) = lines(board, (stored.event,), facts, endpoint, at=stored.at, leader=leader)
    return line
