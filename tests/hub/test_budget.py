"""How the Hub's rate limit is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.errors import FetchError
from bot.core.timing.schedule import Quota, interval
from bot.hub.budget import API, RESOLVERS, RateBudget, bucket_of


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def wait(budget: RateBudget, bucket: str = API) -> timedelta | None:
    """Return for how long the budget refuses, None where it does not."""
    try:
        budget.check(bucket)
    except FetchError as error:
        return error.retry_after
    return None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ('"api";r=0;t=189', 189),
        ('"api";r=7;t=189', 189),
        ('"api";r=8;t=189', None),
        ('"api";t=20;r=1', 20),
        ('"api"; r=0; t=20', 20),
        ('"api";r=900;t=20, "burst";r=0;t=5', 5),
        ('"api";r=0;t=5, "burst";r=0;t=20', 20),
        ('"api";r=0;t=999999999', 86400),
        ('"api";r=0;t=0', None),
        ('"api";r=0', None),
        ("api;r=0;t=9", None),
        ('"api";r=-1;t=9', None),
        ("", None),
        ('"' * 5000, None),
    ],
)
def test_a_window_with_too_little_left_is_waited_out(header: str, seconds: int | None) -> None:
    """Fewer than the reserve blocks until the reset, up to a day; what is no header does not."""
    budget = RateBudget(8, Clock())

    budget.note({"ratelimit": header})

    assert wait(budget) == (timedelta(seconds=seconds) if seconds else None)


def test_the_wait_ends_with_the_window() -> None:
    """The refusal tells what is left of it, in whole seconds."""
    clock = Clock()
    budget = RateBudget(1, clock)
    budget.note({"ratelimit": '"api";r=0;t=10'})

    clock.seconds = 9.5
    assert wait(budget) == timedelta(seconds=1)
    clock.seconds = 10
    assert wait(budget) is None


def test_a_late_answer_does_not_shorten_the_wait() -> None:
    """Answers of several threads come in any order."""
    budget = RateBudget(1, Clock())

    budget.block(timedelta(seconds=60))
    budget.note({"ratelimit": '"api";r=0;t=30'})
    budget.note({"ratelimit": '"api";r=500;t=300'})

    assert wait(budget) == timedelta(seconds=60)


def test_the_last_request_is_free_to_use_without_a_reserve() -> None:
    """A reserve of none still stops at none left."""
    budget = RateBudget(0, Clock())

    budget.note({"ratelimit": '"api";r=1;t=30'})
    assert wait(budget) is None
    budget.note({"ratelimit": '"api";r=0;t=30'})
    assert wait(budget) == timedelta(seconds=30)


@pytest.mark.parametrize(
    ("path", "bucket"),
    [
        ("/api/datasets/a/b/leaderboard", API),
        ("/hub/api/datasets", API),
        ("/datasets/a/b/resolve/main/eval.yaml", RESOLVERS),
        ("/api/resolve-cache/datasets/a/b/c/eval.yaml", RESOLVERS),
    ],
)
def test_files_have_a_bucket_of_their_own(path: str, bucket: str) -> None:
    """The path tells which."""
    assert bucket_of(path) == bucket


@pytest.mark.parametrize(
    ("header", "api", "resolvers"),
    [
        ('"resolvers";r=0;t=9', None, 9),
        ('"api";r=0;t=9', 9, None),
        ('"api";r=0;t=9, "resolvers";r=0;t=8', 9, 8),
        ('"pages";r=0;t=9', None, None),
        ('"burst";r=0;t=9', None, 9),
    ],
)
def test_a_window_counts_for_its_bucket(
    header: str, api: int | None, resolvers: int | None
) -> None:
    """One without a name that is known counts for what was asked, here a file."""
    budget = RateBudget(1, Clock())

    budget.note({"ratelimit": header}, RESOLVERS)

    for bucket, seconds in ((API, api), (RESOLVERS, resolvers)):
        assert wait(budget, bucket) == (timedelta(seconds=seconds) if seconds else None)


POLICY = '"fixed window";"api";q=500;w=300'


def test_answers_tell_how_much_of_a_window_is_left() -> None:
    """The limit comes with the policy; what is told counts down until the window's end."""
    clock = Clock()
    budget = RateBudget(8, clock)
    assert budget.quota() is None
    budget.note({"ratelimit": '"api";r=9;t=100', "ratelimit-policy": POLICY})
    clock.seconds = 40

    left = budget.quota()

    assert left == Quota(
        remaining=9,
        resets_in=timedelta(seconds=60),
        limit=500,
        window=timedelta(seconds=300),
    )
    clock.seconds = 100
    assert budget.quota() is None


def test_the_least_of_a_window_is_what_is_left_of_it() -> None:
    """Answers of several threads come in any order; those of a window before change nothing."""
    clock = Clock()
    budget = RateBudget(1, clock)
    for header in (
        '"api";r=40;t=200',
        '"api";r=41;t=201',
        '"api";r=3;t=9',
        '"resolvers";r=2;t=200',
    ):
        budget.note({"ratelimit": header})
    left = budget.quota()
    assert left is not None
    assert left.remaining == 40


def test_a_window_of_another_kind_is_not_the_limit_of_leaderboards() -> None:
    """Whatever stands first; one that is used up is waited for all the same."""
    budget = RateBudget(1, Clock())
    budget.note({"ratelimit": '"burst";r=2;t=250, "api";r=40;t=200'})
    left = budget.quota()
    assert left is not None
    assert (left.remaining, left.wait) == (40, timedelta())


def test_a_wait_is_told_where_no_window_was() -> None:
    """As after a 429 that says nothing but when to come again."""
    budget = RateBudget(1, Clock())
    budget.block(timedelta(seconds=60))
    minute = timedelta(seconds=60)
    assert budget.quota() == Quota(remaining=0, resets_in=minute, wait=minute)


@pytest.mark.parametrize(
    ("limit", "boards", "seconds"), [(500, 12, 8), (1008, 2000, 600), (8, 3, 900), (500, 1, 1)]
)
def test_a_quota_allows_an_interval(limit: int, boards: int, seconds: int) -> None:
    """So many boards share what a window allows, but for what is left unused."""
    found = interval(limit, timedelta(minutes=5), 8, boards)
    assert found == timedelta(seconds=seconds)
