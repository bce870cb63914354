"""The two transports to Slack, through slack_sdk: its Web API and incoming webhooks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.channels.limits import asked_wait
from bot.channels.slack.outcomes import Reply, is_known, judged, remedy
from bot.core.alerts.message import Delivery
from bot.core.delivery import InDoubt, RetryLater
from bot.core.process import Clock
from bot.core.secret import Secret
from bot.net.excerpt import Excerpts

if TYPE_CHECKING:  # heavy: loaded at the first send
    from slack_sdk import WebClient
    from slack_sdk.web import SlackResponse
    from slack_sdk.webhook import WebhookResponse

    from bot.channels.slack.exchange import Exchange

HTTP_OK = 200
HISTORY_PAGES = 25
"""How many pages of a channel are read at most, of 200 messages each."""

NOT_NOW = "cannot look now whether an earlier attempt arrived"
TOO_BUSY = "too much was posted around an earlier attempt to know whether it arrived"

_SKEW = timedelta(minutes=5)
"""How far Slack's clock may be from ours."""

_BEFORE = timedelta(seconds=90) + _SKEW
_AFTER = timedelta(seconds=60) + _SKEW
"""How long before an attempt was ended, and after, its message may have been posted."""

_UNKNOWN = "unknown"
"""A code that Slack does not have, in place of what was said."""
_NOT_JSON = "Received a response in a non-JSON format"
_QUIET: dict[str, Any] = {"unfurl_links": False, "unfurl_media": False, "mrkdwn": False}


class WebApi:
    """Posts with a bot token, by ``chat.postMessage``."""

    def __init__(
        self, token: Secret, channel: str, api_url: str, excerpts: Excerpts, clock: Clock | None
    ) -> None:
        self._clock = clock
        self._token = token
        self._channel = channel
        self._api_url = api_url
        self._excerpts = excerpts

    def post(
        self,
        text: str,
        blocks: Sequence[Mapping[str, Any]],
        metadata: Mapping[str, Any],
        exchange: Exchange,
    ) -> Reply:
        """Post once. Raises what httpcore raises where no answer came."""
        from slack_sdk.errors import SlackApiError

        try:
            self._client(exchange).chat_postMessage(
                channel=self._channel,
                text=text,
                blocks=[dict(block) for block in blocks] or None,
                metadata=dict(metadata),
                link_names=False,
                parse="none",
                **_QUIET,
            )
        except SlackApiError as error:
            return self._reply(error.response)
        return Reply(HTTP_OK)

    def arrived(self, delivery: Delivery, exchange: Exchange) -> bool | InDoubt:
        """Look for the delivery's message in the channel, around the attempts that are in doubt.

        ``InDoubt`` where that cannot be known now, but perhaps later; False where it never can
        be: without the scope, say, a second message is better than none.
        """
        from slack_sdk.errors import SlackApiError

        try:
            return self._found(delivery, exchange)
        except SlackApiError as error:
            match judged(self._reply(error.response), delivery.attempt):
                case RetryLater(retry_after=wait) | InDoubt(retry_after=wait):
                    return InDoubt(NOT_NOW, wait)
            return False
        except (ValueError, AttributeError):
            return False
        except Exception:  # noqa: BLE001 - no answer came
            return InDoubt(NOT_NOW)

    def _found(self, delivery: Delivery, exchange: Exchange) -> bool | InDoubt:
        """Read every page of the channel's history around the attempts, whatever their order."""
        read = 0
        for oldest, latest in _spans(delivery):
            cursor: str | None = None
            while cursor != "":
                if read == HISTORY_PAGES:
                    return InDoubt(TOO_BUSY)
                read += 1
                page = self._client(exchange).conversations_history(
                    channel=self._channel,
                    oldest=oldest,
                    latest=latest,
                    include_all_metadata=True,
                    limit=200,
                    cursor=cursor,
                )
                if any(_carries(message, delivery.id) for message in page.get("messages") or ()):
                    return True
                cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
                if page.get("has_more") and not cursor:
                    return InDoubt(TOO_BUSY)
        return False

    def check(self, exchange: Exchange) -> str | None:
        """Ask Slack whose the token is and, where its scopes allow, whether the channel exists."""
        from slack_sdk.errors import SlackApiError

        try:
            told = self._client(exchange).auth_test()
            scopes = _header(told.headers, "x-oauth-scopes")
            if scopes and "chat:write" not in scopes.replace(" ", "").split(","):
                return f"missing_scope: {remedy('missing_scope')}"
        except SlackApiError as error:
            return self._problem(error.response)
        return self._channel_problem(exchange)

    def _channel_problem(self, exchange: Exchange) -> str | None:
        from slack_sdk.errors import SlackApiError

        try:
            found = self._client(exchange).conversations_info(channel=self._channel)
        except SlackApiError as error:
            problem = self._problem(error.response)
            return None if "missing_scope" in problem else problem
        archived = (found.get("channel") or {}).get("is_archived")
        return f"is_archived: {remedy('is_archived')}" if archived else None

    def _problem(self, response: SlackResponse) -> str:
        code = self._reply(response).quoted(self._excerpts.of).code
        known = remedy(code)
        return f"{code}: {known}" if known else code

    def _reply(self, response: SlackResponse) -> Reply:
        data = response.data
        code = str(data.get("error") or "") if isinstance(data, dict) else _NOT_JSON
        odd = not code or code.startswith(_NOT_JSON)
        said = code.removeprefix(_NOT_JSON).removeprefix(": ")
        wait = _wait(response.headers, data, self._clock)
        if is_known(code):
            return Reply(response.status_code, code, wait)
        return Reply(response.status_code, _UNKNOWN, wait, odd, said)

    def _client(self, exchange: Exchange) -> WebClient:
        from bot.channels.slack.clients import OneWebClient

        return OneWebClient(exchange, token=self._token.reveal(), base_url=self._api_url)


class IncomingWebhook:
    """Posts to an incoming webhook, which knows its channel and tells nothing back."""

    def __init__(self, url: Secret, excerpts: Excerpts, clock: Clock | None) -> None:
        self._url = url
        self._excerpts = excerpts
        self._clock = clock

    def post(
        self,
        text: str,
        blocks: Sequence[Mapping[str, Any]],
        metadata: Mapping[str, Any],  # noqa: ARG002 - could not be read back
        exchange: Exchange,
    ) -> Reply:
        """Post once. Raises what httpcore raises where no answer came."""
        from bot.channels.slack.clients import OneWebhookClient

        client = OneWebhookClient(self._url.reveal(), exchange)
        body: dict[str, Any] = {"text": text, **_QUIET}
        if blocks:
            body["blocks"] = [dict(block) for block in blocks]
        return self._reply(client.send_dict(body))

    def arrived(self, delivery: Delivery, exchange: Exchange) -> bool:  # noqa: ARG002
        """Return False: a webhook cannot be asked what it posted."""
        return False

    def check(self, exchange: Exchange) -> None:
        """Connect to Slack without sending; nothing is known where a proxy is in between."""
        exchange.reach(self._url.reveal())

    def _reply(self, response: WebhookResponse) -> Reply:
        body = response.body.strip()
        data = _object(body)
        said = body if data is None else _refusal(data)
        reply = Reply(response.status_code)
        if reply.succeeds and _is_taken(said, data):
            return reply
        raw = None if is_known(said) else said or body or "an empty answer"
        code = said if raw is None else _UNKNOWN
        wait = _wait(response.headers, data, self._clock)
        return Reply(reply.status, code, wait, reply.succeeds and data is None, raw)


def _is_taken(said: str, data: Mapping[str, Any] | None) -> bool:
    """Tell whether an answer of success is one: others than Slack say what they like, or nothing.

    A page is none: it is what stands between us and them that shows pages.
    """
    if data is not None:
        return all(data.get(key, True) is not False for key in ("ok", "success")) and (
            data.get("result") != "error"
        )
    return not said.startswith("<") and not is_known(said)


def _refusal(data: Mapping[str, Any]) -> str:
    """Return what a JSON answer gives as its error, if it is a text."""
    told = next((data[key] for key in ("error", "msg", "message") if data.get(key)), "")
    return told if isinstance(told, str) else ""


def _object(body: str) -> dict[str, Any] | None:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _wait(headers: Mapping[str, str], data: object, clock: Clock | None) -> timedelta | None:
    """Return the wait that an answer asks for, in its header or in its body, if any can be read."""
    found = asked_wait(_header(headers, "retry-after"), clock() if clock else None)
    if found is not None or not isinstance(data, dict):
        return found
    return asked_wait(data.get("retry_after"))


def _spans(delivery: Delivery) -> list[tuple[str, str | None]]:
    """Return the times in which a message in doubt may have been posted, the last first."""
    if not delivery.doubts:
        return [(str((delivery.created_at - _SKEW).timestamp()), None)]
    spans: list[tuple[datetime, datetime]] = []
    for doubt in sorted(delivery.doubts):
        start, end = doubt - _BEFORE, doubt + _AFTER
        if spans and start <= spans[-1][1]:
            start = spans.pop()[0]
        spans.append((start, end))
    return [(str(start.timestamp()), str(end.timestamp())) for start, end in reversed(spans)]


def _carries(message: Mapping[str, Any], delivery_id: str) -> bool:
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    return bool(payload.get("delivery_id") == delivery_id)


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")
