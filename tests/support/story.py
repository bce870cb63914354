"""The demo's story, told once for all tests that look at its frames."""

from __future__ import annotations

from bot.demo.weeks import frames

STORY = tuple(frames())
