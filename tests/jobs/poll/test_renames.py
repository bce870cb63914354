"""What the Hub is asked of models in a poll, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from bot.core.errors import FetchError, UnknownBenchmarkError
from bot.core.events import Event
from bot.core.kinds import Kind
from bot.jobs.poll.renames import MOST_ASKED, PATIENCE, current_ids, former_after
from tests.support.fakes import FakeHub


class NamingHub(FakeHub):
    """Says what models are called now; an exception there is raised."""

    def __init__(self, current: Mapping[str, str | FetchError]) -> None:
        super().__init__()
        self.current = current
        self.asked: list[tuple[str, timedelta]] = []

    def model_id(self, model: str, timeout: timedelta) -> str:
        self.asked.append((model, timeout))
        found = self.current.get(model, model)
        if isinstance(found, FetchError):
            raise found
        return found


def test_what_the_hub_does_not_know_is_called_as_before() -> None:
    """What it does not answer is left open."""
    hub = NamingHub(
        {
            "acme/a": "new/a",
            "acme/gone": UnknownBenchmarkError("the Hub knows no such benchmark"),
            "acme/late": FetchError("no complete answer within 3 s"),
        }
    )
    assert current_ids(hub, ("acme/a", "acme/b", "acme/gone", "acme/late")) == {
        "acme/a": "new/a",
        "acme/b": "acme/b",
        "acme/gone": "acme/gone",
    }


def test_a_poll_asks_for_no_longer_than_its_patience() -> None:
    """Of no more models than that is enough for."""
    hub = NamingHub({})
    models = tuple(f"acme/m{number}" for number in range(MOST_ASKED + 9))
    assert set(current_ids(hub, models)) == set(models[:MOST_ASKED])
    assert all(timedelta(0) < timeout <= PATIENCE for _, timeout in hub.asked)
    assert timedelta(seconds=3) == PATIENCE


def test_nobody_is_asked_for_nothing() -> None:
    """A poll without such a pair costs no request."""
    hub = NamingHub({})
    assert current_ids(hub, ()) == {}
    assert hub.asked == []


def renamed(was: str, now: str) -> Event:
    return Event(id="1", kind=Kind.RENAMED, contains=(Kind.RENAMED,), model=now, previous_model=was)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([renamed("b", "c")], {"a": ["x"], "b": ["y", "c"], "c": ["b", "y"]}),
        ([renamed("p", "a")], {"a": ["x", "p"], "b": ["y"], "p": ["a"]}),
        (
            [Event(id="1", kind=Kind.NEW_ENTRY, contains=(), model="x", new=True)],
            {"a": [], "b": ["y"]},
        ),
    ],
)
def test_former_ids_follow_from_what_happens(
    events: list[Event], expected: dict[str, list[str]]
) -> None:
    """So that a poll's own news reach who watches by them; a newcomer's id is its own."""
    assert former_after({"a": ["x"], "b": ["y"]}, events) == expected
