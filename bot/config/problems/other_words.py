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
    "filter": ("models",),
    "org": ("models",),
    "organization": ("models",),
    "min_delta": ("min_score_change",),
    "threshold": ("min_score_change",),
    "derived": ("include_derived",),
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


_ON_THE_COMMAND_LINE = "how much is logged is said before the command: --log-level debug"
_OF_A_TASK = 'a task is named in benchmarks: "namespace/name#TASK"'
_INSTEAD = {
    "log": _ON_THE_COMMAND_LINE,
    "logging": _ON_THE_COMMAND_LINE,
    "log_level": _ON_THE_COMMAND_LINE,
    "log_format": "how logs are written is said before the command: --log-format json",
    "verbose": _ON_THE_COMMAND_LINE,
    "debug": _ON_THE_COMMAND_LINE,
    "proxy": "the proxy of the environment is used: https_proxy, no_proxy",
    "verify": "SSL_CERT_FILE names certificates of your own",
    "verify_ssl": "SSL_CERT_FILE names certificates of your own",
    "headers": "a webhook is signed instead: secret, which its receiver checks",
    "retries": "a delivery is tried for three days, the Hub again with the next poll",
    "task": _OF_A_TASK,
    "tasks": _OF_A_TASK,
    "enabled": "what stands in the file is used: comment out what is not to be",
    "disabled": "what stands in the file is used: comment out what is not to be",
    "exclude_benchmarks": "no benchmark is left out: name those that you want",
}
"""What has no key here, and what to do instead."""


def instead(key: str) -> str | None:
    """Return what to do instead of a key that no table has; None where that is not known."""
    return _INSTEAD.get(key)


def meant(key: str, own: Collection[str]) -> str | None:
    """Return which key of a table's own is called ``key`` elsewhere; None where none is."""
    return next((word for word in _OTHER_WORDS.get(key, ()) if word in own), None)
