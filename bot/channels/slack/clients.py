"""slack_sdk's clients, made to send through ``Exchange``: once, to one address, until a deadline.

Its own follow redirects and take the token, or the message, along to wherever those lead.
"""

from __future__ import annotations

from typing import Any
from urllib.request import Request

from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient, WebhookResponse

from bot.channels.slack.exchange import SILENT, Exchange


class OneWebClient(WebClient):
    """A ``WebClient`` that returns a redirect as the answer that it is."""

    def __init__(self, exchange: Exchange, **options: Any) -> None:
        """Take ``WebClient``'s options, and what sends its requests."""
        super().__init__(retry_handlers=[], logger=SILENT, **options)
        self._exchange = exchange

    def _perform_urllib_http_request_internal(
        self,
        url: str,  # noqa: ARG002 - the request has it
        req: Request,
    ) -> dict[str, Any]:
        got = self._exchange.ask(req)
        return {"status": got.status, "headers": got.headers, "body": got.body}


class OneWebhookClient(WebhookClient):
    """A ``WebhookClient`` that returns a redirect as the answer that it is."""

    def __init__(self, url: str, exchange: Exchange) -> None:
        """Take a webhook's address, and what sends its requests."""
        super().__init__(url, retry_handlers=[], logger=SILENT)
        self._exchange = exchange

    def _perform_http_request_internal(self, url: str, req: Request) -> WebhookResponse:
        got = self._exchange.ask(req)
        return WebhookResponse(url=url, status_code=got.status, body=got.body, headers=got.headers)
