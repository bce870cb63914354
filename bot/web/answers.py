"""Answers: a page for people, or the same as JSON or CSV; each with an ETag of what is shown."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct
from starlette.responses import Response

from bot.core.events import as_json
from bot.core.render.cells import batched, csv_rows
from bot.web.refusal import BAD_REQUEST, Refused
from bot.web.site import Asked
from bot.web.templating import template

FORMAT = "format"
HTML, JSON, CSV = "html", "json", "csv"
_TYPES = {
    HTML: "text/html; charset=utf-8",
    JSON: "application/json",
    CSV: "text/csv; charset=utf-8",
}


class Table(Struct, frozen=True):
    """What CSV has: the names of its columns, and records that have them."""

    fields: Sequence[str]
    records: Iterable[Any]


def check(asked: Asked, *names: str, table: bool = False) -> None:
    """Refuse parameters that a page does not have, and formats; ``table``: there is CSV of it.

    Raises:
        Refused: there are some.
    """
    only(asked, *names, FORMAT)
    allowed = (HTML, JSON, CSV) if table else (HTML, JSON)
    if form(asked) not in allowed:
        raise Refused(BAD_REQUEST, f"{FORMAT}: must be {' or '.join(allowed[1:])}")


def only(asked: Asked, *names: str) -> None:
    """Refuse parameters other than these.

    Raises:
        Refused: there are some.
    """
    for name in asked.request.query_params:
        if name not in names:
            known = f"which has: {', '.join(names)}" if names else "which has none"
            raise Refused(BAD_REQUEST, f"{name}: no parameter of this page, {known}")


def form(asked: Asked) -> str:
    """Return the format that is asked for."""
    return asked.parameter(FORMAT) or HTML


def answer(
    asked: Asked, data: Any, page: str, table: Table | None = None, **shown: Any
) -> Response:
    """Return ``data`` as JSON, ``table`` as CSV, or a page with ``data`` and what else is shown."""
    match form(asked):
        case "json":
            body = as_json(data) + b"\n"
        case "csv" if table is not None:
            body = b"".join(csv_rows(table.fields, batched(table.records)))
        case _:
            body = template(asked, page, data=data, **shown)
    return tagged(asked, body, _TYPES[form(asked)])


def tagged(asked: Asked, body: bytes, media_type: str, status: int = 200) -> Response:
    """Return a body with its ETag, or 304 where the visitor has it already."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    given = asked.request.headers.get("if-none-match", "")
    same = {one.strip().removeprefix("W/") for one in given.split(",")}
    if status == 200 and (etag in same or "*" in same):  # noqa: PLR2004
        return Response(status_code=304, headers=headers)
    return Response(body, status_code=status, headers=headers, media_type=media_type)
