"""What other programs call a key of the configuration."""

from __future__ import annotations

OTHER_WORDS = {
    "interval": "every",
    "frequency": "every",
    "period": "every",
    "schedule": "every",
    "cron": "every",
    "benchmark": "benchmarks",
    "boards": "benchmarks",
    "leaderboards": "benchmarks",
    "model": "models",
    "kinds": "events",
    "channels": "notify",
    "channel": "notify",
    "max_rank": "top",
    "limit": "top",
    "exclude": "exclude_models",
    "ignore": "exclude_models",
    "webhook": "webhook_url",
    "hook_url": "webhook_url",
    "bot_token": "token",
    "api_key": "token",
    "channel_id": "channel",
    "address": "url",
    "path": "url",
    "retention": "keep",
}
"""What other programs call a key, and what it is called here."""
