"""What ``poll`` and ``deliver`` need from the outside: the store, the Hub, channels, a clock."""

from bot.core.alerts.deliveries import NewDelivery
from bot.ports.channel import Channel
from bot.ports.health import HealthStore
from bot.ports.hub import Benchmark, Fetched, Hub, NotModified, TaskList, TokenReport
from bot.ports.means import Clock, Process
from bot.ports.outbox import Claimed, Outbox, Settlement
from bot.ports.polls import (
    BoardPoll,
    Discovery,
    PollClaim,
    PollResult,
    PollStore,
    Schedule,
    TaskNews,
)

__all__ = [
    "Benchmark",
    "BoardPoll",
    "Channel",
    "Claimed",
    "Clock",
    "Discovery",
    "Fetched",
    "HealthStore",
    "Hub",
    "NewDelivery",
    "NotModified",
    "Outbox",
    "PollClaim",
    "PollResult",
    "PollStore",
    "Process",
    "Schedule",
    "Settlement",
    "TaskList",
    "TaskNews",
    "TokenReport",
]
