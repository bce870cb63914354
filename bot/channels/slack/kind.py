"""The kind of channel that is Slack's: its keys in the configuration, and how it is opened."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from bot.channels.base import Channel, ChannelForPeople, Context
from bot.channels.services import SLACK, service_at
from bot.core.secret import ADDRESS, APP_TOKEN, HUB_TOKEN, SIGNING_SECRET, Secret
from bot.fields import STRING, Parsed, address, secret_address, text, token, wrong

API_URL = "https://slack.com/api/"

_ID = re.compile(r"[CDG][A-Z0-9]+", re.ASCII)
_OTHERS = (APP_TOKEN, HUB_TOKEN, SIGNING_SECRET, ADDRESS)
"""What is no bot token, though some may look for it here."""
_ONE_WAY: list[Any] = [
    {"required": ["token", "channel"]},
    {
        "required": ["webhook_url"],
        "not": {"anyOf": [{"required": ["token"]}, {"required": ["channel"]}]},
    },
]


def _channel_id(value: Any) -> str:
    id_ = text(value)
    if not _ID.fullmatch(id_):
        raise wrong(
            'must be a channel\'s id such as "C0123456789"',
            "Slack shows it at the end of the channel's details",
        )
    return id_


_EXAMPLE = re.compile(r"/services/T0{8}/B0{8}/X{24}|…|\.\.\.")
"""The address in Slack's own documentation, and what is left out of one."""


def _hook(value: Any) -> Secret:
    """Return the address of a hook that takes Slack's form, as Discord's do below ``/slack``."""
    url = secret_address(value)
    if _EXAMPLE.search(url.reveal()):
        raise wrong(
            "is the address of an example; Slack shows your own below the app's hooks", secret=True
        )
    service = service_at(url.reveal())
    if service and service.type != SLACK and not url.reveal().rstrip("/").endswith("/slack"):
        raise wrong(f"{service.name} does not take Slack's form; {service.remedy}", secret=True)
    return url


ChannelId = Annotated[
    str, Parsed(_channel_id, {**STRING, "pattern": "^([CDG][A-Z0-9]+$|env:|file:)"})
]
BotToken = Annotated[Secret, Parsed(token("a bot token, xoxb-…", _OTHERS))]
FolderAddress = Annotated[
    str, Parsed(lambda value: f"{address(value)}/", {**STRING, "format": "uri"})
]


class Slack(ChannelForPeople):
    """A Slack channel, by a bot token or by an incoming webhook."""

    model_config = ConfigDict(json_schema_extra={"oneOf": _ONE_WAY})

    hears_of_failures = True

    type: Literal["slack"] = Field(description="A Slack channel.")
    token: BotToken | None = Field(
        default=None, description="Bot token with chat:write (xoxb-…). A secret: better env:NAME."
    )
    channel: ChannelId | None = Field(
        default=None, description="With token: the id of the channel to post to (C0123456789)."
    )
    webhook_url: Annotated[Secret, Parsed(_hook)] | None = Field(
        default=None,
        description="Instead of token and channel: an incoming webhook. A secret: better env:NAME.",
    )
    api_url: FolderAddress = Field(
        default=API_URL,
        description="Slack's API; for GovSlack https://slack-gov.com/api/",
    )

    @classmethod
    def disagreements(cls, written: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield what is wrong unless there is ``token`` with ``channel``, or ``webhook_url``."""
        keys = written.keys() & {"token", "channel", "webhook_url"}
        others = " and ".join(sorted(keys - {"webhook_url"}, reverse=True))
        if not keys:
            yield "", "needs token and channel, or webhook_url"
        elif "webhook_url" in keys and others:
            yield "", f"has webhook_url and {others}; keep webhook_url, or token and channel"
        elif keys == {"token"}:
            yield "channel", "missing; token needs the channel to post to"
        elif keys == {"channel"}:
            yield "token", "missing; channel needs a bot token"

    def open(self, name: str, context: Context) -> Channel:
        """Return the channel of that name; HTTP is loaded when it first sends."""
        from bot.channels.slack.channel import SlackChannel

        return SlackChannel(
            name,
            token=self.token,
            channel=self.channel,
            webhook_url=self.webhook_url,
            api_url=self.api_url,
            endpoint=context.endpoint,
            known=context.known,
            clock=context.clock,
            connections=context.connections,
            zone=self.zone,
        )
