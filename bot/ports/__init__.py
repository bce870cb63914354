"""What the jobs need of the store."""

from bot.ports.health import HealthStore
from bot.ports.outbox import Claimed, Outbox, Settlement
from bot.ports.polls import BoardPoll, Discovery, PollClaim, PollResult, PollStore, TaskNews

__all__ = [
    "BoardPoll",
    "Claimed",
    "Discovery",
    "HealthStore",
    "Outbox",
    "PollClaim",
    "PollResult",
    "PollStore",
    "Settlement",
    "TaskNews",
]
