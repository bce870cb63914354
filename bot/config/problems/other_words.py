"""What other programs call a key of the configuration."""

from __future__ import annotations

from collections.abc import Collection

_OTHER_WORDS = {
    "interval": ("every", "digest"),
    "frequency": ("every",),
    "period": ("every",),
    "schedule": ("every", "digest", "report"),
    "cron": ("digest", "report"),
    "benchmark": ("benchmarks",),
    "boards": ("benchmarks",),
    "leaderboards": ("benchmarks",),
    "model": ("models",),
    "kinds": ("events",),
    "channels": ("notify",),
    "channel": ("notify",),
    "max_rank": ("top",),
    "limit": ("top",),
    "exclude": ("exclude_models",),
    "ignore": ("exclude_models",),
    "webhook": ("webhook_url",),
    "hook_url": ("webhook_url",),
    "bot_token": ("token",),
    "api_key": ("token",),
    "channel_id": ("channel",),
    "address": ("url",),
    "path": ("url",),
    "retention": ("keep",),
    "collect": ("digest",),
    "batch": ("digest",),
    "window": ("digest",),
    "urgent": ("at_once",),
    "immediate": ("at_once",),
    "silent": ("quiet_hours",),
    "do_not_disturb": ("quiet_hours",),
    "quiet": ("quiet_hours",),
    "tz": ("timezone",),
    "zone": ("timezone",),
    "time_zone": ("timezone",),
}
"""What other programs call a key, and what it is called here: the first that a table has."""


def meant(key: str, own: Collection[str]) -> str | None:
    """Return which key of a table's own is called ``key`` elsewhere; None where none is."""
    return next((word for word in _OTHER_WORDS.get(key, ()) if word in own), None)
