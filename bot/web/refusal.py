"""Answers that refuse: what is wrong, in one sentence, and the status that says it to programs."""

from __future__ import annotations

from collections.abc import Mapping

BAD_REQUEST = 400
UNAUTHORIZED = 401
NOT_FOUND = 404
NOT_ALLOWED = 405
TOO_MANY = 429
BROKEN = 500
UNAVAILABLE = 503

NOTHING_HERE = "There is nothing here to see."


class Refused(Exception):  # noqa: N818 - an answer, not an error of the program
    """The request is not answered; ``text`` is a sentence for people."""

    def __init__(self, status: int, text: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.headers = dict(headers or {})
