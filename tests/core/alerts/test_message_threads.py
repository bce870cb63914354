"""Messages are decoded by several threads, one a channel, from the first moment on."""

from __future__ import annotations

import subprocess
import sys

from tests.support.process.installation import ROOT

FIRST_DECODES = """
import importlib, sys, threading
from bot.core import board, events
from bot.core.alerts import message
from tests.support.messages import sample_message
sys.setswitchinterval(1e-6)
body = message.encode(sample_message("alert"))
for _ in range(40):
    for module in (board, events, message):
        importlib.reload(module)  # new types, that no thread has decoded yet
    together = threading.Barrier(4)
    def decode():
        together.wait()
        message.decode(body)
    threads = [threading.Thread(target=decode) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


def test_threads_may_decode_their_first_message_at_once() -> None:
    """Msgspec works a type out when it is first used, and two threads doing so crash."""
    done = subprocess.run(
        [sys.executable, "-c", FIRST_DECODES], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
