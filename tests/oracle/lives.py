"""Random lives of a board: what its Hub answers, poll after poll, as the Hub's JSON."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

START = datetime(2026, 4, 1, tzinfo=UTC)
RANKS = ("ordinal", "competition", "dense")
NOTES = (None, "with tools", "5-shot")
FILES = ("a.yaml", "b.yaml")

Json = dict[str, Any]


@dataclass
class Life:
    """The true board behind the answers; ``rows`` are its rows, best first, without ranks."""

    random: Random
    rows: list[Json] = field(default_factory=list)
    gone: list[Json] = field(default_factory=list)
    lower: bool = False
    says: bool = False
    ranks: str = "ordinal"
    disorder: bool = False
    models: int = 0
    moved: dict[str, str] = field(default_factory=dict)
    hushed: int = 0
    nameless: int = 0

    def answers(self, polls: int) -> Iterator[tuple[datetime, list[Json], frozenset[str]]]:
        """Yield a time, an answer, and the models of which the Hub says nothing, for each poll."""
        at = START
        for _ in range(polls):
            yield at, self._answer(), self._silence()
            for _ in range(self.random.choice((0, 0, 1, 1, 1, 2, 3))):
                self._change()
            at += timedelta(minutes=15) * self.random.choice((1, 1, 1, 1, 50))

    # --- what is true ----------------------------------------------------------------------------

    def _change(self) -> None:
        self.random.choice(
            (
                *[self._rescore] * 5,
                *[self._enter] * 3,
                *[self._leave] * 2,
                self._come_back,
                self._draw_level,
                self._flag,
                self._note,
                self._merge,
                self._source,
                self._twin,
                self._wobble,
                self._score_anew,
                self._shrink,
                self._turn,
                self._disorder,
                *[self._rename] * 2,
                self._hush,
                self._lose_name,
            )
        )()

    def _any(self) -> Json | None:
        return self.random.choice(self.rows) if self.rows else None

    def _score(self) -> float:
        return self.random.choice((10, 20, 25.5, 30, 40, 55.25, 60, 70, 80, 0.412, 0.3))

    def _rescore(self) -> None:
        if row := self._any():
            row["value"] = self._score()

    def _wobble(self) -> None:
        if row := self._any():
            row["value"] *= 1 + 1e-12

    def _draw_level(self) -> None:
        if row := self._any():
            row["value"] = self.random.choice(self.rows)["value"]

    def _enter(self) -> None:
        if self.models < 14:
            self.models += 1
            self.rows.append(self._row(f"org/m{self.models}"))

    def _twin(self) -> None:
        if (row := self._any()) and len(self.rows) < 14:
            self.rows.append(self._row(row["modelId"]))

    def _row(self, model: str) -> Json:
        pick = self.random.choice
        row: Json = {
            "modelId": model,
            "value": self._score(),
            "filename": f".eval_results/{pick(FILES)}",
            "author": {"name": "org", "followerCount": self.random.randrange(99)},
        }
        optional = {
            "notes": pick(NOTES),
            "verified": pick((None, None, True)),
            "pullRequest": pick((None, None, None, 7)),
            "source": pick((None, {"name": "Card", "url": "https://example.org/a"})),
        }
        return row | {key: value for key, value in optional.items() if value is not None}

    def _leave(self) -> None:
        if row := self._any():
            self.rows.remove(row)
            self.gone.append(row)

    def _come_back(self) -> None:
        if self.gone:
            self.rows.append(self.gone.pop(self.random.randrange(len(self.gone))))

    def _flag(self) -> None:
        if row := self._any():
            row["verified"] = not row.get("verified")

    def _note(self) -> None:
        if row := self._any():
            row["notes"] = self.random.choice(("with tools", "5-shot", "other"))

    def _merge(self) -> None:
        if row := self._any():
            row.pop("pullRequest", None)

    def _source(self) -> None:
        if row := self._any():
            row["source"] = {"name": self.random.choice(("Card", "Paper"))}

    def _score_anew(self) -> None:
        if self.random.random() < 0.4:
            for row in self.rows:
                row["value"] = round(row["value"] * 0.9 + self.random.choice((0, 0, 3)), 4)

    def _shrink(self) -> None:
        if self.random.random() < 0.3:
            keep = self.random.sample(self.rows, len(self.rows) // 3)
            self.gone += [row for row in self.rows if row not in keep]
            self.rows = keep

    def _turn(self) -> None:
        if self.random.random() < 0.15:
            self.lower = not self.lower

    def _disorder(self) -> None:
        self.disorder = self.random.random() < 0.3

    def _rename(self) -> None:
        """Give a model another id; the old one redirects there, or is another's by chance."""
        if row := self._any():
            old, new = row["modelId"], f"new/m{self.random.randrange(1000)}"
            for other in self.rows:
                if other["modelId"] == old:
                    other["modelId"] = new
            if self.random.random() < 0.8:
                self.moved[old] = new

    def _hush(self) -> None:
        """Have the Hub say nothing of what some models are called, for some polls."""
        self.hushed = self.random.choice((1, 2, 3, 5))

    def _lose_name(self) -> None:
        """Put a row on the board whose model cannot be read, for some polls."""
        self.nameless = self.random.choice((0, 2, 4))

    # --- what is answered ------------------------------------------------------------------------

    def _answer(self) -> list[Json]:
        rows = self._ranked()
        glitch = self.random.random()
        if glitch < 0.03:
            return []
        if glitch < 0.13 and rows:
            lost = self.random.sample(range(len(rows)), self.random.randint(1, len(rows)))
            rows = self._ranked([row for i, row in enumerate(self.rows) if i not in lost])
        elif glitch < 0.17 and rows:
            self.random.choice(rows)["value"] = "85.2%"
        elif glitch < 0.19 and rows:
            self.random.choice(rows)["modelId"] = 5
        elif glitch < 0.2:
            rows = rows[::-1]
            for rank, row in enumerate(rows, start=1):
                row["rank"] = rank
        if self.nameless:
            self.nameless -= 1
            rows.append({**self._row("?"), "modelId": None, "rank": 1})
        self.random.shuffle(rows)
        return rows

    def _silence(self) -> frozenset[str]:
        if not self.hushed:
            return frozenset()
        self.hushed -= 1
        known = {row["modelId"] for row in (*self.rows, *self.gone)} | {*self.moved}
        return frozenset(name for name in sorted(known) if self.random.random() < 0.8)

    def _ranked(self, rows: list[Json] | None = None) -> list[Json]:
        rows = deepcopy(self.rows if rows is None else rows)
        self.random.shuffle(rows)
        rows.sort(key=lambda row: row["value"] if self.lower else -row["value"])
        if self.disorder and len(rows) > 3:
            i = self.random.randrange(len(rows) - 1)
            rows[i], rows[i + 1] = rows[i + 1], rows[i]
        last: Json | None = None
        for place, row in enumerate(rows, start=1):
            same = last is not None and last["value"] == row["value"]
            row["rank"] = place
            if last is not None and self.ranks != "ordinal":
                step = 1 if self.ranks == "dense" else place - last["rank"]
                row["rank"] = last["rank"] if same else last["rank"] + step
            if self.says:
                row["lower_is_better"] = self.lower
            last = row
        return rows


def life(seed: int) -> Life:
    """Return the life that a number stands for."""
    random = Random(seed)
    made = Life(
        random,
        lower=random.random() < 0.2,
        says=random.random() < 0.3,
        ranks=random.choice(RANKS),
    )
    for _ in range(random.randint(1, 9)):
        made._enter()
    return made
