"""The requests of one send to Slack, which share a time limit, and their answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from msgspec import Struct

from bot.net.body import read_body
from bot.net.client import Client
from bot.net.deadline import Deadline

MAX_ANSWER = 16 * 1024 * 1024
"""Bytes of an answer that are read at most; a page of a channel's history is the longest."""

_JSON = "application/json;charset=utf-8"
_FORM = "application/x-www-form-urlencoded"


class Answered(Struct, frozen=True):
    """An answer as it came, an error or a redirect included.

    Header names are lower case; ``data`` is what the body says as JSON, null where it is none.
    """

    status: int
    headers: Mapping[str, str]
    body: str
    data: Any


class Exchange:
    """Sends the requests of one send, each once and to its address alone.

    Unlike webhooks it may be any address: the configured one is the operator's word. Raises
    ``NetError`` where no whole answer comes.
    """

    def __init__(self, client: Client, deadline: Deadline) -> None:
        self._client = client
        self._deadline = deadline

    def send(self, url: str, message: Mapping[str, Any], token: str | None = None) -> Answered:
        """Post a message."""
        return self._post(url, json.dumps(message), _JSON, token)

    def call(self, url: str, arguments: Mapping[str, Any], token: str) -> Answered:
        """Call a method that takes a form."""
        return self._post(url, urlencode(arguments), _FORM, token)

    def reach(self) -> None:
        """Connect without sending; nothing is known where a proxy is in between."""
        self._client.reach(self._deadline)

    def _post(self, url: str, body: str, form: str, token: str | None) -> Answered:
        headers = {"Content-Type": form}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        with self._client.ask(
            "POST", url, self._deadline, headers=headers, content=body.encode()
        ) as answer:
            said = read_body(answer, self._deadline, MAX_ANSWER).decode(errors="replace").strip()
        return Answered(answer.status_code, dict(answer.headers), said, _data(said))


def _data(body: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
