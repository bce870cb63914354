"""What the tests of the page share: the sample weeks as the program stored them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.store import Store, open_existing
from tests.support.page import TOKEN, Visit, visit

Visiting = Callable[..., Visit]


@pytest.fixture(scope="session")
def weeks_store(weeks: Path) -> Iterator[Store]:
    """Open the database of the sample weeks."""
    store = open_existing(f"sqlite:///{weeks / 'demo.db'}")
    yield store
    store.close()


@pytest.fixture
def look(weeks: Path, weeks_store: Store) -> Visiting:
    """Return what visits a page of the sample weeks, which a ``[web]`` table may say more of."""

    def looking(path: str, web: str = "", **headers: str) -> Visit:
        return visit(weeks, weeks_store, path, web, **headers)

    return looking


@pytest.fixture
def token() -> str:
    """Return the token of the pages that have one."""
    return TOKEN
