"""Waiting for what is to become true, without sleeps that hope."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


def until(true: Callable[[], object], seconds: float = 30) -> bool:
    """Wait until something is true; False when it does not become so in time."""
    deadline = time.monotonic() + seconds
    tick = threading.Event()
    while not true():
        if time.monotonic() > deadline:
            return False
        tick.wait(0.05)
    return True
