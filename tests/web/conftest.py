"""What the tests of the page share: the sample weeks as the program stored them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.store import Store, open_existing
from tests.support.page import TOKEN, Visit, make_weeks, visit

Visiting = Callable[..., Visit]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests that show the sample weeks together: to store them takes seconds."""
    for item in items:
        if "weeks" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("weeks"))


@pytest.fixture(scope="session")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Store the sample weeks, and return the folder of the configuration and the database."""
    return make_weeks(tmp_path_factory.mktemp("weeks"))


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
