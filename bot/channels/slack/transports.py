"""The two transports to Slack: its Web API and incoming webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from bot.channels.slack.outcomes import Reply, is_known, judged, remedy
from bot.core.alerts.message import Delivery
from bot.core.delivery import InDoubt, RetryLater
from bot.core.process import Clock
from bot.core.secret import Secret
from bot.net.excerpt import Excerpts
from bot.net.retry_after import asked_wait

if TYPE_CHECKING:  # heavy: loaded at the first send
    from bot.channels.slack.exchange import Answered, Exchange

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


class _RefusedError(Exception):
    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


class WebApi:
    """Posts with a bot token, by ``chat.postMessage``."""

    def __init__(
        self, token: Secret, channel: str, api_url: str, excerpts: Excerpts, clock: Clock | None
    ) -> None:
        self.address = api_url
        self._clock = clock
        self._token = token
        self._channel = channel
        self._excerpts = excerpts

    def post(self, message: Mapping[str, Any], exchange: Exchange) -> Reply:
        """Post once. Raises ``NetError`` where no answer came."""
        sent = {**message, "channel": self._channel, "link_names": False, "parse": "none"}
        url = f"{self.address}chat.postMessage"
        return self._reply(exchange.send(url, sent, self._token.reveal()))

    def arrived(self, delivery: Delivery, exchange: Exchange) -> bool | InDoubt:
        """Look for the delivery's message in the channel, around the attempts that are in doubt.

        ``InDoubt`` where that cannot be known now, but perhaps later; False where it never can
        be: without the scope, say, a second message is better than none.
        """
        try:
            return self._found(delivery, exchange)
        except _RefusedError as refused:
            match judged(refused.reply, delivery.attempt):
                case RetryLater(retry_after=wait) | InDoubt(retry_after=wait):
                    return InDoubt(NOT_NOW, wait)
            return False
        except (AttributeError, TypeError, ValueError):  # no history, whatever it is
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
                page = self._page(exchange, oldest=oldest, latest=latest, cursor=cursor)
                if any(_carries(message, delivery.id) for message in page.get("messages") or ()):
                    return True
                cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
                if page.get("has_more") and not cursor:
                    return InDoubt(TOO_BUSY)
        return False

    def _page(self, exchange: Exchange, **asked: str | None) -> Mapping[str, Any]:
        told = self._call(
            "conversations.history",
            exchange,
            channel=self._channel,
            include_all_metadata="1",
            limit="200",
            **asked,
        )
        if told.status == HTTPStatus.OK and told.data and told.data.get("ok"):
            page: Mapping[str, Any] = told.data
            return page
        raise _RefusedError(self._reply(told))

    def check(self, exchange: Exchange) -> str | None:
        """Ask Slack whose the token is and, where its scopes allow, whether the channel exists."""
        told = self._call("auth.test", exchange)
        if problem := self._problem(told):
            return problem
        scopes = told.headers.get("x-oauth-scopes", "")
        if scopes and "chat:write" not in scopes.replace(" ", "").split(","):
            return f"missing_scope: {remedy('missing_scope')}"
        return self._channel_problem(exchange)

    def _channel_problem(self, exchange: Exchange) -> str | None:
        found = self._call("conversations.info", exchange, channel=self._channel)
        if problem := self._problem(found):
            return None if "missing_scope" in problem else problem
        archived = (found.data.get("channel") or {}).get("is_archived")
        return f"is_archived: {remedy('is_archived')}" if archived else None

    def _problem(self, answered: Answered) -> str | None:
        code = self._reply(answered).quoted(self._excerpts.of).code
        known = remedy(code)
        return f"{code}: {known}" if known else code or None

    def _reply(self, answered: Answered) -> Reply:
        """Return what an answer says; only ``ok`` with HTTP 200 is a success."""
        status, data = answered.status, answered.data
        told = data if isinstance(data, dict) else {}
        if status == HTTPStatus.OK and told.get("ok"):
            return Reply(status)
        code = str(told.get("error") or "")
        wait = _wait(answered, self._clock)
        if is_known(code):
            return Reply(status, code, wait)
        raw = answered.body if data is None else code
        return Reply(status, _UNKNOWN, wait, not code, raw)

    def _call(self, method: str, exchange: Exchange, **arguments: str | None) -> Answered:
        given = {name: value for name, value in arguments.items() if value is not None}
        return exchange.call(f"{self.address}{method}", given, self._token.reveal())


class IncomingWebhook:
    """Posts to an incoming webhook, which knows its channel and tells nothing back."""

    def __init__(self, url: Secret, clock: Clock | None) -> None:
        self._url = url
        self._clock = clock

    @property
    def address(self) -> str:
        """The address, which is the credential."""
        return self._url.reveal()

    def post(self, message: Mapping[str, Any], exchange: Exchange) -> Reply:
        """Post once, without metadata: nobody could read it back. Raises as ``WebApi`` does."""
        sent = {key: value for key, value in message.items() if key != "metadata"}
        return self._reply(exchange.send(self.address, sent))

    def arrived(self, delivery: Delivery, exchange: Exchange) -> bool:  # noqa: ARG002
        """Return False: a webhook cannot be asked what it posted."""
        return False

    def check(self, exchange: Exchange) -> None:
        """Connect to Slack without sending; nothing is known where a proxy is in between."""
        exchange.reach()

    def _reply(self, answered: Answered) -> Reply:
        data = answered.data if isinstance(answered.data, dict) else None
        said = answered.body if data is None else _refusal(data)
        reply = Reply(answered.status)
        if reply.succeeds and _is_taken(said, data):
            return reply
        raw = None if is_known(said) else said or answered.body or "an empty answer"
        code = said if raw is None else _UNKNOWN
        wait = _wait(answered, self._clock)
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


def _wait(answered: Answered, clock: Clock | None) -> timedelta | None:
    """Return the wait that an answer asks for, in its header or in its body, if any can be read."""
    found = asked_wait(answered.headers.get("retry-after"), clock() if clock else None)
    if found is not None or not isinstance(answered.data, dict):
        return found
    return asked_wait(answered.data.get("retry_after"))


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
