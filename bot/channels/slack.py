"""Slack, by bot token or by incoming webhook."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from bot.channels.excerpt import Excerpts, Known, Quote
from bot.channels.limits import SEND_TIMEOUT, within
from bot.channels.slack_outcomes import UNKNOWN_TRIES, Reply, broken, judged, refuses_blocks
from bot.channels.slack_transports import IncomingWebhook, Left, WebApi
from bot.core.delivery import Delivered, InDoubt, Outcome
from bot.core.message import Outgoing
from bot.core.render import slack
from bot.core.render.slack import SlackPayload
from bot.core.secret import Secret
from bot.ports import Clock

API_URL = "https://slack.com/api/"


class SlackChannel:
    """Posts messages to one Slack channel; implements ``ports.Channel``.

    Takes exactly one of ``token`` with ``channel``, or ``webhook_url``; without ``clock`` it reads
    no wait that is given as a date. slack_sdk's own retries
    are off: they can post twice. The outbox is the only retry.
    """

    pace = timedelta(seconds=1)
    for_people = True

    def __init__(  # noqa: PLR0913 - the last five have defaults
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
        known: Known | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.name = name
        self._endpoint = endpoint
        self._timeout = timeout
        self._monotonic = monotonic
        own = [secret.reveal() for secret in (token, webhook_url) if secret is not None]
        self._excerpts = Excerpts(own, known)
        self._transport: WebApi | IncomingWebhook
        if webhook_url is not None:
            self._transport = IncomingWebhook(webhook_url, self._excerpts, clock)
        elif token is not None and channel is not None:
            self._transport = WebApi(token, channel, api_url, self._excerpts, clock)
        else:
            raise ValueError("a Slack channel needs token and channel, or webhook_url")

    def send(self, outgoing: Outgoing) -> Outcome:
        """Post once; where an earlier attempt may have arrived, look for its message first."""
        payload = slack.render(outgoing.message, outgoing.facts, self._endpoint, outgoing.id)
        left = self._deadline()
        quoted = self._excerpts.about(outgoing)
        try:
            return within(self._timeout, lambda: self._post(outgoing, payload, left, quoted))
        except TimeoutError as error:
            return InDoubt(str(error))
        except Exception as error:  # noqa: BLE001 - each is told apart by what was sent
            return broken(error, quoted)

    def check(self) -> str | None:
        """Say why Slack or the channel cannot be reached; nothing is posted."""
        left = self._deadline()
        try:
            return within(self._timeout, lambda: self._transport.check(left))
        except TimeoutError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - any of them means: not reachable
            return broken(error, self._excerpts.of).error

    def _post(
        self, outgoing: Outgoing, payload: SlackPayload, left: Left, quoted: Quote
    ) -> Outcome:
        if outgoing.in_doubt:
            arrived = self._transport.arrived(outgoing, left)
            if arrived:
                return Delivered()
            if arrived is None and outgoing.attempt < UNKNOWN_TRIES:
                return InDoubt("cannot look now whether an earlier attempt arrived")
        reply = self._transport.post(payload.text, payload.blocks, payload.metadata, left)
        if refuses_blocks(reply.code):
            reply = self._plainly(payload, left)
        return judged(reply.quoted(quoted), outgoing.attempt)

    def _plainly(self, payload: SlackPayload, left: Left) -> Reply:
        return self._transport.post(payload.plain, (), payload.metadata, left)

    def _deadline(self) -> Left:
        end = self._monotonic() + self._timeout.total_seconds()

        def left() -> float:
            seconds = end - self._monotonic()
            if seconds <= 0:
                raise TimeoutError("the time limit for the whole request is over")
            return seconds

        return left
