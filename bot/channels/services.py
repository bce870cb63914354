"""Services that are known by their hooks' addresses, and the type of channel that each needs."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from msgspec import Struct

SLACK = "slack"


class Service(Struct, frozen=True):
    """A service whose hooks are reached as ``remedy`` says, by a channel of ``type``."""

    name: str
    type: str
    remedy: str


_AS_URL = 'this needs type = "apprise", with the same address as url'
_SERVICES = {
    r"hooks\.slack(-gov)?\.com/": Service(
        "Slack", SLACK, 'this needs type = "slack", with the address as webhook_url'
    ),
    r"([\w-]+\.)?discord(app)?\.com/api/webhooks/": Service("Discord", "apprise", _AS_URL),
    r"([\w-]+\.)+webhook\.office\.com/|outlook\.office(365)?\.com/webhook": Service(
        "Microsoft Teams",
        "apprise",
        "it has retired these hooks: make a workflow in Teams, and give its address as url to a "
        'channel of type = "apprise"',
    ),
    r"chat\.googleapis\.com/": Service("Google Chat", "apprise", _AS_URL),
    r"api\.telegram\.org/": Service(
        "Telegram", "apprise", 'this needs type = "apprise", with url = "tgram://BOT_TOKEN/CHAT_ID"'
    ),
}


def service_at(address: str) -> Service | None:
    """Return the service whose hook an http(s) address is; None where it is not known."""
    parts = urlsplit(address)
    place = f"{parts.hostname}{parts.path}"
    found = (one for shape, one in _SERVICES.items() if re.match(shape, place, re.IGNORECASE))
    return next(found, None)
