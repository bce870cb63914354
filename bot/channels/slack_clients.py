"""slack_sdk's clients, made to ask one address once, and to read no answer without end.

Its own follow redirects and take the token, or the message, along to wherever those lead.
"""

from __future__ import annotations

from collections.abc import Callable
from http.client import HTTPMessage, HTTPResponse
from math import ceil
from typing import Any
from urllib.request import (
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
)

from msgspec import Struct
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient, WebhookResponse

MAX_ANSWER = 16 * 1024 * 1024
"""Bytes of an answer that are read at most; a page of a channel's history is the longest."""

_CHUNK = 64 * 1024


class OneWebClient(WebClient):
    """A ``WebClient`` that returns a redirect as the answer that it is."""

    def __init__(self, *, left: Callable[[], float], **options: Any) -> None:
        """Take ``WebClient``'s options; ``left`` returns the seconds left, or raises."""
        super().__init__(timeout=ceil(left()), retry_handlers=[], **options)
        self._left = left

    def _perform_urllib_http_request_internal(
        self,
        url: str,  # noqa: ARG002 - the request has it
        req: Request,
    ) -> dict[str, Any]:
        got = _asked(req, self.proxy, self._left)
        return {"status": got.status, "headers": got.headers, "body": got.body}


class OneWebhookClient(WebhookClient):
    """A ``WebhookClient`` that returns a redirect as the answer that it is."""

    def __init__(self, url: str, *, left: Callable[[], float], **options: Any) -> None:
        """Take ``WebhookClient``'s options; ``left`` returns the seconds left, or raises."""
        super().__init__(url, timeout=ceil(left()), retry_handlers=[], **options)
        self._left = left

    def _perform_http_request_internal(self, url: str, req: Request) -> WebhookResponse:
        got = _asked(req, self.proxy, self._left)
        headers = dict(got.headers.items())
        return WebhookResponse(url=url, status_code=got.status, body=got.body, headers=headers)


class _Answered(Struct, frozen=True):
    status: int
    headers: HTTPMessage
    body: str


def _asked(request: Request, proxy: str | None, left: Callable[[], float]) -> _Answered:
    """Send a request once and return whatever answer comes, errors and redirects included."""
    with _opener(proxy).open(request, timeout=left()) as response:
        return _Answered(response.status, response.headers, _read(response, left))


def _opener(proxy: str | None) -> OpenerDirector:
    """Return what only connects: without urllib's handlers of redirects, errors and files."""
    opener = OpenerDirector()
    proxies = ProxyHandler({"http": proxy, "https": proxy} if proxy else None)
    for handler in (proxies, HTTPHandler(), HTTPSHandler(), UnknownHandler()):
        opener.add_handler(handler)
    return opener


def _read(response: HTTPResponse, left: Callable[[], float]) -> str:
    body = b""
    while len(body) < MAX_ANSWER:
        left()  # a slow drip would gain time
        chunk = response.read1(min(_CHUNK, MAX_ANSWER - len(body)))
        if not chunk:
            break
        body += chunk
    return body.decode(errors="replace")
