"""Two readings of what counts as a change agree, over random lives of boards."""

from __future__ import annotations

import pytest

from tests.oracle.disagreements import disagreements

LIVES = 50
POLLS = 25


FIRST = (0, *(pytest.param(first, marks=pytest.mark.long) for first in range(50, 400, 50)))


@pytest.mark.parametrize("first", FIRST)
def test_a_second_reading_of_the_rules_says_the_same(first: int) -> None:
    """Ties, absences, malformed rows, turned directions, boards scored anew, a Hub that is mute."""
    found = [said for seed in range(first, first + LIVES) for said in disagreements(seed, POLLS)]
    assert not found, "\n\n".join(found[:3])
