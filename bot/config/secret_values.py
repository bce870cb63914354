"""The secrets that one kind of channel has."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from bot.config.types import Listed
from bot.core.secret import Secret
from bot.fields import SIGNING_PREFIX, STRING, Parsed, hidden, is_address, text, wrong

_SIGNING_BYTES = range(24, 65)
_SLACK_ID = re.compile(r"[CDG][A-Z0-9]+", re.ASCII)
_NEXT_ADDRESS = re.compile(r"[\s,;][A-Za-z0-9]{1,32}://")
"""Where Apprise would begin another; if one fails, all would be told again."""


def _slack_channel(value: Any) -> str:
    id_ = text(value)
    if not _SLACK_ID.fullmatch(id_):
        raise wrong(
            'must be a channel\'s id such as "C0123456789"',
            "Slack shows it at the end of the channel's details",
        )
    return id_


def _apprise(value: Any) -> Secret:
    allowed = "an Apprise address such as discord://ID/TOKEN"
    url = hidden(value, allowed, spaces=True)
    if not re.match(r"[A-Za-z][A-Za-z0-9+-]*://\S", url) or not is_address(url):
        raise wrong(f"must be {allowed}", secret=True)
    if _NEXT_ADDRESS.search(url):
        raise wrong("holds several addresses; give each a channel of its own", secret=True)
    return Secret(url)


def _signing(value: Any) -> Secret:
    allowed = "must be whsec_ followed by the base64 of 24 to 64 bytes"
    if not isinstance(value, str) or not value.startswith(SIGNING_PREFIX):
        raise wrong(allowed, secret=True)
    try:
        key = base64.b64decode(value.removeprefix(SIGNING_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) not in _SIGNING_BYTES:
        raise wrong(allowed, secret=True)
    return Secret(value)


def _one_or_more(value: Any) -> Any:
    """Return the list that a signing secret, or a non-empty list of them, stands for."""
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list) or not value:
        raise wrong("must be a signing secret (whsec_…), or a list of them", secret=True)
    return value


_SIGNING = {"type": "string", "pattern": "^(whsec_|env:|file:)."}
_ONE_OR_MORE = {"anyOf": [_SIGNING, {"type": "array", "items": _SIGNING, "minItems": 1}]}

SlackChannel = Annotated[
    str, Parsed(_slack_channel, {**STRING, "pattern": "^([CDG][A-Z0-9]+$|env:|file:)"})
]
AppriseAddress = Annotated[Secret, Parsed(_apprise)]
SigningSecret = Annotated[Secret, Parsed(_signing)]
SigningSecrets = Annotated[
    tuple[SigningSecret, ...],
    BeforeValidator(_one_or_more),
    Listed,
    WithJsonSchema(_ONE_OR_MORE),
]
