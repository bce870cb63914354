"""Links to the Hub's pages, from the configured endpoint and ids.

Ids and file names are text by strangers: everything but ``/`` and the unreserved characters is
percent-encoded, so a link never leaves the endpoint.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from bot.core.model import BoardKey


def board_url(endpoint: str, key: BoardKey) -> str:
    """Return the page of a board, its task's leaderboard opened."""
    return _dataset(endpoint, key, {})


def row_url(endpoint: str, key: BoardKey, model: str) -> str:
    """Return the page of a board with the rows of ``model`` highlighted."""
    return _dataset(endpoint, key, {"eval_result": model})


def model_url(endpoint: str, model: str) -> str:
    """Return the page of a model."""
    return f"{endpoint.rstrip('/')}/{_path(model)}"


def file_url(endpoint: str, model: str, filename: str) -> str:
    """Return the page of a result file in the model's repository."""
    return f"{model_url(endpoint, model)}/blob/main/{_path(filename)}"


def discussion_url(endpoint: str, model: str, number: int) -> str:
    """Return the page of a pull request on the model's repository."""
    return f"{model_url(endpoint, model)}/discussions/{number}"


def _dataset(endpoint: str, key: BoardKey, query: dict[str, str]) -> str:
    if key.task is not None:
        query["leaderboard_task_id"] = key.task
    url = f"{endpoint.rstrip('/')}/datasets/{_path(key.benchmark)}"
    asked = urlencode(query, errors="replace", safe="/", quote_via=quote)
    return f"{url}?{asked}" if asked else url


def _path(name: str) -> str:
    return quote(name.strip("/"), safe="/", errors="replace")
