"""The tables of the file, as users write them; the JSON Schema is made from these models."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cache, reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args

from pydantic import BaseModel, Discriminator, Field, Tag

from bot.channels.base import ChannelTable
from bot.channels.registry import KINDS
from bot.channels.timing import CronLine
from bot.config import types
from bot.core.kinds import Kind
from bot.core.secret import Secret
from bot.fields import Address, Duration, Flag, SecretAddress, Table, Text, duration, whole

T = TypeVar("T")

DEFAULT_CHANNEL = "console"
DEFAULT_LISTEN = "127.0.0.1:8080"
DEFAULT_DATABASE = "sqlite:///leaderboard-bot.db"
_UNTOLD = [kind.value for kind in Kind if not kind.traits.default and kind != Kind.RANK_SHIFT]


def _default(parse: Callable[[str], T], written: str, description: str) -> T:
    """Make a field whose default is what ``written`` would give."""
    return Field(
        default_factory=lambda: parse(written),
        description=description,
        json_schema_extra={"default": written},
    )


class Hub(Table):
    """The Hub that has the leaderboards."""

    endpoint: Address = Field(
        default="https://huggingface.co",
        description="Where the Hub is. A value here wins over HF_ENDPOINT, that over the default.",
    )
    token: types.HubToken | None = Field(
        default=None,
        description="Access token, for gated benchmarks and higher rate limits. "
        "Without it, the one that huggingface_hub finds (HF_TOKEN, or the cached login).",
    )
    timeout: Duration = _default(duration, "20s", "The most that one request may take.")
    concurrency: Annotated[int, *whole(1, 64)] = Field(
        default=8, description="How many boards are fetched at the same time."
    )


class Database(Table):
    """Where snapshots, events and deliveries are kept."""

    url: types.DatabaseAddress = _default(
        Secret,
        DEFAULT_DATABASE,
        "sqlite:///FILE, relative to the configuration file's folder, or postgresql://…",
    )
    keep: types.Keep | None = Field(
        default=None,
        description="History that ended longer ago is deleted once a day. Default: all is kept.",
    )


class Poll(Table):
    """How often boards are looked at."""

    every: Duration = _default(
        duration, "15m", "The time between two polls of a board, unless a watch says less or more."
    )
    confirm_removals: Annotated[int, *whole(1)] = Field(
        default=2, description="A row is removed when it was gone for so many polls in a row."
    )


class WatchTable(Table):
    """What to look at, what counts, whom to tell."""

    name: Text = Field(description="What the watch is called; unique.", examples=["coding"])
    benchmarks: types.Benchmarks = Field(
        description="Ids (namespace/name), globs over the official benchmarks, or official: "
        "every one of them. An exact id need not be official. aggregate:COLUMN, or a glob of "
        "columns, is a column of OpenEvals/leaderboard-data.",
        examples=[["official"]],
    )
    models: types.Models | None = Field(
        default=None, description="Only these models, as ids or globs. Without it, all."
    )
    exclude_models: types.OtherModels = Field(
        default=(), description="Never these models, as ids or globs."
    )
    events: types.Events | None = Field(
        default=None,
        description='The kinds that are told, or "all". Default: '
        f"every kind but {', '.join(_UNTOLD)}; rank_shift only with models.",
    )
    top: Annotated[int, *whole(1)] | None = Field(
        default=None, description="Only events whose rank before or after is at most this."
    )
    min_rank_change: Annotated[int, *whole(0)] = Field(
        default=1, description="The fewest places that a rank_change or rank_shift must move."
    )
    min_score_change: types.Number = Field(
        default=Decimal(0),
        description="The least that a score must change for score_change, in the board's units.",
        json_schema_extra={"default": 0.0},
    )
    verified_only: Flag = Field(
        default=False,
        description="Only rows that are verified before or after. Ranks stay the whole board's.",
    )
    include_derived: Flag = Field(
        default=False, description="The board with fine-tunes and other derived models."
    )
    every: Duration | None = Field(
        default=None,
        description="The time between polls, instead of poll.every. "
        "Of several watches on a board the shortest wins.",
    )
    notify: types.Names | None = Field(
        default=None, description="The channels to tell. Default: every channel. []: none."
    )


def _tag(table: Any) -> str | None:
    kind = table.get("type") if isinstance(table, dict) else None
    return kind if isinstance(kind, str) and kind in KINDS else None


if TYPE_CHECKING:
    AnyChannel = ChannelTable
else:
    AnyChannel = Annotated[
        reduce(or_, (Annotated[kind, Tag(type_)] for type_, kind in KINDS.items())),
        Discriminator(_tag),
    ]


_FIRST = " or ".join(kind.__name__ for kind in KINDS.values() if kind.hears_of_failures)


class Health(Table):
    """Whom to tell when polling or delivering fails, and when it works again."""

    notify: types.Names | None = Field(
        default=None,
        description=f"The channels to tell. Default: standard error, and the first {_FIRST} "
        "channel. []: standard error.",
    )
    after_failures: Annotated[int, *whole(1)] = Field(
        default=3, description="How many failures in a row are told."
    )
    ping_url: SecretAddress | None = Field(
        default=None,
        description="Called by a poll that exits 0, and by run every poll.every while it keeps its "
        "intervals and some board answers.",
    )
    report: CronLine | None = Field(
        default=None,
        description="When to send a sign of life: what is watched, how it was polled, what was "
        "found and sent, what fails. In the time zone of the first channel told.",
        examples=["0 9 * * MON"],
    )


class Web(Table):
    """The page that shows what the bot knows; it changes nothing."""

    listen: types.ListenAt = _default(
        types.listen_at, DEFAULT_LISTEN, "HOST:PORT. Any but loopback needs a token."
    )
    token: types.PageToken | None = Field(
        default=None,
        description="What visitors give: as bearer, or as the password of HTTP Basic. "
        "At least 16 characters where others can reach the page.",
        examples=["env:WEB_TOKEN"],
    )
    public: Flag = Field(
        default=False,
        description="Whether boards, models, races, events, feeds and badges of official "
        "benchmarks need no token.",
    )
    public_url: Address | None = Field(
        default=None,
        description="Where the page is for those who read alerts and feeds; links lead there.",
        examples=["https://boards.example.org"],
    )


class BenchmarkTable(Table):
    """What the Hub does not say of a benchmark, or of one task of it."""

    higher_is_better: Flag | None = Field(
        default=None,
        description="Whether a higher score is better. Wins over what the Hub's rows say.",
    )


class File(Table):
    """The configuration of leaderboard-bot.

    Any string may be env:NAME (an environment variable) or file:PATH (a file's content).
    """

    hub: Hub = Field(default_factory=Hub, description="The Hub that has the leaderboards.")
    database: Database = Field(default_factory=Database, description="Where everything is kept.")
    poll: Poll = Field(default_factory=Poll, description="How often boards are looked at.")
    watch: tuple[WatchTable, ...] = Field(
        default=(),
        strict=False,
        description='What to look at. Without one: a watch on "official", with top = 10.',
    )
    channels: dict[str, AnyChannel] = Field(
        default={}, description="Where alerts go, by name. Without one: the console."
    )
    benchmarks: dict[types.BenchmarkName, BenchmarkTable] = Field(
        default={},
        description="What the Hub does not say, by benchmark (namespace/name, all of its tasks) "
        "or by task (namespace/name#task).",
    )
    health: Health | None = Field(
        default=None,
        description="Whom to tell when something fails. Without it: standard error, and the first "
        f"{_FIRST} channel.",
    )
    web: Web | None = Field(default=None, description="The page. Without it: none.")


def models_of(annotation: Any) -> list[type[BaseModel]]:
    """Return the tables that the type of a field is made of."""
    if inner := get_args(annotation):
        return [model for one in inner for model in models_of(one)]
    return [annotation] if hasattr(annotation, "model_fields") else []


@cache
def shown_keys() -> frozenset[str]:
    """Return the keys that are a secret's in no table, so that what they hold may be shown."""
    tables = [table for one in File.model_fields.values() for table in models_of(one.annotation)]
    fields = [field for table in tables for field in table.model_fields.items()]
    hidden = {key for key, field in fields if _holds_secret(field.annotation)}
    return frozenset(key for key, _ in fields) - hidden


def _holds_secret(annotation: Any) -> bool:
    return annotation is Secret or any(map(_holds_secret, get_args(annotation)))
