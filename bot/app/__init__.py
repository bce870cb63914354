"""The composition root: settings to objects to a running program.

Each part is loaded when it is asked for: most commands need the clock and nothing else of it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.app.build import build_channels, means, open_app, open_hub
    from bot.app.clock import now
    from bot.app.daemon import run_daemon
    from bot.jobs.round import App, Summary

_HOMES = {
    "App": "bot.jobs.round",
    "Summary": "bot.jobs.round",
    "build_channels": "bot.app.build",
    "means": "bot.app.build",
    "now": "bot.app.clock",
    "open_app": "bot.app.build",
    "open_hub": "bot.app.build",
    "run_daemon": "bot.app.daemon",
}

__all__ = [
    "App",
    "Summary",
    "build_channels",
    "means",
    "now",
    "open_app",
    "open_hub",
    "run_daemon",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
