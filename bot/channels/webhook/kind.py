"""The kind of channel that is a signed webhook: its keys in the configuration, how it is opened."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from bot.channels.base import Channel, ChannelTable, Context
from bot.channels.services import service_at
from bot.core.secret import Secret
from bot.fields import SIGNING_PREFIX, Flag, Listed, Parsed, secret_address, wrong

_MAKE_ONE = 'make one with: echo "whsec_$(openssl rand -base64 32)"'
_KEY_BYTES = range(24, 65)
_SIGNING: dict[str, Any] = {"type": "string", "pattern": "^(whsec_|env:|file:)."}


def _signing(value: Any) -> Secret:
    allowed = "must be whsec_ followed by the base64 of 24 to 64 bytes"
    if not isinstance(value, str) or not value.startswith(SIGNING_PREFIX):
        raise wrong(allowed, _MAKE_ONE, secret=True)
    try:
        key = base64.b64decode(value.removeprefix(SIGNING_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) not in _KEY_BYTES:
        raise wrong(allowed, _MAKE_ONE, secret=True)
    return Secret(value)


def _one_or_more(value: Any) -> Any:
    """Return the list that a signing secret, or a non-empty list of them, stands for."""
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list) or not value:
        raise wrong("must be a signing secret (whsec_…), or a list of them", secret=True)
    return value


def _own_address(value: Any) -> Secret:
    """Return the address of a program; services have forms of their own."""
    url = secret_address(value)
    if service := service_at(url.reveal()):
        raise wrong(f"{service.name} takes no events as JSON; {service.remedy}", secret=True)
    return url


SigningSecrets = Annotated[
    tuple[Annotated[Secret, Parsed(_signing)], ...],
    BeforeValidator(_one_or_more),
    Listed,
    WithJsonSchema({"anyOf": [_SIGNING, {"type": "array", "items": _SIGNING, "minItems": 1}]}),
]


class Webhook(ChannelTable):
    """A program of yours that gets every event as JSON (Standard Webhooks)."""

    in_parts = True

    type: Literal["webhook"] = Field(description="A program of yours.")
    url: Annotated[Secret, Parsed(_own_address)] = Field(
        description="Where to POST. Not shown: it may hold a key.",
        examples=["https://example.org/hook"],
    )
    secret: SigningSecrets = Field(
        default_factory=tuple,
        description="Signing secret whsec_…, or a list of them while rotating. Without it, "
        "deliveries are not signed. A secret: better env:NAME or file:PATH.",
    )
    allow_private: Flag = Field(
        default=False, description="Whether the address may be private or on this machine."
    )

    def open(self, name: str, context: Context) -> Channel:
        """Return the channel of that name; HTTP and signing are loaded when it first sends."""
        from bot.channels.webhook.channel import WebhookChannel

        return WebhookChannel(
            name,
            url=self.url,
            secrets=self.secret,
            allow_private=self.allow_private,
            clock=context.clock,
            known=context.known,
            connections=context.connections,
        )
