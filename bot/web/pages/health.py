"""``/healthz`` and ``/readyz``: whether the daemon lives, and whether its database answers."""

from __future__ import annotations

from starlette.responses import PlainTextResponse, Response

from bot.core.errors import StoreError
from bot.web.refusal import UNAVAILABLE
from bot.web.site import Asked


def alive(asked: Asked) -> Response:
    """Say whether the daemon's heart beats."""
    if not asked.site.lives():
        return PlainTextResponse("the daemon hangs\n", UNAVAILABLE)
    return PlainTextResponse("ok\n")


def ready(asked: Asked) -> Response:
    """Say whether the database answers."""
    try:
        with asked.store.read() as db:
            db.events.last()
    except StoreError:
        return PlainTextResponse("the database does not answer\n", UNAVAILABLE)
    return PlainTextResponse("ok\n")
