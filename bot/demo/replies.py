"""What the sample Hub's answers have in common: JSON, errors, redirects, rate limits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from bot.demo.server import Reply

QUOTA = 500
RESOLVER_QUOTA = 3000
WINDOW_SECONDS = 300

_JSON = {"Content-Type": "application/json; charset=utf-8"}
_TEXT = {"Content-Type": "text/plain; charset=utf-8"}


def ok(content: Any, headers: Mapping[str, str] | None = None) -> Reply:
    """Answer with JSON."""
    return Reply(200, json.dumps(content).encode(), _JSON | dict(headers or {}))


def error(status: int, message: str, code: str | None = None) -> Reply:
    """Answer with an error as the Hub writes it; ``code`` is its ``X-Error-Code``."""
    headers = _JSON | {"X-Error-Message": message}
    if code:
        headers["X-Error-Code"] = code
    return Reply(status, json.dumps({"error": message}).encode(), headers)


NO_REPOSITORY = error(404, "Repository not found", "RepoNotFound")
NO_FILE = error(404, "Entry not found", "EntryNotFound")
NO_PAGE = error(404, "Sorry, we can't find the page you are looking for.")


def moved(location: str) -> Reply:
    """Answer 307; ``location`` is relative."""
    text = f"Temporary Redirect. Redirecting to {location}"
    return Reply(307, text.encode(), _TEXT | {"Location": location})


def plain(text: bytes) -> Reply:
    """Answer with a file's text."""
    return Reply(200, text, _TEXT)


def digest(body: bytes) -> str:
    """Return 40 hexadecimal digits that stand for these bytes, as for a file's revision."""
    return hashlib.sha1(body, usedforsecurity=False).hexdigest()


def limits(bucket: str, remaining: int, quota: int) -> dict[str, str]:
    """Return the headers that tell what is left of a bucket's rate limit."""
    return {
        "RateLimit": f'"{bucket}";r={remaining};t={WINDOW_SECONDS}',
        "RateLimit-Policy": f'"fixed window";"{bucket}";q={quota};w={WINDOW_SECONDS}',
    }


def cache_address(repo: str, file: str, text: bytes) -> str:
    """Return where the Hub redirects to for a file that it keeps itself."""
    # The query is the real Hub's: it names the first address and the file's ETag.
    tag = digest(text)
    first = quote(f"/datasets/{repo}/resolve/main/{file}", safe="")
    return f"/api/resolve-cache/datasets/{repo}/{tag}/{file}?{first}=&etag=%22{tag}%22"
