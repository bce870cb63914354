"""Asks servers on loopback, without certificates: to load them takes longer than to be answered."""

from __future__ import annotations

import ssl
from functools import partial
from typing import Any

import httpx

plain_client = partial(
    httpx.Client, trust_env=False, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
)
"""Makes a client that heeds no proxy, with the options of ``httpx.Client``."""


def get(address: str, *, follow_redirects: bool = False, **options: Any) -> httpx.Response:
    """Ask one question, with the options of ``httpx.get``."""
    with plain_client(follow_redirects=follow_redirects) as one:
        return one.get(address, **options)
