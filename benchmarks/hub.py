"""Starts the local Hub, tells it what to hold, asks it what it was asked."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parent.parent

SLOWEST_SECONDS = 300
"""How long preparing the answers of thousands of boards may take."""


class LocalHub:
    """The server's process for the length of a ``with``; it also receives webhooks."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "benchmarks.server"]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = f"http://127.0.0.1:{int(self._process.stdout.readline())}"
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.communicate()

    def set(self, **wanted: Any) -> None:
        """Hold these boards from now on (see ``server.Wanted``), and count anew."""
        self._ask("POST", "/set", json.dumps(wanted))

    def counts(self) -> Counter[str]:
        """Return what was counted since ``set``."""
        return Counter(json.loads(self._ask("GET", "/counts")))

    def _ask(self, method: str, path: str, body: str | None = None) -> bytes:
        place = self.url.removeprefix("http://")
        connection = http.client.HTTPConnection(place, timeout=SLOWEST_SECONDS)
        try:
            connection.request(method, path, body)
            return connection.getresponse().read()
        finally:
            connection.close()
