"""The figures as tables, put into the page between its markers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from benchmarks import scenarios
from benchmarks.extremes import Found
from benchmarks.measure import Cost
from benchmarks.scenarios import CHANGED, EQUAL, FIRST, PROFILES, UNCHANGED, Figure
from benchmarks.tools import BARE, OURS, REQUESTS, URLWATCH, WEBCHANGES

TOOLS = (OURS, BARE, REQUESTS, URLWATCH, WEBCHANGES)
THREADS = 8
ROWS = 50
TEXT = frozenset({"", "boards x rows", "case", "tool"})


class Target(NamedTuple):
    """What is promised, the most that it may be, and what was measured; None is nothing."""

    what: str
    most: float
    measured: float | None
    boards: int | None = None
    unit: str = " x"

    @property
    def verdict(self) -> str:
        """Whether it is reached, in one word or two."""
        if self.measured is None:
            return "not measured"
        return "reached" if self.measured <= self.most else "**missed**"


class Figures:
    """What was measured of polls, to be looked up."""

    def __init__(self, figures: Iterable[Figure]) -> None:
        self._costs = {(one.boards, one.rows, one.case, one.tool): one.cost for one in figures}

    def cost(self, boards: int, case: str, tool: str, rows: int = ROWS) -> Cost | None:
        """Return the medians of a tool in a case; None where it was left out."""
        return self._costs.get((boards, rows, case, tool))

    def of(self, tool: str) -> Iterator[tuple[int, int, str, Cost]]:
        """Yield size, rows, case and medians of a tool, as they were measured."""
        for (boards, rows, case, of), cost in self._costs.items():
            if of == tool:
                yield boards, rows, case, cost

    @property
    def sizes(self) -> list[tuple[int, int, str]]:
        """Boards, rows and cases that were measured, the small first, cases in their order."""
        found = {(boards, rows, case) for boards, rows, case, _ in self._costs}
        return sorted(found, key=lambda one: (one[1], one[0], scenarios.CASES.index(one[2])))

    def largest(self, case: str, tool: str) -> int | None:
        """Return the most boards, of the usual number of rows, with this and ours in a case."""
        with_it = {boards for boards, rows, of, _ in self.of(tool) if (rows, of) == (ROWS, case)}
        return max(with_it, default=None)

    def ratio(
        self, case: str, tool: str, boards: int | None = None
    ) -> tuple[float | None, int | None]:
        """Return our CPU over another's, at the largest size or the one that is given."""
        at = boards or self.largest(case, tool)
        ours = self.cost(at, case, OURS) if at else None
        other = self.cost(at, case, tool) if at else None
        return (ours.cpu / other.cpu if ours and other else None), at

    def a_board(self, case: str, boards: int) -> float | None:
        """Return the milliseconds of CPU for each board beyond those of the smallest size."""
        known = sorted(n for n, rows, of, _ in self.of(OURS) if (rows, of) == (ROWS, case))
        least = self.cost(known[0], case, OURS) if known else None
        cost = self.cost(boards, case, OURS)
        if least is None or cost is None or boards == known[0]:
            return None
        return 1000 * (cost.cpu - least.cpu) / (boards - known[0])


def targets(figures: Figures) -> list[Target]:
    """Return each target beside what was measured."""
    return [
        _ratio(figures, UNCHANGED, BARE, 2.0),
        _ratio(figures, UNCHANGED, URLWATCH, 0.3),
        _ratio(figures, UNCHANGED, URLWATCH, 2.5, boards=20),
        _ratio(figures, EQUAL, BARE, 2.5),
        _ratio(figures, PROFILES, BARE, 2.5),
        _ratio(figures, CHANGED, BARE, 3.5),
        _profiles(figures),
        _linear(figures),
        *_most(figures),
    ]


def _ratio(
    figures: Figures, case: str, tool: str, most: float, boards: int | None = None
) -> Target:
    measured, at = figures.ratio(case, tool, boards)
    return Target(f"{case}: our CPU over that of {tool}", most, measured, at)


def _profiles(figures: Figures) -> Target:
    at = figures.largest(PROFILES, OURS)
    changed = figures.cost(at, PROFILES, OURS) if at else None
    equal = figures.cost(at, EQUAL, OURS) if at else None
    measured = changed.cpu / equal.cpu if changed and equal else None
    return Target(f"{PROFILES}: our CPU over our own on equal bytes", 1.3, measured, at)


def _linear(figures: Figures) -> Target:
    """Compare a board's cost at the largest size with that at the second smallest."""
    known = sorted(n for n, rows, of, _ in figures.of(OURS) if (rows, of) == (ROWS, FIRST))
    few = figures.a_board(FIRST, known[1]) if len(known) > 1 else None
    many = figures.a_board(FIRST, known[-1]) if len(known) > 2 else None  # noqa: PLR2004 -- a line
    title = f"{FIRST}: our CPU a board over that at the second size"
    return Target(title, 1.25, many / few if few and many else None, known[-1] if known else None)


def _most(figures: Figures) -> list[Target]:
    polls = [cost for _, rows, _, cost in figures.of(OURS) if rows == ROWS]
    connections = max((cost.connections for cost in polls), default=None)
    memory = max((cost.memory for cost in polls), default=None)
    return [
        Target("connections to the Hub, most of any poll", THREADS, connections, unit=""),
        Target("memory, most of any poll", 110, memory, unit=" MB"),
    ]


def page(figures: Iterable[Figure], found: Sequence[Found], facts: Sequence[str]) -> str:
    """Return the tables, below what they were measured on."""
    known = Figures(figures)
    parts = [
        "\n".join(facts),
        "### Targets\n\n" + _targets(known),
        "### CPU seconds of a poll\n\n" + _polls(known),
        "### Wall time, memory, connections, state\n\n" + _rest(known),
        "### Growth\n\n" + _growth(known),
        "### The daemon, and extremes\n\n" + _found(found),
    ]
    return "\n\n".join(parts)


def _targets(figures: Figures) -> str:
    lines = []
    for one in targets(figures):
        measured = "" if one.measured is None else f"{one.measured:.3g}{one.unit}"
        at = f"{one.boards:,}" if one.boards else "all"
        lines.append((one.what, at, f"≤ {one.most:g}{one.unit}", measured, one.verdict))
    return _table(("", "boards", "target", "measured", ""), lines)


def _polls(figures: Figures) -> str:
    lines = []
    for boards, rows, case in figures.sizes:
        costs = [figures.cost(boards, case, tool, rows) for tool in TOOLS]
        shown = [f"{cost.cpu:.2f}" if cost else "" for cost in costs]
        over = [_over(costs[0], costs[TOOLS.index(tool)]) for tool in (BARE, URLWATCH)]
        lines.append((f"{boards:,} x {rows}", case, *shown, *over))
    return _table(("boards x rows", "case", *TOOLS, "ours / bare", "ours / urlwatch"), lines)


def _over(ours: Cost | None, other: Cost | None) -> str:
    return f"**{ours.cpu / other.cpu:.2f}**" if ours and other else ""


def _rest(figures: Figures) -> str:
    heads = ("boards x rows", "case", "tool", "wall s", "peak MB", "connections", "requests")
    lines = []
    for boards, rows, case in figures.sizes:
        for tool in TOOLS:
            if cost := figures.cost(boards, case, tool, rows):
                counts = [f"{count:g}" for count in (cost.connections, cost.requests, cost.posts)]
                begin = (f"{boards:,} x {rows}", case, tool, f"{cost.wall:.2f}")
                lines.append((*begin, f"{cost.memory:.0f}", *counts, f"{cost.state:.1f}"))
    return _table((*heads, "posts", "state MB"), lines)


def _growth(figures: Figures) -> str:
    lines = []
    for boards in sorted({boards for boards, rows, _ in figures.sizes if rows == ROWS}):
        costs = [figures.a_board(case, boards) for case in scenarios.CASES]
        if any(cost is not None for cost in costs):
            shown = ["" if cost is None else f"{cost:.2f}" for cost in costs]
            lines.append((f"{boards:,}", *shown))
    title = "Our CPU in milliseconds for each board beyond the smallest size: flat is linear."
    return f"{title}\n\n" + _table(("boards", *scenarios.CASES), lines)


def _found(found: Sequence[Found]) -> str:
    lines = [(one.what, f"{one.value:.4g} {one.unit}".strip(), *_judged(one)) for one in found]
    return _table(("", "measured", "target", ""), lines)


def _judged(one: Found) -> tuple[str, str]:
    if one.most is not None:
        return f"≤ {one.most:g}", "reached" if one.value <= one.most else "**missed**"
    if one.least is not None:
        return f"≥ {one.least:g}", "reached" if one.value >= one.least else "**missed**"
    return "", ""


def _table(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    ruled = ["---" if head in TEXT else "--:" for head in heads]
    return "\n".join(f"| {' | '.join(line)} |" for line in [heads, ruled, *lines])


def placed(text: str, name: str, tables: str) -> str:
    """Return a page with its part between the markers of this name replaced.

    Raises:
        ValueError: the page has no such markers.
    """
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, _, rest = text.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise ValueError(f"there are no lines {begin} and {end}")
    return f"{before}{begin}\n{tables}\n{end}{after}"
