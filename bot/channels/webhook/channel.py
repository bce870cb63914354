"""Signed webhooks, as Standard Webhooks 1.0 has them."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from bot import __version__
from bot.channels.addresses import Resolve, resolve
from bot.channels.kept import Connections, ends_with_its_answer
from bot.channels.limits import SEND_TIMEOUT, retry_after
from bot.core.alerts.message import Delivery
from bot.core.delivery import Delivered, InDoubt, Outcome, Rejected, RetryLater, Scope
from bot.core.process import Clock
from bot.core.secret import Secret
from bot.net.excerpt import Excerpts, Known, Quote

if TYPE_CHECKING:  # heavy: loaded at the first send
    import ssl

    import httpcore
    import httpx

    from bot.channels.connection import Deadline, TimedStream

USER_AGENT = f"leaderboard-bot/{__version__}"

MAX_ANSWER = 64 * 1024
"""Bytes of an answer that are read at most."""

GONE = 410

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
        known: Known | None = None,
        connections: Connections | None = None,
    ) -> None:
        self.name = name
        self._url = url
        self._secrets = tuple(secrets)
        self._allow_private = allow_private
        self._clock = clock
        self._timeout = timeout
        self._resolve = resolve
        self._given_tls = tls
        self._monotonic = monotonic
        self._connections = connections or Connections(monotonic)
        self._key = object()
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
        return self._mapped(lambda: self._post(headers, delivery.body, quoted), quoted)

    def check(self) -> str | None:
        """Resolve the host and connect to it, without sending anything."""
        outcome = self._mapped(self._connect, self._excerpts.of)
        return None if isinstance(outcome, Delivered) else outcome.error

    def _headers(self, delivery: Delivery) -> dict[str, str]:
        from standardwebhooks import Webhook

        now = self._clock().astimezone(UTC)
        headers = {
            "content-type": "application/json",
            "user-agent": USER_AGENT,
            "webhook-id": delivery.id,
            "webhook-timestamp": str(int(now.timestamp())),
        }
        body = delivery.body.decode()
        signatures = [
            Webhook(secret.reveal()).sign(delivery.id, now, body) for secret in self._secrets
        ]
        return {**headers, "webhook-signature": " ".join(signatures)} if signatures else headers

    def _mapped(self, call: Callable[[], Outcome], quoted: Quote) -> Outcome:
        import httpcore
        import httpx

        from bot.channels.connection import RefusedConnectionError

        try:
            return call()
        except RefusedConnectionError as error:
            return RetryLater(str(error))
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            return RetryLater(f"cannot connect: {self._excerpts.of(error)}")
        except (httpx.InvalidURL, httpcore.UnsupportedProtocol):
            return Rejected("the url is not an http(s) address", Scope.CHANNEL)
        except Exception as error:  # noqa: BLE001 - the request may have arrived
            what = quoted(error) or type(error).__name__
            return InDoubt(f"the connection broke or timed out before an answer: {what}")

    def _connect(self) -> Outcome:
        with closing(self._opened(self._target, self._deadline(), tls=False)):
            return Delivered()

    def _post(self, headers: Mapping[str, str], body: bytes, quoted: Quote) -> Outcome:
        """Post once, over the connection of the post before where it is still of use.

        Nothing is repeated on another connection: of what was written, any byte may have arrived.
        """
        import httpcore

        from bot.channels.connection import address_of

        target, deadline = self._target, self._deadline()
        url = address_of(target)
        host = {"host": target.netloc.decode()}  # httpcore's own lacks the brackets of IPv6
        sent = [*host.items(), *headers.items(), *_credentials(target).items()]
        stream = self._connections.take(self._key) or self._opened(target, deadline)
        stream.begin(deadline)
        connection = httpcore.HTTP11Connection(url.origin, stream)
        with connection.stream("POST", url, headers=sent, content=body) as response:
            outcome = self._outcome(response, quoted, deadline)
        if connection.is_idle() and ends_with_its_answer(stream.received, response):
            self._connections.keep(self._key, stream)
        else:
            connection.close()
        return outcome

    def _outcome(self, response: httpcore.Response, quoted: Quote, deadline: Deadline) -> Outcome:
        status = response.status
        if 200 <= status < 300:  # noqa: PLR2004
            deadline.shorten(_DRAIN)
            _start(response)  # to its end, so that the connection can be kept
            return Delivered()
        error = f"HTTP {status}"
        if 300 <= status < 400:  # noqa: PLR2004
            error += " (redirects are not followed)"
        said = quoted(_start(response))
        error += f": {said}" if said else ""
        if status == GONE:
            return Rejected(error, Scope.ENDPOINT)
        headers = {key.lower(): value for key, value in response.headers}
        asked = headers.get(b"retry-after", b"").decode("latin-1")
        return RetryLater(error, retry_after(asked, self._clock()))

    def _opened(self, target: httpx.URL, deadline: Deadline, *, tls: bool = True) -> TimedStream:
        """Connect to the configured host, its name resolved and its address checked anew."""
        from bot.channels.connection import GuardedBackend, port_of

        certificates = self._tls if tls and target.scheme == "https" else None
        backend = GuardedBackend(self._resolve, deadline, allow_private=self._allow_private)
        host = target.raw_host.decode()
        stream = backend.connect_tcp(host, port_of(target))
        return stream.start_tls(certificates, host) if certificates else stream

    def _deadline(self) -> Deadline:
        from bot.channels.connection import Deadline

        return Deadline(self._timeout, self._monotonic)

    @property
    def _target(self) -> httpx.URL:
        import httpx

        return httpx.URL(self._url.reveal())

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        import httpcore
        import httpx

        # Proxies of the environment would pass the guard; its certificates are the operator's.
        try:
            context = self._given_tls or httpx.create_ssl_context()
        except OSError as error:
            told = "the certificates that SSL_CERT_FILE names cannot be read"
            raise httpcore.ConnectError(told) from error
        context.set_alpn_protocols(["http/1.1"])
        return context


def _credentials(url: httpx.URL) -> dict[str, str]:
    if not url.userinfo:
        return {}
    pair = base64.b64encode(f"{url.username}:{url.password}".encode()).decode()
    return {"authorization": f"Basic {pair}"}


def _start(response: httpcore.Response) -> str:
    """Return the start of the answer's text; a broken answer's as far as it came."""
    import httpcore

    read = b""
    try:
        for chunk in response.iter_stream():
            read += chunk[: MAX_ANSWER - len(read)]
            if len(read) >= MAX_ANSWER:
                break
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError):
        pass  # the status is what counts
    return read.decode(errors="replace")
