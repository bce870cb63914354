"""The page as an ASGI application: its paths, to whom each is open, and what every answer has."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.core.errors import BotError, StoreError
from bot.core.render.clean import clean
from bot.web import files, metrics
from bot.web.access import Gate, unseen
from bot.web.answers import CSV, FORMAT, JSON, tagged
from bot.web.pages import (
    board,
    boards,
    deliveries,
    event,
    events,
    health,
    model,
    race,
    status,
    watches,
)
from bot.web.pages.elsewhere import badges, embed, feeds
from bot.web.refusal import BROKEN, NOT_ALLOWED, NOT_FOUND, UNAVAILABLE, Refused
from bot.web.site import Asked, Open, Site, Visitor
from bot.web.templating import template

log = logging.getLogger(__name__)

LONGEST_TEXT, LONGEST_PATH = 500, 1_000

Page = Callable[[Asked], Response]


class Path(NamedTuple):
    """A path, to whom it is open, what answers, and whether others may show it in a frame.

    What is ``instant`` waits for nothing, and so for no thread that makes other pages.
    """

    path: str
    to: Open
    page: Page
    framed: bool = False
    instant: bool = False


PATHS = (
    Path("/", Open.PUBLIC, boards.boards),
    Path("/boards/{name:path}", Open.PUBLIC, board.board),
    Path("/models/{name:path}", Open.PUBLIC, model.model),
    Path("/race/{name:path}", Open.PUBLIC, race.race),
    Path("/events", Open.PUBLIC, events.events),
    Path("/events/{event}", Open.PUBLIC, event.event),
    Path("/deliveries", Open.CLOSED, deliveries.deliveries),
    Path("/watches", Open.CLOSED, watches.watches),
    Path("/status", Open.CLOSED, status.status),
    Path("/feeds/boards/{name:path}", Open.PUBLIC, feeds.of_board),
    Path("/feeds/models/{name:path}", Open.PUBLIC, feeds.of_model),
    Path("/feeds/watches/{name:path}", Open.CLOSED, feeds.of_watch),
    Path("/embed/boards/{name:path}", Open.PUBLIC, embed.board, framed=True),
    Path("/badge.svg", Open.PUBLIC, badges.picture),
    Path("/badge.json", Open.PUBLIC, badges.endpoint),
    Path("/static/{name:path}", Open.PUBLIC, files.file),
    Path("/metrics", Open.CLOSED, metrics.metrics),
    Path("/healthz", Open.ALWAYS, health.alive, instant=True),
    Path("/readyz", Open.ALWAYS, health.ready),
)

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors {}"
)
_WHOLE = re.compile(r"https?://(?P<host>[^/]*)(?P<path>.*)", re.IGNORECASE | re.DOTALL)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Vary": "Authorization",
}


def make_app(site: Site, gate: Gate) -> Starlette:
    """Return the application that shows a site."""
    routes = [Route(one.path, _endpoint(site, gate, one), methods=["GET"]) for one in PATHS]
    handlers = {HTTPException: _elsewhere}
    app = Starlette(routes=routes, middleware=[Middleware(_Whole)], exception_handlers=handlers)
    app.router.redirect_slashes = False  # a redirect would name whatever host was asked for
    return app


class _Whole:
    """Lets a request name the whole address, as to a proxy: RFC 9112 (3.2.2) has servers take it.

    The host of that address counts then, whatever the Host header says.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        whole = _WHOLE.match(scope.get("path", ""))
        if whole is not None:
            others = [one for one in scope["headers"] if one[0] != b"host"]
            host = (b"host", whole["host"].encode())
            scope = {**scope, "path": whole["path"] or "/", "headers": [*others, host]}
        await self._app(scope, receive, send)


def _endpoint(
    site: Site, gate: Gate, path: Path
) -> Callable[[Request], Response] | Callable[[Request], Awaitable[Response]]:
    def endpoint(request: Request) -> Response:
        response = _answer(site, gate, path, request)
        return _protected(response, framed=path.framed)

    async def instantly(request: Request) -> Response:
        return endpoint(request)

    return instantly if path.instant else endpoint


def _answer(site: Site, gate: Gate, path: Path, request: Request) -> Response:
    settings = site.settings
    assert settings.web is not None, "the page is up"
    asked = Asked(site=site, settings=settings, visitor=Visitor(trusted=False), request=request)
    try:
        visitor = gate.admit(request, settings.web, path.to)
        if "\0" in request.scope["path"] or len(request.scope["path"]) > LONGEST_PATH:
            raise Refused(NOT_FOUND, "There is no such page.")  # noqa: TRY301 - as all others
        asked = Asked(site=site, settings=settings, visitor=visitor, request=request)
        return path.page(asked)
    except Refused as refused:
        return _refused(asked, refused)
    except StoreError as error:
        log.warning("a page could not be shown: %s", error)
        return _refused(asked, Refused(UNAVAILABLE, "The database cannot be read just now."))
    except BotError as error:
        # What is not there for strangers is named to nobody: neither it nor what is like it.
        known = Refused(NOT_FOUND, clean(str(error), LONGEST_TEXT))
        return _refused(asked, known if asked.visitor.trusted else unseen())
    except Exception:
        log.exception("a page could not be made: %s", path.path)
        return _refused(asked, Refused(BROKEN, "Something is wrong here; the log says what."))


def _refused(asked: Asked, refused: Refused) -> Response:
    """Return what refuses, in the form that was asked for."""
    body, kind = _said(asked.request, refused.status, refused.text, asked)
    response = tagged(asked, body, kind, refused.status)
    response.headers.update(refused.headers)
    return response


def _said(
    request: Request, status: int, text: str, asked: Asked | None = None
) -> tuple[bytes, str]:
    """Return what says that something is wrong, as data where data was asked for, and its type."""
    if request.query_params.get(FORMAT) in (JSON, CSV):
        return as_error(text), "application/json"
    body = template(asked, "refused.html", status=status, text=text)
    return body, "text/html; charset=utf-8"


def as_error(text: str) -> bytes:
    """Return the JSON that says what is wrong."""
    from bot.core.events import as_json

    return as_json({"error": text}) + b"\n"


def _elsewhere(request: Request, error: Exception) -> Response:
    """Answer what no path, or no method of one, is there for."""
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    status, text = error.status_code, "There is no such page."
    if request.method not in ("GET", "HEAD"):
        status, text = NOT_ALLOWED, "This page only shows: GET and HEAD."
        headers = {"Allow": "GET, HEAD"}
    body, kind = _said(request, status, text)
    response = Response(body, status, headers, kind)
    return _protected(response, framed=False)


def _protected(response: Response, *, framed: bool) -> Response:
    """Return an answer with what keeps browsers from doing more with it than showing it."""
    response.headers.update(_HEADERS)
    response.headers["Content-Security-Policy"] = _POLICY.format("*" if framed else "'none'")
    if not framed:
        response.headers["X-Frame-Options"] = "DENY"
    return response
