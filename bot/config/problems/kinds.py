"""Channels whose type is missing or wrong: which one is meant, so that all else is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.channels.base import ChannelTable
from bot.channels.registry import KINDS
from bot.config.problems.problem import KeyPath, Problem, found
from bot.config.tables import DEFAULT_CHANNEL
from bot.core.names.suggest import choose, like

_SHARED = ChannelTable.model_fields.keys()
"""The keys that every channel may have."""

_APPRISE = 'write type = "apprise", and url = "{}"'
_FORMS = {
    "email": "mailto://USER:PASSWORD@HOST?to=ADDRESS",
    "mail": "mailto://USER:PASSWORD@HOST?to=ADDRESS",
    "smtp": "mailto://USER:PASSWORD@HOST?to=ADDRESS",
    "discord": "discord://ID/TOKEN",
    "telegram": "tgram://BOT_TOKEN/CHAT_ID",
    "ntfy": "ntfy://TOPIC",
    "matrix": "matrixs://USER:PASSWORD@HOST/#ROOM",
}
"""How the addresses of services are written that people name as types."""


def meant_kind(channel: Mapping[str, Any]) -> str | None:
    """Return the type of channel that a table has, or else means; None where it shows none.

    That is the one whose name is like its type, or else the only one that has all of its keys.
    """
    written, own = channel.get("type"), channel.keys() - _SHARED
    if isinstance(written, str) and written in KINDS:
        return written
    found = like(written, KINDS)
    if not found and own:
        found = [name for name, kind in KINDS.items() if own <= kind.model_fields.keys()]
    return found[0] if len(found) == 1 else None


def with_kinds(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tables with the type that each channel means in the place of a wrong one.

    One that shows none keeps only what every channel may have.
    """
    channels = tables.get("channels")
    if not isinstance(channels, dict):
        return dict(tables)
    return {**tables, "channels": {name: _with_kind(one) for name, one in channels.items()}}


def _with_kind(channel: Any) -> Any:
    if not isinstance(channel, dict):
        return channel
    if kind := meant_kind(channel):
        return {**channel, "type": kind}
    shared = {key: value for key, value in channel.items() if key in _SHARED}
    return {**shared, "type": DEFAULT_CHANNEL}


def no_kind(path: KeyPath, channel: Mapping[str, Any], origins: Mapping[KeyPath, str]) -> Problem:
    """Return what is wrong with a channel's type: it is missing, or there is no such one."""
    path, value = (*path, "type"), channel.get("type")
    if value is None:
        meant = meant_kind(channel)
        written = f'write type = "{meant}"' if meant else f"allowed: {', '.join(KINDS)}"
        return Problem(path, "missing", written)
    text = f"is no type of channel; {found(path, value, origins)}"
    if form := _FORMS.get(str(value).casefold()):
        return Problem(path, text, _APPRISE.format(form))
    advice = choose(value, KINDS)
    if advice.startswith("allowed"):
        advice += '; type = "apprise" reaches most other services'
    return Problem(path, text, advice)
