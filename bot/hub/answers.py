"""What the Hub answers, as plain values: leaderboards, tasks, what it thinks of the token."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from bot.core.board import Answer

if TYPE_CHECKING:
    from bot.net.endpoint import URL

_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,256}"')


class Reply(Struct, frozen=True):
    """A good answer; ``body`` is null where nothing was modified. Header names are lower case.

    ``by_way_of`` are the paths that redirects led to, the last one the answer's. ``elsewhere`` is
    where the Hub leads away from itself, in place of an answer of its own.
    """

    headers: dict[str, str]
    body: bytes | None
    by_way_of: tuple[str, ...] = ()
    elsewhere: URL | None = None

    @property
    def etag(self) -> str | None:
        """Return the answer's ETag where it can be shown to the Hub again."""
        named = self.headers.get("etag", "")
        return named if _ETAG.fullmatch(named) else None


def conditional(etag: str | None) -> dict[str, str]:
    """Return the header that shows a known ETag; none where it cannot be one."""
    return {"If-None-Match": etag} if etag and _ETAG.fullmatch(etag) else {}


class Fetched(Struct, frozen=True, kw_only=True):
    """A leaderboard's answer.

    ``etag`` is what the Hub gave, if any; ``digest`` is the same for two answers whose rows,
    direction and sizes are the same.
    """

    answer: Answer
    etag: str | None
    digest: str


class NotModified(Struct, frozen=True, kw_only=True):
    """The answer is the one whose ``etag`` or ``digest`` was shown.

    ``etag`` is the one to show next. ``whole`` says that the answer came whole, and was the same,
    ``moved`` is as in ``TaskList``.
    """

    etag: str | None = None
    whole: bool = False
    moved: bool = False


class TaskList(Struct, frozen=True, kw_only=True):
    """The tasks of a benchmark, as its ``eval.yaml`` names them.

    ``tasks`` are their ids, in the file's order, each once. ``name`` is the benchmark's own, a
    stranger's text on one line. ``left_out`` has a sentence for each entry that cannot be used.
    ``moved`` says that the Hub led to what may be another repository's file.
    """

    tasks: tuple[str, ...]
    name: str | None = None
    etag: str | None = None
    left_out: tuple[str, ...] = ()
    moved: bool = False


class TokenReport(Struct, frozen=True, kw_only=True):
    """Whether the token is sent; ``problem`` is a sentence where it is not.

    ``refused`` says that it was the Hub that refused it.
    """

    problem: str | None = None
    refused: bool = False
