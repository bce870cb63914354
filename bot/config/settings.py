"""What the program runs with: the valid file, with every default put in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from msgspec import Struct

from bot.channels.base import ChannelTable
from bot.channels.console import Console
from bot.config.tables import DEFAULT_CHANNEL, Database, File, Health, Hub, Poll, WatchTable, Web
from bot.config.types import ALL, in_folder, opens_nothing, place_of
from bot.core.alerts.benchmarks import OFFICIAL
from bot.core.alerts.watch import Watch
from bot.core.board import BoardKey
from bot.core.kinds import DEFAULT_KINDS, Kind
from bot.core.secret import Secret
from bot.core.timing.window import NOW, Timing
from bot.fields import Table, parts

DEFAULT_TOP = 10
"""The ranks that count where no watch says what does."""


SHORTEST_PART = 16
"""Shorter parts of an address may be words, which logs are full of."""


class Settings(Struct, frozen=True, kw_only=True):
    """A whole configuration; every name in it exists, every path is absolute.

    ``source`` is the file it was read from, null for the built-in default. There is at least one
    watch and one channel; ``health`` says whom to tell,
    ``web`` is null without a page. ``channels`` keep the order of the file.
    ``directions`` say whether a higher score is better, by ``namespace/name`` or
    ``namespace/name#task`` in lower case.
    """

    source: Path | None
    hub: Hub
    database: Database
    poll: Poll
    watches: tuple[Watch, ...]
    channels: Mapping[str, ChannelTable]
    directions: Mapping[str, bool]
    health: Health
    web: Web | None = None

    @property
    def split(self) -> frozenset[str]:
        """The channels that take what is too large for one body in parts."""
        return frozenset(name for name, channel in self.channels.items() if channel.in_parts)

    @property
    def public_url(self) -> str | None:
        """Where the page is for those who read alerts and feeds; None where that is not said."""
        return self.web.public_url if self.web else None

    def timing(self, channel: str) -> Timing:
        """Return when a channel is told; at once where it is none of these."""
        table = self.channels.get(channel)
        return table.timing if table else NOW

    def direction(self, board: BoardKey, former: Sequence[str] = ()) -> bool | None:
        """Return what people said of a board: of this task before all tasks of its benchmark.

        ``former`` are ids under which they may have named the benchmark.
        """
        names = (board.benchmark, *former)
        written = [*(f"{name}#{board.task}" for name in names), *names]
        said = (self.directions.get(name.casefold()) for name in written)
        return next((one for one in said if one is not None), None)

    def origin(self) -> str:
        """Say which configuration and which database these are, without a password."""
        source = self.source or "the built-in default, for no file was found"
        return f"configuration: {source}; database: {place_of(self.database.url)}"

    def secrets(self) -> tuple[str, ...]:
        """Return every text that no log may show, the longest first; parts of addresses too."""
        own = (getattr(self, name) for name in self.__struct_fields__)
        tables = (*self.channels.values(), *(table for table in own if isinstance(table, Table)))
        found: set[str] = set()
        for value in (value for table in tables for _, value in table):
            for item in value if isinstance(value, tuple) else (value,):
                if isinstance(item, Secret) and not opens_nothing(item):
                    found |= parts(item.reveal(), SHORTEST_PART)
        return tuple(sorted(found, key=lambda text: (-len(text), text)))


def settle(file: File, source: Path | None, folder: Path) -> Settings:
    """Return the settings that a valid file stands for; relative paths start at ``folder``."""
    channels: dict[str, ChannelTable] = dict(file.channels)
    if not channels:
        channels[DEFAULT_CHANNEL] = Console(type="console")
    names = tuple(channels)
    usual = Watch(name=OFFICIAL, benchmarks=(OFFICIAL,), top=DEFAULT_TOP, channels=names)
    url = in_folder(file.database.url, folder)
    return Settings(
        source=source,
        hub=file.hub,
        database=file.database.model_copy(update={"url": url}),
        poll=file.poll,
        watches=tuple(_watch(watch, names) for watch in file.watch) or (usual,),
        channels=MappingProxyType(channels),
        directions=MappingProxyType(_directions(file)),
        health=_health(file.health or Health(), channels),
        web=file.web,
    )


def _directions(file: File) -> dict[str, bool]:
    return {
        name.casefold(): table.higher_is_better
        for name, table in file.benchmarks.items()
        if table.higher_is_better is not None
    }


def _health(table: Health, channels: Mapping[str, ChannelTable]) -> Health:
    """Put in whom to tell where nobody was named: the first channel of a kind meant for it."""
    if table.notify is not None:
        return table
    told = (name for name, channel in channels.items() if channel.hears_of_failures)
    return table.model_copy(update={"notify": tuple(islice(told, 1))})


def _watch(table: WatchTable, channels: tuple[str, ...]) -> Watch:
    """Return the rule of a watch, which takes what its table has by the same name."""
    same = {key: value for key, value in table if key not in ("events", "notify")}
    notify = channels if table.notify is None else tuple(dict.fromkeys(table.notify))
    own = {"models": table.models or (), "kinds": _kinds(table), "channels": notify}
    return Watch(**same | own)


def _kinds(table: WatchTable) -> frozenset[Kind]:
    shifts = frozenset({Kind.RANK_SHIFT}) if table.models else frozenset()
    if table.events is None:
        return DEFAULT_KINDS | shifts
    if ALL in table.events:
        return frozenset(Kind) - {Kind.RANK_SHIFT} | shifts
    return frozenset(Kind[event.upper()] for event in table.events)
