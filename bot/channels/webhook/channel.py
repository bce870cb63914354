"""Signed webhooks, as Standard Webhooks 1.0 has them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from bot.channels.sending import SEND_TIMEOUT, broken, kept_connections
from bot.core.alerts.message import Delivery
from bot.core.delivery import Delivered, InDoubt, Outcome, Rejected, RetryLater, Scope
from bot.core.process import Clock
from bot.core.secret import Secret
from bot.net.addresses import Resolve, anywhere, public, resolve
from bot.net.deadline import Deadline
from bot.net.errors import RefusedAddressError
from bot.net.excerpt import Excerpts, KnownSecrets, Quote
from bot.net.retry_after import asked_wait

if TYPE_CHECKING:  # heavy: loaded at the first send
    import ssl

    from bot.net.client import Answer, Client
    from bot.net.connections import Connections

MAX_ANSWER = 64 * 1024
"""Bytes of an answer that are read at most."""

GONE = 410

NOT_PUBLIC = (
    "the host's address is not a public one; if that is meant, set allow_private = true for this"
    " channel"
)

_DRAIN = timedelta(seconds=1)
"""How long the rest of a good answer is waited for."""


class WebhookChannel:
    """Posts stored bodies as they are, signed once per secret.

    ``resolve``, ``tls`` and ``monotonic`` are seams: where host names, trusted certificates and
    seconds come from.
    """

    pace = timedelta(0)
    for_people = False

    def __init__(  # noqa: PLR0913 - the last six have defaults
        self,
        name: str,
        *,
        url: Secret,
        secrets: Sequence[Secret] = (),
        allow_private: bool = False,
        clock: Clock,
        timeout: timedelta = SEND_TIMEOUT,
        resolve: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        known: KnownSecrets | None = None,
        connections: Connections | None = None,
    ) -> None:
        self.name = name
        self._url = url
        self._secrets = tuple(secrets)
        self._allow_private = allow_private
        self._clock = clock
        self._timeout = timeout
        self._resolve = resolve
        self._tls = tls
        self._monotonic = monotonic
        self._connections = connections or kept_connections(monotonic)
        own = [url.reveal(), *(secret.reveal() for secret in secrets)]
        self._excerpts = Excerpts(own, known)

    def send(self, delivery: Delivery) -> Outcome:
        """Post the body once; 2xx is delivered, whatever the answer's body says."""
        from standardwebhooks.webhooks import EmptyWebhookSecretError

        try:
            headers = self._headers(delivery)
        except (EmptyWebhookSecretError, ValueError):
            return Rejected("the secret is not whsec_… with base64 after it", Scope.CHANNEL)
        quoted = self._excerpts.about(delivery)
        try:
            return self._post(headers, delivery.body, quoted)
        except Exception as error:  # noqa: BLE001 - the request may have arrived
            return self._broken(error, quoted)

    def check(self) -> str | None:
        """Resolve the host and connect to it, without sending anything."""
        try:
            self._client.reach(self._deadline())
        except Exception as error:  # noqa: BLE001 - any of them means: not reachable
            return self._broken(error, self._excerpts.of).error
        return None

    def _headers(self, delivery: Delivery) -> dict[str, str]:
        from standardwebhooks import Webhook

        now = self._clock().astimezone(UTC)
        headers = {
            "content-type": "application/json",
            "webhook-id": delivery.id,
            "webhook-timestamp": str(int(now.timestamp())),
        }
        body = delivery.body.decode()
        signatures = [
            Webhook(secret.reveal()).sign(delivery.id, now, body) for secret in self._secrets
        ]
        return {**headers, "webhook-signature": " ".join(signatures)} if signatures else headers

    def _broken(self, error: Exception, quoted: Quote) -> RetryLater | InDoubt | Rejected:
        if isinstance(error, RefusedAddressError):
            return RetryLater(NOT_PUBLIC)
        return broken(error, quoted, self._excerpts.of, "the url is not an http(s) address")

    def _post(self, headers: Mapping[str, str], body: bytes, quoted: Quote) -> Outcome:
        """Post once, over the connection of the post before where it is still of use.

        Nothing is repeated on another connection: of what was written, any byte may have arrived.
        """
        url, deadline = self._url.reveal(), self._deadline()
        with self._client.ask("POST", url, deadline, headers=headers, content=body) as answer:
            return self._outcome(answer, quoted, deadline)

    def _outcome(self, answer: Answer, quoted: Quote, deadline: Deadline) -> Outcome:
        from bot.net.body import read_start

        if answer.is_success:
            deadline.shorten(_DRAIN)
            read_start(answer, MAX_ANSWER)  # to its end, so that the connection can be kept
            return Delivered()
        error = f"HTTP {answer.status_code}"
        if 300 <= answer.status_code < 400:  # noqa: PLR2004 - plainer than names
            error += " (redirects are not followed)"
        said = quoted(read_start(answer, MAX_ANSWER))
        error += f": {said}" if said else ""
        if answer.status_code == GONE:
            return Rejected(error, Scope.ENDPOINT)
        asked = asked_wait(answer.headers.get("retry-after"), self._clock())
        return RetryLater(error, asked or None)

    def _deadline(self) -> Deadline:
        return Deadline(self._timeout, self._monotonic)

    @cached_property
    def _client(self) -> Client:
        """What connects to the configured host, its name resolved and its address checked anew.

        Proxies of the environment would pass that guard; its certificates are the operator's.
        """
        from bot.net.client import Client

        return Client(
            self._url.reveal(),
            self._connections,
            resolve=self._resolve,
            allowed=anywhere if self._allow_private else public,
            tls=self._tls,
        )
