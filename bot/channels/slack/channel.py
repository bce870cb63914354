"""Slack, by bot token or by incoming webhook."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, timedelta, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING

from bot.channels.sending import SEND_TIMEOUT, broken, kept_connections
from bot.channels.slack.kind import API_URL
from bot.channels.slack.outcomes import UNKNOWN_TRIES, judged, refuses_blocks
from bot.channels.slack.transports import IncomingWebhook, WebApi
from bot.core.alerts.message import Delivery
from bot.core.delivery import Delivered, InDoubt, Outcome
from bot.core.process import Clock
from bot.core.render import slack
from bot.core.render.slack import SlackPayload
from bot.core.secret import Secret
from bot.net.addresses import Resolve, resolve
from bot.net.deadline import Deadline
from bot.net.excerpt import Excerpts, KnownSecrets, Quote

if TYPE_CHECKING:  # heavy: loaded at the first send
    from bot.channels.slack.exchange import Exchange
    from bot.net.client import Client
    from bot.net.connections import Connections

_QUIET = {"unfurl_links": False, "unfurl_media": False, "mrkdwn": False}


class SlackChannel:
    """Posts messages to one Slack channel.

    Takes exactly one of ``token`` with ``channel``, or ``webhook_url``; without ``clock`` it reads
    no wait that is given as a date. The outbox is the only retry.
    """

    pace = timedelta(seconds=1)
    for_people = True

    def __init__(  # noqa: PLR0913 - the last eight have defaults
        self,
        name: str,
        *,
        endpoint: str,
        token: Secret | None = None,
        channel: str | None = None,
        webhook_url: Secret | None = None,
        api_url: str = API_URL,
        timeout: timedelta = SEND_TIMEOUT,
        monotonic: Callable[[], float] = time.monotonic,
        known: KnownSecrets | None = None,
        clock: Clock | None = None,
        resolve: Resolve = resolve,
        connections: Connections | None = None,
        zone: tzinfo = UTC,
    ) -> None:
        self.name = name
        self._zone = zone
        self._endpoint = endpoint
        self._timeout = timeout
        self._monotonic = monotonic
        self._resolve = resolve
        self._connections = connections or kept_connections(monotonic)
        own = [secret.reveal() for secret in (token, webhook_url) if secret is not None]
        self._excerpts = Excerpts(own, known)
        self._transport: WebApi | IncomingWebhook
        if webhook_url is not None:
            self._transport = IncomingWebhook(webhook_url, clock)
        elif token is not None and channel is not None:
            self._transport = WebApi(token, channel, api_url, self._excerpts, clock)
        else:
            raise ValueError("a Slack channel needs token and channel, or webhook_url")

    def send(self, delivery: Delivery) -> Outcome:
        """Post once; where an earlier attempt may have arrived, look for its message first."""
        payload = slack.render(
            delivery.message, delivery.facts, self._endpoint, delivery.id, self._zone
        )
        quoted = self._excerpts.about(delivery)
        try:
            return self._post(delivery, payload, self._exchange(), quoted)
        except Exception as error:  # noqa: BLE001 - each is told apart by what was sent
            return broken(error, quoted, self._excerpts.of)

    def check(self) -> str | None:
        """Say why Slack or the channel cannot be reached; nothing is posted."""
        try:
            return self._transport.check(self._exchange())
        except Exception as error:  # noqa: BLE001 - any of them means: not reachable
            return broken(error, self._excerpts.of, self._excerpts.of).error

    def _post(
        self, delivery: Delivery, payload: SlackPayload, exchange: Exchange, quoted: Quote
    ) -> Outcome:
        if delivery.in_doubt:
            arrived = self._transport.arrived(delivery, exchange)
            if arrived is True:
                return Delivered()
            # At last a second message is better than none.
            if isinstance(arrived, InDoubt) and delivery.attempt < UNKNOWN_TRIES:
                return arrived
        message = {"text": payload.text, "metadata": payload.metadata, **_QUIET}
        reply = self._transport.post({**message, "blocks": payload.blocks}, exchange)
        if refuses_blocks(reply.code):
            reply = self._transport.post({**message, "text": payload.plain}, exchange)
        return judged(reply.quoted(quoted), delivery.attempt)

    def _exchange(self) -> Exchange:
        from bot.channels.slack.exchange import Exchange

        return Exchange(self._client, Deadline(self._timeout, self._monotonic))

    @cached_property
    def _client(self) -> Client:
        """What connects to Slack, through the environment's proxy if it names one."""
        from bot.net.client import Client
        from bot.net.environment import machine_certificates

        return Client(
            self._transport.address,
            self._connections,
            resolve=self._resolve,
            proxies=("https", "http"),
            tls=machine_certificates(),
        )
