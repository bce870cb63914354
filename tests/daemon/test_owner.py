"""Names in claims: whose process is known to be dead, and what it had claimed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bot.daemon.owner import is_dead, new_owner, take_over
from bot.store import Store
from tests.support.process.installation import ROOT
from tests.support.store.stored import KEY, PACE, START, claim, delivery, take, watch
from tests.support.store.units import claim_poll, enqueue


@pytest.fixture(scope="module")
def dead() -> str:
    """Give the name of a process that has ended."""
    code = "from bot.daemon.owner import new_owner; print(new_owner())"
    made = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return made.stdout.strip()


def test_a_process_that_ended_is_dead_and_this_one_is_not(dead: str) -> None:
    """Both on this machine, since its last start, in the same container."""
    assert is_dead(dead)
    assert not is_dead(new_owner())


@pytest.mark.parametrize("part", [0, 1, 2])
def test_what_cannot_be_known_is_not_dead(dead: str, part: int) -> None:
    """Another machine, a name that holds no number, another start or container."""
    parts = dead.split(":")
    parts[part] = "other"
    assert not is_dead(":".join(parts))


@pytest.mark.parametrize("name", ["", "me", "host:1", "::::"])
def test_a_name_of_another_form_is_not_dead(name: str) -> None:
    """Whoever made it."""
    assert not is_dead(name)


def test_claims_of_the_dead_are_given_up_at_once_and_in_doubt(store: Store, dead: str) -> None:
    """The delivery may have been sent; the poll just starts over."""
    watch(store)
    claim(store, owner=dead)
    enqueue(store, [delivery("one")], START)
    take(store, START, owner=dead)
    take_over(store)
    again = take(store, START + PACE)
    assert again is not None
    assert again.in_doubt
    assert claim_poll(store, KEY, "me", START, START + PACE)


def test_claims_of_the_living_stay(store: Store) -> None:
    """Only their end frees them."""
    watch(store)
    claim(store, owner=new_owner())
    enqueue(store, [delivery("one")], START)
    take(store, START, owner="elsewhere:1")
    take_over(store)
    assert take(store, START + PACE) is None
    assert claim_poll(store, KEY, "me", START, START + PACE) is None
