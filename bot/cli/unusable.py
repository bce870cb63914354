"""What a configuration cannot be used with on this machine, found without asking anybody."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.core.render.clean import inert

if TYPE_CHECKING:
    from bot.config import Settings


def unusable(settings: Settings) -> Iterator[str]:
    """Yield every problem with its key path."""
    from bot.store.engine import flaw

    if wrong := flaw(settings.database.url.reveal()):
        yield f"database.url: {inert(wrong)}"
    yield from _unknown_services(settings)


def _unknown_services(settings: Settings) -> Iterator[str]:
    """Yield the channels of which only the library that serves them knows that they are wrong."""
    from bot.app import build_channels

    for name, channel in build_channels(settings, sys.stdout).items():
        key = settings.channels[name].checked_offline
        if key and (wrong := channel.check()):
            yield f"channels.{inert(name)}.{key}: {wrong}"
