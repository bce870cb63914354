"""Templates: every name in them must be there, and all that strangers write is inert."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from bot import __version__
from bot.core.alerts.message import BoardInfo
from bot.core.board import BoardKey
from bot.core.names.links import discussion_url, model_url
from bot.core.render.clean import inert, safe_url
from bot.core.render.numbers import how_long, number, parameters, plural
from bot.views.operation.in_words import mute_in_words
from bot.web.drawings import sizes, spark
from bot.web.files import content
from bot.web.site import Asked


def template(asked: Asked | None, name: str, **shown: Any) -> bytes:
    """Return a page; ``asked`` says for whom, None for one that shows nothing of the site."""
    trusted = asked is not None and asked.visitor.trusted
    path = asked.request.url.path if asked else ""
    base = asked.base if asked else ""
    page = _environment().get_template(name)
    note = asked.site.note if asked else ""
    polls = asked is None or asked.site.polls
    said = page.render(trusted=trusted, path=path, base=base, note=note, polls=polls, **shown)
    return said.encode("utf-8", "replace")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("bot.web"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": number,
        "score": score,
        "parameters": parameters,
        "moment": moment,
        "iso": iso,
        "day": day,
        "safe_url": _safe,
        "urlencode": _encoded,
        "whole": Markup.escape,
        "named": named,
        "how_long": how_long,
        "mute_in_words": mute_in_words,
        "key": BoardKey.named,
        "shell": shlex.quote,
    }
    environment.globals |= {
        "board_path": board_path,
        "model_path": model_path,
        "model_url": _whole(model_url),
        "discussion": _whole(discussion_url),
        "static": static,
        "plural": plural,
        "sizes": sizes,
        "spark": spark,
        "version": __version__,
    }
    return environment


def _shown(value: Any) -> Any:
    """Return what is written for a value: a stranger's text as one harmless line."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return inert(value)
    if isinstance(value, Decimal):
        return number(value)
    return "" if value is None else value


def score(value: Decimal | None, board: BoardInfo) -> str:
    """Return a score of a board, or how far two are apart, with the decimals that it has."""
    return "" if value is None else number(value, board.decimals or 0)


def _safe(url: str | None) -> Markup | None:
    """Return a stranger's link, whole; None where it is none that may be followed."""
    safe = safe_url(url)
    return None if safe is None else Markup.escape(safe)


def named(model: str) -> Markup:
    """Return a model's name, of which a narrow page may show all but whose it is."""
    whole = inert(model)
    owner, _, name = whole.partition("/")
    if not name:
        return escape(whole)
    return Markup(f'<span class="owner">{escape(owner)}/</span>{escape(name)}')  # noqa: S704


def _encoded(text: str) -> Markup:
    """Return a text as a part of an address, whole."""
    return Markup.escape(quote(text, safe="/", errors="replace"))


def _whole(address: Callable[..., str]) -> Callable[..., Markup]:
    """Return what makes an address of our own that is not cut as texts are."""
    return lambda *parts: Markup.escape(address(*parts))


def moment(at: datetime) -> str:
    """Return a time for people, in UTC: ``2026-04-27 10:00``."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"


def iso(at: datetime) -> str:
    """Return a time for programs, none of it cut off: ``2026-04-27T10:00:00Z``."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def day(at: datetime) -> str:
    """Return a day for people, in UTC: ``2026-04-27``."""
    return f"{at.astimezone(UTC):%Y-%m-%d}"


def board_path(key: BoardKey, base: str = "/boards", **query: str) -> Markup:
    """Return the path of a board's page, or of another page of it below ``base``."""
    asked = {"task": key.task} if key.task is not None else {}
    asked |= {"derived": "true"} if key.include_derived else {}
    path = f"{base}/{quote(key.benchmark, safe='/:', errors='replace')}"
    written = urlencode(asked | query, errors="replace")
    return Markup.escape(f"{path}?{written}" if written else path)


def model_path(model: str, base: str = "/models") -> Markup:
    """Return the path of a model's page, or of another page of it below ``base``."""
    return Markup.escape(f"{base}/{quote(model, safe='/', errors='replace')}")


@cache
def static(name: str) -> str:
    """Return the path of a file that pages use, different for each content of it."""
    return f"/static/{name}?v={hashlib.sha256(content(name)).hexdigest()[:8]}"
