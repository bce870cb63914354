"""What huggingface_hub is asked for: the official benchmarks, facts about models, the token.

The library waits without a limit, retries for minutes and sends its token wherever a page's
``Link`` points. So it gets a transport of ours: its requests go through ``Exchange``, in time,
within the rate limit, to the endpoint alone. A mirror hands out pages that name the real Hub as the
place of the next one: the mirror is asked for it. Importing it takes a moment; nothing here does so
before it is needed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from datetime import UTC, timedelta
from functools import cached_property
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from bot.core.board import ModelFacts
from bot.core.discovery import Benchmark
from bot.core.errors import FetchError, GatedError, UnknownBenchmarkError
from bot.core.secret import Secret
from bot.hub.answers import Reply
from bot.hub.exchange import NOWHERE, Exchange
from bot.net.errors import AddressError

if TYPE_CHECKING:
    import httpx2
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import DatasetInfo, ModelInfo

T = TypeVar("T")

MAX_BENCHMARKS = 10_000
MAX_LICENSE = 100
_MAX_INT64 = 2**63 - 1

NUMBERS = ("HF_HUB_DOWNLOAD_TIMEOUT", "HF_HUB_ETAG_TIMEOUT")
"""Variables that the library takes for whole numbers: for downloads, which it does not do here."""

_LIST = "/api/datasets"
_MODEL = re.compile(r"/api/models/[^/]+/[^/]+")
_ID = re.compile(r"(?!\.)[\w.-]{1,96}/(?!\.)[\w.-]{1,96}", re.ASCII)
_KEPT = ("content-type", "link")
_UNREADABLE = (
    *(ValueError, TypeError, KeyError, AttributeError, RecursionError, OSError),
    AddressError,  # of a page that is named as the next one
)


_errand: ContextVar[Callable[[str], Reply] | None] = ContextVar("errand", default=None)
"""What the library's next requests, in this thread, are made with."""

_installing = Lock()
_installed: list[bool] = []


def benchmarks(exchange: Exchange, limit: timedelta) -> tuple[Benchmark, ...]:
    """List the official benchmarks, sorted by id, within ``limit``.

    Raises:
        FetchError: there is no good list in time.
    """

    def ask(api: HfApi) -> tuple[Benchmark, ...]:
        found = islice(api.list_datasets(benchmark=True), MAX_BENCHMARKS)
        return _benchmarks(found)

    try:
        return _ask(exchange, limit, NOWHERE, "the list of benchmarks", ask)
    except UnknownBenchmarkError:
        raise FetchError("the Hub has no list of benchmarks: check hub.endpoint") from None
    except GatedError:
        raise FetchError("the Hub refuses the list of benchmarks: check hub.token") from None


def model_facts(exchange: Exchange, model: str, limit: timedelta) -> ModelFacts:
    """Look a model up, within ``limit``.

    Raises:
        FetchError: there is no good answer in time, or no such model.
    """

    def ask(api: HfApi) -> ModelFacts:
        return _facts(api.model_info(model))

    if not _ID.fullmatch(model):
        raise FetchError("the model's name is none that the Hub can know")
    try:
        return _ask(exchange, limit, _MODEL, "the model's page", ask)
    except UnknownBenchmarkError:
        raise FetchError("the Hub knows no such model") from None
    except GatedError:
        raise FetchError("the Hub gives no access to the model") from None


def kept_token() -> Secret | None:
    """Return the token that huggingface_hub finds; it renews a login that is about to expire.

    Raises:
        FetchError: there is one, but it cannot be read.
    """
    _before_import()
    try:
        from huggingface_hub import get_token

        found = get_token()
    except _UNREADABLE as error:
        raise FetchError(
            "the token that huggingface_hub keeps cannot be read: set hub.token"
        ) from error
    return Secret(found) if found else None


def _ask(
    exchange: Exchange,
    limit: timedelta,
    moves_to: re.Pattern[str],
    what: str,
    ask: Callable[[HfApi], T],
) -> T:
    api = _api(exchange)
    import httpx2  # loaded with the library by now

    deadline = exchange.deadline(limit)

    def run(url: str) -> Reply:
        return exchange.get(exchange.endpoint.home(url, _LIST), deadline, moves_to=moves_to)

    token = _errand.set(run)
    try:
        return ask(api)
    except (*_UNREADABLE, httpx2.InvalidURL) as error:
        raise FetchError(f"{what} cannot be read") from error
    finally:
        _errand.reset(token)


def _api(exchange: Exchange) -> HfApi:
    _before_import()
    from huggingface_hub import HfApi, set_client_factory

    with _installing:
        if not _installed:
            set_client_factory(_client)
            _installed.append(True)
    # The exchange adds the token itself.
    return HfApi(endpoint=str(exchange.endpoint), token=False)


def _before_import() -> None:
    """Set up the variables that the library reads as it is imported, for this process alone."""
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    for name in NUMBERS:
        if not re.fullmatch(r"\s*[0-9]+\s*", os.environ.get(name, "0")):
            os.environ.pop(name, None)  # the library would not load, and nothing here is downloaded


def _client() -> httpx2.Client:
    import httpx2  # as heavy as the library that brings it

    class Transport(httpx2.BaseTransport):
        @cached_property
        def _elsewhere(self) -> httpx2.HTTPTransport:  # needs certificates, and is rarely needed
            return httpx2.HTTPTransport()

        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            errand = _errand.get()
            if errand is None:  # the library's own, such as the renewal of a login
                return self._elsewhere.handle_request(request)
            reply = errand(str(request.url))
            headers = {name: text for name, text in reply.headers.items() if name in _KEPT}
            return httpx2.Response(200, headers=headers, content=reply.body, request=request)

    return httpx2.Client(transport=Transport(), timeout=20)


def _benchmarks(found: Iterable[DatasetInfo]) -> tuple[Benchmark, ...]:
    gated = {dataset.id: bool(dataset.gated) for dataset in found if _ID.fullmatch(str(dataset.id))}
    return tuple(Benchmark(id=name, gated=gated[name]) for name in sorted(gated))


def _facts(info: ModelInfo) -> ModelFacts:
    total = info.safetensors.total if info.safetensors else None
    return ModelFacts(
        parameters=total if total and 0 < total <= _MAX_INT64 else None,
        created_at=info.created_at.astimezone(UTC) if info.created_at else None,
        license=_license(info),
    )


def _license(info: ModelInfo) -> str | None:
    named = [info.card_data.get("license")] if info.card_data else []
    named += [tag.removeprefix("license:") for tag in info.tags or () if tag.startswith("license:")]
    for text in named:
        if isinstance(text, str) and text.isprintable() and text.strip():
            return text.strip()[:MAX_LICENSE]
    return None
