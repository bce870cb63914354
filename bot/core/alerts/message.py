"""What is delivered: the bodies that webhooks carry and every other channel renders.

``docs/webhook.schema.json`` describes them all. A body is made once, when its events are found,
and stored with its delivery; channels for people render from the stored body at send time.
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from bot.core.board import BoardKey, ModelFacts
from bot.core.events import Event, Leader, Related, RowName, Shifted, as_json
from bot.core.names import links
from bot.core.tasks import UNKNOWN, About, shown_key

SCHEMA_VERSION = 1

CHANGED = "leaderboard.changed"
DIGEST = "leaderboard.digest"
TEST = "leaderboard.test"
FAILING = "health.failing"
RECOVERED = "health.recovered"
REPORT = "health.report"

DISTURBING = (TEST, FAILING, RECOVERED, REPORT)
"""What is no news: it is sent in quiet hours, too."""


class BoardInfo(Struct, frozen=True, kw_only=True):
    """The board a message is about; ``rows`` counts its rows after the change.

    ``name`` is the benchmark's own, a stranger's text; ``task_count`` says how many tasks it has,
    ``lower_is_better`` which scores are better. All three are null where that is not known.
    ``decimals`` is how many of them its scores usually have, where that is known.
    """

    benchmark: str
    name: str | None = None
    task: str | None = None
    task_count: int | None = None
    include_derived: bool = False
    lower_is_better: bool | None = None
    rows: int | None = None
    url: str | None = None
    decimals: int | UnsetType = UNSET

    @property
    def key(self) -> BoardKey:
        """The board's identity."""
        return BoardKey(self.benchmark, self.task, self.include_derived)

    @property
    def shown(self) -> BoardKey:
        """The board as people see it: without its task where the benchmark has no other."""
        return shown_key(self.key, self.task_count)

    @property
    def about(self) -> About:
        """What is said of the benchmark, whichever of its boards is meant."""
        return About(name=self.name, task_count=self.task_count)


def board_info(
    key: BoardKey,
    endpoint: str,
    about: About = UNKNOWN,
    *,
    higher_is_better: bool | None = None,
    rows: int | None = None,
    decimals: int | UnsetType = UNSET,
) -> BoardInfo:
    """Return what messages say of a board, with the address of its page."""
    return BoardInfo(
        benchmark=key.benchmark,
        name=about.name,
        task=key.task,
        task_count=about.task_count,
        include_derived=key.include_derived,
        lower_is_better=None if higher_is_better is None else not higher_is_better,
        rows=rows,
        url=links.board_url(endpoint, shown_key(key, about.task_count)),
        decimals=decimals,
    )


class Crossing(Struct, frozen=True):
    """The rows that came among the first ``top``, and those that stood there; the best first."""

    top: int
    into: tuple[RowName, ...] = ()
    out: tuple[RowName, ...] = ()


class BoardChange(Struct, frozen=True, kw_only=True):
    """``data`` of ``leaderboard.changed`` and ``leaderboard.test``: one board, one poll.

    ``muted`` counts the events that mutes held back since the channel's last message, where any.
    Only people's have the rest: ``leader`` leads after the change; ``crossed`` says by watches'
    tops who came and who left, ``placed`` where these stand, in a digest the first three rows too.
    Its readers were told at once at ``told_leader_at`` who leads and at ``told_anew_at`` that the
    board was scored anew.
    """

    schema_version: int = SCHEMA_VERSION
    watches: tuple[str, ...] = ()
    board: BoardInfo
    previous_snapshot_at: datetime | None = None
    snapshot_at: datetime
    events: tuple[Event, ...] = ()
    shifted: Shifted = Shifted()
    part: int = 1
    parts: int = 1
    muted: int | UnsetType = UNSET
    leader: Leader | UnsetType = UNSET
    told_leader_at: datetime | UnsetType = UNSET
    told_anew_at: datetime | UnsetType = UNSET
    crossed: tuple[Crossing, ...] | UnsetType = UNSET
    placed: tuple[Related, ...] | UnsetType = UNSET


class Digest(Struct, frozen=True, kw_only=True, rename={"since": "from", "until": "to"}):
    """``data`` of ``leaderboard.digest``: what a channel collected between two times.

    ``muted`` as in a change.
    """

    schema_version: int = SCHEMA_VERSION
    channel: str
    since: datetime
    until: datetime
    boards: tuple[BoardChange, ...]
    muted: int | UnsetType = UNSET


class Health(Struct, frozen=True, kw_only=True):
    """``data`` of ``health.failing`` and ``health.recovered``.

    ``subject`` is ``board``, ``channel``, ``hub``, ``delivery`` or ``source``; ``failures`` counts
    the failures in a row, ``since`` is the time of the first, of a file that of its last change.
    """

    schema_version: int = SCHEMA_VERSION
    subject: str
    boards: tuple[BoardInfo, ...] = ()
    channel: str | None = None
    delivery: str | None = None
    failures: int = 0
    since: datetime | None = None
    error: str | None = None


class Report(Struct, frozen=True, kw_only=True, rename={"since": "from", "until": "to"}):
    """``data`` of ``health.report``: what came of the time between two reports.

    ``boards`` counts what is watched, ``polls`` the good polls, ``late`` those of them that came
    a whole interval too late or later, ``alerts`` the messages that were delivered.
    """

    schema_version: int = SCHEMA_VERSION
    since: datetime
    until: datetime
    boards: int
    polls: int
    late: int
    events: int
    alerts: int
    failing: tuple[BoardInfo, ...] = ()


class Message(Struct, frozen=True, kw_only=True):
    """A body: ``type`` says what ``data`` is, ``timestamp`` when it was found."""

    type: str
    timestamp: datetime
    data: BoardChange | Digest | Health | Report


def board_message(change: BoardChange, type_: str = CHANGED) -> Message:
    """Return the message that tells of a change, as of the time it was seen."""
    return Message(type=type_, timestamp=change.snapshot_at, data=change)


def digest_message(digest: Digest) -> Message:
    """Return the message that tells of what was collected, as of the end of its window."""
    return Message(type=DIGEST, timestamp=digest.until, data=digest)


def events_of(message: Message) -> tuple[Event, ...]:
    """Return all events that a message tells of."""
    data = message.data
    if isinstance(data, BoardChange):
        return data.events
    boards = data.boards if isinstance(data, Digest) else ()
    return tuple(event for board in boards for event in board.events)


class Delivery(Struct, frozen=True, kw_only=True):
    """One delivery as a channel gets it.

    ``body`` are the stored bytes of ``message``: what a webhook sends as it is. ``attempt``
    counts from 1. ``in_doubt`` says that an earlier attempt may have arrived, ``doubts`` about
    when, where that is known. ``facts`` knows models by id; what is not there is not known now.
    """

    id: str
    body: bytes
    message: Message
    created_at: datetime
    attempt: int = 1
    in_doubt: bool = False
    doubts: tuple[datetime, ...] = ()
    facts: dict[str, ModelFacts] = {}


class _Head(Struct):
    type: str
    timestamp: datetime
    data: msgspec.Raw


# Made at import, in one thread: msgspec works a type out when it is first used, and crashes where
# two threads do so at once.
_head = msgspec.json.Decoder(_Head)
_health = msgspec.json.Decoder(Health)
_digest = msgspec.json.Decoder(Digest)
_report = msgspec.json.Decoder(Report)
_board_change = msgspec.json.Decoder(BoardChange)
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])


def encode(message: Message) -> bytes:
    """Return the bytes of a message, as they are stored and sent."""
    data = message.data
    if isinstance(data, BoardChange):
        events = tuple(msgspec.Raw(event.json) for event in data.events)
        message = replace(message, data=replace(data, events=events))
    return as_json(message)


def with_muted(body: bytes, events: int) -> bytes:
    """Return the bytes of a message that says that so many events were held back before it."""
    message = _fields.decode(body)
    data = _fields.decode(message["data"])
    data["muted"] = msgspec.Raw(as_json(events))
    return as_json({**message, "data": msgspec.Raw(as_json(data))})


def decode(body: bytes) -> Message:
    """Return the message whose stored bytes are given.

    Raises:
        msgspec.ValidationError: the bytes are not a message of this schema version.
    """
    head = _head.decode(body)
    data: BoardChange | Digest | Health | Report
    if head.type in (FAILING, RECOVERED):
        data = _health.decode(head.data)
    elif head.type == DIGEST:
        data = _digest.decode(head.data)
    elif head.type == REPORT:
        data = _report.decode(head.data)
    else:
        data = _board_change.decode(head.data)
    return Message(type=head.type, timestamp=head.timestamp.astimezone(UTC), data=data)
