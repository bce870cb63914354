"""The kinds of channel that there are, by the ``type`` that the configuration gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from bot.channels.apprise.kind import Apprise
from bot.channels.base import ChannelTable
from bot.channels.console import Console
from bot.channels.slack.kind import Slack
from bot.channels.webhook.kind import Webhook

_KINDS: tuple[type[ChannelTable], ...] = (
    Slack,
    Webhook,
    Apprise,
    Console,
)

KINDS: Mapping[str, type[ChannelTable]] = {
    get_args(kind.model_fields["type"].annotation)[0]: kind for kind in _KINDS
}
