"""What came of an attack, in figures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """The figures of a run; ``problems`` says what must never happen, a sentence each."""

    kills: Counter[str] = field(default_factory=Counter)
    points: Counter[str] = field(default_factory=Counter)
    faults: int = 0
    changes: int = 0
    lost: int = 0
    twice: int = 0
    repeats: int = 0
    problems: list[str] = field(default_factory=list)

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            kills=self.kills + other.kills,
            points=self.points + other.points,
            faults=self.faults + other.faults,
            changes=self.changes + other.changes,
            lost=self.lost + other.lost,
            twice=self.twice + other.twice,
            repeats=self.repeats + other.repeats,
            problems=self.problems + other.problems,
        )
