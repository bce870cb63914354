"""Lives a board twice, in the program and in the oracle, and says where the two disagree."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Context, Decimal
from itertools import count
from typing import Any

from msgspec import structs

from bot.core.board import Snapshot
from bot.core.diff.compare import Rules, diff
from bot.core.diff.renames import asked_of
from bot.core.errors import ParseError
from bot.core.events import Event, RowName
from bot.hub.parse import parse
from tests.oracle.board import Board, Names, Seen
from tests.oracle.lives import Json, life
from tests.oracle.rows import Result
from tests.oracle.said import Cause, Poll, Said


def seen(at: datetime, rows: list[Json]) -> Seen:
    """Read an answer as the oracle needs it."""
    results, broken, nameless, lower = set(), set(), 0, []
    for row in rows:
        if not isinstance(row["modelId"], str):
            nameless += 1
        elif isinstance(row["value"], str):
            broken.add(row["modelId"])
        else:
            results.add(_result(row))
            if "lower_is_better" in row:
                lower.append(row["lower_is_better"])
    return Seen(at, tuple(results), frozenset(broken), nameless, tuple(lower))


def _result(row: Json) -> Result:
    source = row.get("source")
    return Result(
        model=row["modelId"],
        rank=row["rank"],
        score=Decimal(repr(float(row["value"]))),
        verified=bool(row.get("verified")),
        file=row["filename"],
        notes=row.get("notes"),
        source=(source.get("name"), source.get("url")) if source else None,
        pull_request=row.get("pullRequest"),
    )


DIGITS = Context(prec=8)
"""What of a number must agree: of level scores it is open which one a margin is measured from."""


class Program:
    """The program's own reading of a board's life."""

    def __init__(self, confirm: int) -> None:
        """Begin with a board that was never seen."""
        self._confirm = confirm
        self._before: Snapshot | None = None
        numbers = count(1)
        self._new_id = lambda: str(next(numbers))

    def poll(self, at: datetime, rows: list[Json], names: Names) -> Poll:
        """Take one answer, and say what happened; ``names`` is what the Hub calls models."""
        try:
            answer = parse(json.dumps(rows).encode()).answer()
        except ParseError:
            return Poll("failed")
        if not answer.results and self._before and not self._before.unseen:
            return Poll("failed")
        rules = Rules(confirm=self._confirm, now=at)
        asked = (m for m in asked_of(self._before, answer) if m not in names.silent)
        current = {m: names.moved.get(m, m) for m in asked}
        new = diff(answer, self._before, rules, self._new_id, current)
        self._before = new.after
        said = [_said(found.event) for found in new.found]
        return Poll("changed" if new.changed else "unchanged", said)


def _said(event: Event) -> Said:
    def pair(value: Any) -> tuple[object, object]:
        return value.before, value.after

    def origin(value: Any) -> tuple[object, ...]:
        source = (value.source.name, value.source.url) if value.source else None
        return source, value.filename, value.notes, value.pull_request

    summary = getattr(event, "summary", None)
    moved = event.provenance
    return Said(
        kind=event.kind.value,
        model=event.model,
        rank=pair(event.rank),
        score=pair(event.score),
        verified=pair(event.verified),
        new=event.new,
        recomputed=getattr(event, "recomputed", False) is True,
        previous_leader=event.previous_leader.model if event.previous_leader else None,
        margin=event.margin,
        gap=event.gap,
        pushed_down=event.pushed_down,
        cause=Cause(*(_models(rows) for rows in structs.astuple(event.cause))),
        provenance=(origin(moved.before), origin(moved.after)) if moved else None,
        summary=_summary(summary) if summary else None,
        previous_model=event.previous_model or None,
    )


def _models(rows: Iterable[RowName]) -> tuple[str, ...]:
    return tuple(sorted(row.model for row in rows))


def _summary(summary: Any) -> tuple[object, ...]:
    lead = [
        (found.model, found.score) if found else None
        for found in (summary.leader.before, summary.leader.after)
    ]
    return (summary.rows, summary.common, summary.changed, *lead)


def disagreements(seed: int, polls: int) -> Iterator[str]:
    """Live one life; yield what the first poll in which the two disagree says, if there is one."""
    made = life(seed)
    confirm = made.random.choice((1, 2, 2, 3))
    program, oracle = Program(confirm), Board(confirm)
    earlier: list[str] = []
    for number, (at, rows, silent) in enumerate(made.answers(polls)):
        names = Names(made.moved, silent)
        theirs, ours = oracle.poll(seen(at, rows), names), program.poll(at, rows, names)
        earlier.append(_table(rows))
        if found := _differ(ours, theirs):
            yield f"life {seed}, poll {number}, confirm {confirm}\n" + "\n".join(
                ["  " + line for line in earlier[-3:]] + found
            )
            return


def _table(rows: list[Json]) -> str:
    ordered = sorted(rows, key=lambda row: (row["rank"], str(row["modelId"])))
    return " | ".join(
        f"{r['rank']} {str(r['modelId'])[4:]} {r['value']}"
        f"{' ' + r['notes'] if 'notes' in r else ''} {r['filename'][14:15]}"
        for r in ordered
    )


def _differ(ours: Poll, theirs: Poll) -> list[str]:
    mine, others = Counter(_shown(ours, theirs)), Counter(_shown(theirs, theirs))
    found = [f"  program alone: {said}" for said in (mine - others).elements()]
    found += [f"  oracle alone:  {said}" for said in (others - mine).elements()]
    if not theirs.loose and (ours.outcome == "failed") != (theirs.outcome == "failed"):
        found.append(f"  outcome: {ours.outcome}, by the oracle {theirs.outcome}")
    return found


def _shown(poll: Poll, judge: Poll) -> list[str]:
    """Return what must agree: while rows are held, ranks and what follows from them need not."""
    said = [s for s in poll.said if not (judge.loose and _follows(s))]
    if judge.loose:
        said = [
            replace(s, rank=(None, None), pushed_down=None, gap=None, cause=_by_score(s.cause))
            for s in said
        ]
    blank = Said("", None, (None, None), (None, None), (None, None))
    return [
        ", ".join(
            f"{key}={_plain(value)}"
            for key in Said.__dataclass_fields__
            if (value := getattr(s, key)) != getattr(blank, key)
        )
        for s in said
    ]


def _by_score(cause: Cause) -> Cause:
    return replace(cause, displaced_by=(), vacated_by=())


def _follows(said: Said) -> bool:
    """Tell whether an event follows from ranks alone."""
    still = said.kind == "rank_change" and said.score[0] == said.score[1]
    return still or said.kind == "rank_shift"


def _plain(value: object) -> str:
    """Return a value as text, numbers without what says nothing."""
    if isinstance(value, tuple):
        return f"({', '.join(map(_plain, value))})"
    if isinstance(value, Decimal):
        return f"{DIGITS.plus(value).normalize() + 0:f}"
    return str(value)
