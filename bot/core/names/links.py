"""Links to the Hub's pages and to our own, from configured addresses and ids; and ids from links.

Ids and file names are text by strangers: everything but ``/`` and the unreserved characters is
percent-encoded, so a link never leaves the endpoint.
"""

from __future__ import annotations

from urllib.parse import SplitResult, parse_qs, quote, unquote, urlencode, urlsplit

from bot.core.aggregate import DATASET, is_aggregate
from bot.core.board import BoardKey


def board_url(endpoint: str, key: BoardKey) -> str:
    """Return the page of a board, its task's leaderboard opened; of a column that of its file."""
    return _dataset(endpoint, key, {})


def row_url(endpoint: str, key: BoardKey, model: str) -> str:
    """Return the page of a board with the rows of ``model`` highlighted."""
    return _dataset(endpoint, key, {"eval_result": model})


def model_url(endpoint: str, model: str) -> str:
    """Return the page of a model."""
    return f"{endpoint.rstrip('/')}/{_path(model)}"


def file_url(endpoint: str, model: str, filename: str, pull_request: int | None = None) -> str:
    """Return the page of a result file in the model's repository.

    While a result is an open pull request, its file is on that one's branch alone.
    """
    branch = "main" if pull_request is None else f"refs%2Fpr%2F{pull_request}"
    return f"{model_url(endpoint, model)}/blob/{branch}/{_path(filename)}"


def event_page(public_url: str, event: str) -> str:
    """Return the address of an event on the bot's own page."""
    return f"{public_url.rstrip('/')}/events/{quote(event, safe='')}"


def discussion_url(endpoint: str, model: str, number: int) -> str:
    """Return the page of a pull request on the model's repository."""
    return f"{model_url(endpoint, model)}/discussions/{number}"


PUBLIC = "https://huggingface.co"
"""Addresses there name a benchmark or model whatever endpoint is asked."""


def benchmark_of(address: str, endpoint: str) -> str | None:
    """Return what a page of a benchmark names, as ``namespace/name`` or ``namespace/name#task``.

    None where the address is not under ``endpoint`` or the public Hub, or is no such page.
    """
    found = _under(address, endpoint)
    parts = list(found.path.split("/")) if found else []
    if parts[:1] == ["api"]:
        parts = parts[1:]
    if found is None or parts[:1] != ["datasets"] or len(parts) < _REPO or not all(parts[:_REPO]):
        return None
    query = parse_qs(found.query)
    task = [one for name in ("leaderboard_task_id", "task_id") for one in query.get(name, ())]
    name = "/".join(map(unquote, parts[1:_REPO]))
    return f"{name}#{task[0]}" if task else name


def model_of(address: str, endpoint: str) -> str | None:
    """Return the ``namespace/name`` of the model whose page an address is, as ``benchmark_of``."""
    found = _under(address, endpoint)
    parts = found.path.split("/") if found else []
    if parts[:2] == ["api", "models"]:
        parts = parts[2:]
    if len(parts) < _REPO - 1 or not all(parts[:2]) or parts[0] in _NO_NAMESPACES:
        return None
    return "/".join(map(unquote, parts[:2]))


_REPO = 3
_NO_NAMESPACES = ("api", "datasets", "spaces", "docs", "models")


def is_address(text: str) -> bool:
    """Whether a text is meant to be an address, not a name."""
    return text.casefold().startswith(("https://", "http://"))


def _under(address: str, endpoint: str) -> SplitResult | None:
    """Take an address apart, its path counted from the Hub's root; None for any other place."""
    for base in (endpoint.rstrip("/"), PUBLIC):
        start, rest = address[: len(base)], address[len(base) :]
        if start.casefold() == base.casefold() and rest[:1] in ("/", "?", "#", ""):
            try:
                found = urlsplit(f"//hub{rest}")
            except ValueError:
                return None
            return found._replace(path=found.path.strip("/"))
    return None


def _dataset(endpoint: str, key: BoardKey, query: dict[str, str]) -> str:
    if is_aggregate(key.benchmark):  # a dataset without a leaderboard that could highlight a row
        return f"{endpoint.rstrip('/')}/datasets/{DATASET}"
    if key.task is not None:
        query["leaderboard_task_id"] = key.task
    url = f"{endpoint.rstrip('/')}/datasets/{_path(key.benchmark)}"
    asked = urlencode(query, errors="replace", safe="/", quote_via=quote)
    return f"{url}?{asked}" if asked else url


def _path(name: str) -> str:
    return quote(name.strip("/"), safe="/", errors="replace")
