"""``python -m tests.oracle [LIVES] [SEED]``: lives boards and tasks twice, prints what differs."""

from __future__ import annotations

import sys

from tests.oracle import tasks
from tests.oracle.disagreements import disagreements

POLLS = 25


def main(lives: int, seed: int) -> int:
    """Live so many lives; return how many of them disagree."""
    wrong = 0
    for number in range(seed, seed + lives):
        for found in (*disagreements(number, POLLS), *tasks.disagreements(number, POLLS)):
            wrong += 1
            sys.stdout.write(f"{found}\n\n")
    sys.stdout.write(f"{lives} lives of {POLLS} polls: {wrong} disagree\n")
    return wrong


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    sys.exit(bool(main(*[*given, *(1000, 0)[len(given) :]])))
