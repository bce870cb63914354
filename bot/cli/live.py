"""A board as the Hub tells it now, of any benchmark; nothing is stored."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from bot.cli.boards import Shown, choose, shown_board, shown_row
from bot.cli.stored import unknown
from bot.core.errors import UnknownBenchmarkError
from bot.core.model import BoardKey, Row
from bot.core.order import sort_key
from bot.core.variants import variants
from bot.ports import Fetched

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.hub.client import HubClient


def fetched(
    settings: Settings, benchmark: str, task: str | None, now: datetime, *, derived: bool
) -> Shown:
    """Ask the Hub for a board.

    Raises:
        ConfigError: the Hub knows no such benchmark, or the benchmark no such task.
        FetchError: the Hub gave no usable answer.
    """
    from bot.app import open_hub

    with open_hub(settings) as hub:
        name, found = _ask(hub, benchmark, derived=derived)
    keys = [BoardKey(name, one, derived) for one in found.answers] or [BoardKey(name)]
    key = choose(keys, task, derived=derived)
    results = sorted(found.answers[key.task].results, key=sort_key)
    rows = [Row(id=str(number), result=result) for number, result in enumerate(results)]
    named = variants(rows)
    shown = [shown_row(row.result, named[row.id], None) for row in rows]
    return shown_board(settings, key, now, shown)


def _ask(hub: HubClient, benchmark: str, *, derived: bool) -> tuple[str, Fetched]:
    try:
        return benchmark, _get(hub, benchmark, derived=derived)
    except UnknownBenchmarkError:
        official = {one.id for one in hub.benchmarks()}
    same = [name for name in official if name.casefold() == benchmark.casefold()]
    if not same or same == [benchmark]:
        raise unknown(benchmark, "the Hub has no such leaderboard", official - {benchmark})
    return same[0], _get(hub, same[0], derived=derived)


def _get(hub: HubClient, benchmark: str, *, derived: bool) -> Fetched:
    found = hub.leaderboard(benchmark, include_derived=derived, etag=None, digest=None)
    assert isinstance(found, Fetched), "nothing was shown that could be unchanged"
    return found
