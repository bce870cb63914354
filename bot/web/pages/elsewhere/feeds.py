"""``/feeds/…``: what happened to a board, to a model, or that a watch wanted, as Atom."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response

from bot.core.board import BoardKey
from bot.core.render.clean import inert
from bot.core.render.words.shared import spoken_name
from bot.views.seen.news import News, board_news, model_news, watch_news
from bot.web.answers import only, tagged
from bot.web.elsewhere.feeds import MEDIA_TYPE, Feed, atom
from bot.web.pages.board import written
from bot.web.site import Asked
from bot.web.templating import board_path, model_path


def of_board(asked: Asked) -> Response:
    """Return what happened to a board."""
    only(asked, "task", "derived")
    derived, visible = asked.flag("derived"), asked.visible()
    found = board_news(
        asked.store, asked.settings, written(asked), derived=derived, visible=visible
    )
    assert found.board is not None, "it is of one"
    key = found.board.key
    title = spoken_name(found.board, asked.endpoint)
    return _answer(asked, found, _subject(key), title, str(board_path(key).unescape()))


def of_model(asked: Asked) -> Response:
    """Return what happened to a model, on the boards that the visitor may see."""
    only(asked)
    name = asked.request.path_params["name"]
    found = model_news(asked.store, name, asked.endpoint, asked.visible())
    assert found.model is not None, "it is of one"
    path = str(model_path(found.model).unescape())
    return _answer(asked, found, f"models/{found.model}", inert(found.model), path)


def of_watch(asked: Asked) -> Response:
    """Return what a watch wanted to be told."""
    only(asked)
    name = asked.request.path_params["name"]
    found = watch_news(asked.store, asked.settings, name)
    return _answer(asked, found, f"watches/{name}", f"watch {inert(name)}", "/watches")


def _answer(asked: Asked, found: News, subject: str, title: str, page: str) -> Response:
    url = asked.request.url
    path = f"{quote(url.path, safe='/:', errors='replace')}{f'?{url.query}' if url.query else ''}"
    feed = Feed(
        subject=subject,
        title=f"{title} · leaderboard-bot",
        base=asked.base,
        path=path,
        page=page,
        items=found.items,
    )
    body = atom(feed, asked.endpoint)
    return tagged(asked, body, f"{MEDIA_TYPE}; charset=utf-8")


def _subject(key: BoardKey) -> str:
    return f"boards/{key.name}{'?derived' if key.include_derived else ''}"
