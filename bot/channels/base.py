"""What a channel does, and what a kind of channel is: its keys, its traits, how it is opened."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from datetime import UTC, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TextIO

from msgspec import Struct
from pydantic import Field

from bot.channels.timing import Digest, Kinds, QuietTime
from bot.channels.zones import Zone
from bot.core.timing.window import AT_ONCE, Timing
from bot.fields import Table

if TYPE_CHECKING:
    from bot.core.alerts.message import Delivery
    from bot.core.delivery import Outcome
    from bot.core.process import Clock
    from bot.net.connections import Connections
    from bot.net.excerpt import KnownSecrets


class Channel(Protocol):
    """Where alerts go. ``send`` blocks, at most some 15 s, and never raises."""

    @property
    def name(self) -> str:
        """The name the configuration gives it."""
        ...

    @property
    def pace(self) -> timedelta:
        """The least time between two sends."""
        ...

    @property
    def for_people(self) -> bool:
        """Whether it renders for people, who like to know a new model's size and age."""
        ...

    def send(self, delivery: Delivery) -> Outcome:
        """Deliver one message and say what came of it."""
        ...

    def check(self) -> str | None:
        """Say why the channel cannot be reached, without sending; None when all seems well."""
        ...


class Context(Struct, frozen=True, kw_only=True):
    """What a program brings to its channels.

    ``endpoint`` is the Hub's, which links lead to; ``console`` is where a console channel writes.
    ``known`` are the secrets that this process has had, ``connections`` those it keeps.
    """

    endpoint: str
    console: TextIO
    clock: Clock
    known: KnownSecrets
    connections: Connections


class ChannelTable(Table, ABC):
    """A kind of channel, as the configuration has it: a field for each key of its table."""

    in_parts: ClassVar[bool] = False
    """Whether what is too large for one body comes in several: programs take no long ones."""

    hears_of_failures: ClassVar[bool] = False
    """Whether the first of these is told what fails where the configuration names nobody."""

    checked_offline: ClassVar[str | None] = None
    """The key that ``check`` looks at, where it asks nobody else; None where it asks around."""

    type: str
    digest: Digest | None = Field(
        default=None,
        description="Collect, and send together: at the times of a cron line, or at most once in a "
        'duration such as "1h", over all boards.',
    )
    at_once: Kinds = Field(
        default_factory=lambda: AT_ONCE,
        description="Kinds of events that do not wait for the digest. []: none.",
        json_schema_extra={"default": [kind.value for kind in sorted(AT_ONCE)]},
    )
    quiet_hours: QuietTime | None = Field(
        default=None,
        description="What is found in these hours is held and sent at their end, as one message.",
    )
    timezone: Zone = Field(
        default_factory=lambda: UTC,
        description="The time zone of digest, quiet_hours, and the times that people read.",
        json_schema_extra={"default": "UTC"},
    )

    @property
    def zone(self) -> tzinfo:
        """The time zone of the times that are read there."""
        return self.timezone

    @property
    def timing(self) -> Timing:
        """When the channel is told."""
        return Timing(
            digest=self.digest,
            at_once=self.at_once,
            quiet_hours=self.quiet_hours,
            zone=self.timezone,
        )

    @classmethod
    def disagreements(cls, written: Mapping[str, Any]) -> Iterator[tuple[str, str]]:  # noqa: ARG003
        """Yield what is wrong between keys: the key, or "" for the table, and a sentence.

        ``written`` is the table as it stands in the file, each value possibly wrong itself.
        """
        yield from ()

    @abstractmethod
    def open(self, name: str, context: Context) -> Channel:
        """Return the channel of that name; nothing is asked or loaded before it sends."""


class ChannelForPeople(ChannelTable, ABC):
    """A kind of channel that people read."""
