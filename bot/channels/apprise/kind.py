"""The kind of channel that is Apprise's: its keys in the configuration, and how it is opened."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import Field

from bot.channels.base import Channel, ChannelForPeople, Context
from bot.core.names.written import is_mail, is_url
from bot.core.secret import Secret
from bot.fields import Parsed, hidden, wrong

_NEXT_ADDRESS = re.compile(r"[\s,;][A-Za-z0-9]{1,32}://")
"""Where Apprise would begin another; if one fails, all would be told again."""

_MAIL = "write mailto://USER:PASSWORD@HOST?to=ADDRESS, with the server that sends"


def _address(value: Any) -> Secret:
    allowed = "an Apprise address such as discord://ID/TOKEN"
    if isinstance(value, str) and is_mail(value):
        raise wrong(f"must be {allowed}; this is a mail address", _MAIL, secret=True)
    url = hidden(value, allowed, spaces=True)
    if not re.match(r"[A-Za-z][A-Za-z0-9+-]*://\S", url) or not is_url(url):
        raise wrong(f"must be {allowed}", secret=True)
    if _NEXT_ADDRESS.search(url):
        raise wrong("holds several addresses; give each a channel of its own", secret=True)
    return Secret(url)


class Apprise(ChannelForPeople):
    """Any of the services that Apprise knows."""

    hears_of_failures = True
    checked_offline = "url"

    type: Literal["apprise"] = Field(description="Any of Apprise's services.")
    url: Annotated[Secret, Parsed(_address)] = Field(
        description="The service's Apprise address. A secret: better env:NAME.",
        examples=["env:APPRISE_URL"],
    )

    def open(self, name: str, context: Context) -> Channel:
        """Return the channel of that name; Apprise is loaded when it first sends."""
        from bot.channels.apprise.channel import AppriseChannel

        return AppriseChannel(
            name,
            url=self.url,
            endpoint=context.endpoint,
            known=context.known,
            zone=self.zone,
        )
