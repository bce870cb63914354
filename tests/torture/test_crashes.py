"""SIGKILL at points and moments, the short form; `make torture` goes through all of them."""

from __future__ import annotations

import pytest

from tests.support.process.fork_server import ForkServer
from tests.torture.attacks import (
    COLLECTING,
    MOST_POINTS,
    NewTrial,
    first_sight,
    rivals,
    storm,
    sweep,
    trials,
    windows,
)
from tests.torture.tally import Tally
from tests.torture.trial import CHANNELS

POINTS = 100
"""A poll that finds changes comes to more of them."""


@pytest.fixture(params=["sqlite", "postgresql"])
def new_trial(request: pytest.FixtureRequest) -> NewTrial:
    """Begin trials on each kind of database in turn."""
    return _trials(request)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def mostly_on_sqlite(request: pytest.FixtureRequest) -> NewTrial:
    """Begin trials on SQLite, in the long suite on PostgreSQL too."""
    return _trials(request)


@pytest.fixture(params=["postgresql", pytest.param("sqlite", marks=pytest.mark.long)])
def mostly_on_postgresql(request: pytest.FixtureRequest) -> NewTrial:
    """Begin trials of channels that collect on PostgreSQL, in the long suite on SQLite too."""
    return _trials(request, COLLECTING)


def _trials(request: pytest.FixtureRequest, keys: str = "") -> NewTrial:
    """Begin trials on the kind of database that a fixture is for, with keys of channels."""
    postgres = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    return trials(request.getfixturevalue("fork_server"), postgres, keys)


@pytest.fixture
def on_sqlite(fork_server: ForkServer) -> NewTrial:
    """Begin trials on SQLite, where one kind is enough."""
    return trials(fork_server)


def survived(tally: Tally, kills: int) -> None:
    """Check that so many kills came, and that they did no harm."""
    assert not tally.problems, "\n".join(tally.problems)
    assert (tally.lost, tally.twice) == (0, 0)
    assert tally.kills.total() >= kills


def test_a_poll_that_is_killed_at_any_point_loses_and_repeats_nothing(new_trial: NewTrial) -> None:
    """The next one tells what was found, at once, under one id."""
    survived(sweep(new_trial, numbers=[*range(18, POINTS, 22), MOST_POINTS]), 4)


def test_kills_and_a_receiver_that_cuts_lose_nothing(mostly_on_sqlite: NewTrial) -> None:
    """What it had taken without our knowing comes again, under the same id."""
    tally = sweep(mostly_on_sqlite, "cuts", [65, 80, MOST_POINTS])
    survived(tally, 2)
    assert tally.repeats > 0


def test_a_first_poll_that_is_killed_leaves_a_silent_baseline(mostly_on_sqlite: NewTrial) -> None:
    """Be it in the migration, in the poll, or after it."""
    survived(first_sight(mostly_on_sqlite, [20, 70, MOST_POINTS]), 2)


@pytest.mark.long
def test_kills_at_random_moments_lose_and_repeat_nothing(mostly_on_sqlite: NewTrial) -> None:
    """Of polls and of daemons, with a Hub and a receiver that fail at times."""
    survived(storm(mostly_on_sqlite, seed=5, kills=4), 4)


def test_what_was_accepted_before_our_record_comes_again_under_its_id(
    mostly_on_sqlite: NewTrial,
) -> None:
    """A kill right after a send; the judge allows a repeat nowhere else."""
    with mostly_on_sqlite(1) as trial:
        trial.begin()
        trial.change()
        assert trial.strike(failpoint="deliver: after a send")
        trial.settle()
    survived(trial.tally, 1)
    assert trial.tally.repeats in (1, len(CHANNELS))  # channels are served side by side


def test_a_fresh_interpreter_dies_and_recovers_in_the_same_way(on_sqlite: NewTrial) -> None:
    """Forks of a parent that has imported the program are not what makes it sound."""
    with on_sqlite(1) as trial:
        trial.begin()
        trial.change()
        assert trial.strike(failpoint="50", own_interpreter=True)
        trial.settle()
    survived(trial.tally, 1)


def test_the_account_shows_a_change_that_was_not_told(on_sqlite: NewTrial) -> None:
    """Without a poll after the change, it is lost: the judge can find against us."""
    with on_sqlite(1) as trial:
        trial.begin()
        trial.change()
        trial.judge()
    assert trial.tally.lost > 0
    assert any("lost" in problem for problem in trial.tally.problems)


def test_a_poll_that_finds_what_is_held_loses_and_repeats_nothing(
    mostly_on_postgresql: NewTrial,
) -> None:
    """Killed while a window is opened, and what is found put into it."""
    survived(sweep(mostly_on_postgresql, numbers=[70, 85, MOST_POINTS]), 2)


def test_a_window_that_is_told_by_a_poll_that_is_killed_is_told_once(
    mostly_on_postgresql: NewTrial,
) -> None:
    """At any point of closing it, and of sending what came of it."""
    survived(windows(mostly_on_postgresql, [25, 45, 60, MOST_POINTS]), 3)


def test_two_processes_tell_a_window_once(mostly_on_postgresql: NewTrial) -> None:
    """Both see that it has ended."""
    survived(rivals(mostly_on_postgresql, 2), 0)
