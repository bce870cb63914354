"""The files that pages use: styles, scripts, the icon. There are few, and they are kept."""

from __future__ import annotations

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from starlette.responses import Response

from bot.web.refusal import NOT_FOUND, Refused
from bot.web.site import Asked

_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
A_YEAR = "public, max-age=31536000, immutable"


def file(asked: Asked) -> Response:
    """Return a file; its address changes with its content, so that it is never asked for twice."""
    name = asked.request.path_params["name"]
    if name not in _files():
        raise Refused(NOT_FOUND, "There is no such file.")
    media_type = _TYPES[name.rpartition(".")[2]]
    return Response(content(name), media_type=media_type, headers={"Cache-Control": A_YEAR})


def content(name: str) -> bytes:
    """Return what a file that pages use holds."""
    return _files()[name].read_bytes()


@cache
def _files() -> dict[str, Traversable]:
    """Return the files by name: only what is listed is ever read."""
    drawing = resources.files("bot.drawing").joinpath("assets")
    folders = {
        "": resources.files("bot.web").joinpath("static"),
        "drawing/": drawing,
        "drawing/vendor/": drawing.joinpath("vendor"),
    }
    return {
        f"{path}{one.name}": one
        for path, folder in folders.items()
        for one in folder.iterdir()
        if one.name.rpartition(".")[2] in _TYPES
    }
