"""What holds for the diff of any two boards."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.core.board import Answer, Result, Row, Snapshot, Source
from bot.core.diff.compare import Diff, Rules, baseline, diff
from bot.core.events import Found
from bot.core.kinds import Kind
from tests.support.builders import ids

MODELS = [f"org/m{letter}" for letter in "abcdefg"]
STYLES = ("ordinal", "competition", "dense")
"""How ranks are counted where rows are level."""
SCORES = [Decimal(n) for n in (10, 20, 20, 30, 40, 50, 60)]


@st.composite
def answers(draw: st.DrawFn, *, min_size: int = 1, styles: tuple[str, ...] = STYLES) -> Answer:
    """Draw an answer ranked by score, level rows in any order or sharing ranks, shuffled."""
    rows = draw(
        st.lists(
            st.builds(
                Result,
                rank=st.just(0),
                model=st.sampled_from(MODELS),
                score=st.sampled_from(SCORES),
                verified=st.booleans(),
                filename=st.sampled_from(["a.yaml", "b.yaml"]),
                source=st.sampled_from([None, Source("Card", None)]),
                pull_request=st.sampled_from([None, 3]),
                notes=st.sampled_from([None, "tools"]),
            ),
            min_size=min_size,
            max_size=9,
        )
    )
    rows.sort(key=lambda row: -row.score)
    style, scores = draw(st.sampled_from(styles)), [row.score for row in rows]
    ranked = [replace(row, rank=_rank(style, scores, place)) for place, row in enumerate(rows)]
    return Answer(results=tuple(draw(st.permutations(ranked))))


def first(answer: Answer, *, higher: bool = True) -> Snapshot:
    """Return the snapshot of a first sight whose direction is known."""
    found = baseline(answer, None, Rules(confirm=1), ids("row"))
    return replace(found.after, higher_is_better=higher)


def compare(before: Snapshot, answer: Answer, confirm_removals: int = 1) -> Diff:
    return diff(answer, before, Rules(confirm=confirm_removals), ids("new"))


def facts(row: Row) -> tuple[object, ...]:
    """Return what replaying must restore of a row: all but its place among level rows."""
    r = row.result
    return (r.model, r.score, r.verified, r.filename, r.notes, r.pull_request, r.source)


def replay(before: Snapshot, found: tuple[Found, ...]) -> dict[str, tuple[object, ...]]:
    """Apply events to the rows of a snapshot, by row id, using what the events say alone."""
    rows = {row.id: facts(row) for row in before.rows}
    for item in found:
        event = item.event
        if item.row_id is None:
            continue
        if event.kind is Kind.REMOVED:
            del rows[item.row_id]
            continue
        rows[item.row_id] = (
            event.model, event.score.after, event.verified.after, event.filename, event.notes,
            event.pull_request, event.source,
        )  # fmt: skip
    return rows


@given(answers())
def test_a_board_against_itself_gives_nothing(answer: Answer) -> None:
    """The same answer twice is no change."""
    before = first(answer)
    found = compare(before, answer)
    assert found.found == ()
    assert found.after.rows == before.rows


@given(answers(), answers())
def test_replaying_the_events_gives_the_new_board(old: Answer, new: Answer) -> None:
    """Rows, scores, flags and provenance follow from the events alone."""
    before = first(old)
    found = compare(before, new)
    if found.baseline:
        return
    assert replay(before, found.found) == {row.id: facts(row) for row in found.after.rows}
    assert Counter(facts(row)[:2] for row in found.after.rows) == Counter(
        (r.model, r.score) for r in new.results
    )


@given(answers(), answers())
def test_replayed_ranks_stand_in_the_order_of_the_new_board(old: Answer, new: Answer) -> None:
    """Ranks told, and kept where none is told, order the rows as the Hub does, up to level ones."""
    before = first(old)
    found = compare(before, new)
    ranks = {row.id: row.result.rank for row in before.rows}
    ranks |= {f.row_id: f.event.rank.after for f in found.found if f.row_id and f.event.rank.after}
    replayed = sorted(found.after.rows, key=lambda row: (ranks.get(row.id, 0), row.result.score))
    scores = [row.result.score for row in sorted(found.after.rows, key=lambda r: r.result.rank)]
    unlevel = [row.result.score for row in replayed if Counter(scores)[row.result.score] == 1]
    if not found.baseline:
        assert unlevel == [score for score in scores if Counter(scores)[score] == 1]


@given(answers(), answers(), st.randoms(use_true_random=False))
def test_the_order_of_rows_is_irrelevant(old: Answer, new: Answer, random: object) -> None:
    """Shuffled answers give the same events in the same order."""
    shuffled = list(new.results)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    before = first(old)
    assert compare(before, new) == compare(before, Answer(results=tuple(shuffled)))


@given(answers(), answers())
def test_renaming_all_models_renames_the_events_and_nothing_else(old: Answer, new: Answer) -> None:
    """Nothing depends on what a model is called."""

    def renamed(answer: Answer) -> Answer:
        rows = (replace(r, model=r.model.replace("org/m", "other/x")) for r in answer.results)
        return Answer(results=tuple(rows))

    plain = compare(first(old), new)
    other = compare(first(renamed(old)), renamed(new))
    assert str(plain).replace("org/m", "other/x") == str(other)


@given(answers(min_size=1, styles=("ordinal",)), st.data())
def test_a_row_absent_for_too_few_polls_leaves_no_trace(
    answer: Answer, data: st.DataObject
) -> None:
    """Less than ``confirm_removals`` absences, then back: nothing happened."""
    before = first(answer)
    gone = data.draw(st.sampled_from(answer.results))
    rest = sorted((r for r in answer.results if r is not gone), key=lambda r: r.rank)
    without = Answer(results=tuple(replace(r, rank=n) for n, r in enumerate(rest, start=1)))
    snapshot = before
    for _ in range(data.draw(st.integers(0, 2))):
        away = compare(snapshot, without, confirm_removals=3)
        assert away.found == ()
        snapshot = away.after
    back = compare(snapshot, answer, confirm_removals=3)
    assert back.found == ()
    assert Counter(map(facts, back.after.rows)) == Counter(map(facts, before.rows))


@given(answers(), answers())
def test_reversing_scores_and_direction_gives_the_same_events(old: Answer, new: Answer) -> None:
    """An error rate is told as an accuracy is."""

    def flipped(answer: Answer) -> Answer:
        return Answer(results=tuple(replace(r, score=100 - r.score) for r in answer.results))

    def moves(found: Diff) -> Counter[tuple[object, ...]]:
        return Counter(
            (
                f.event.kind, f.event.model, f.event.rank, f.event.gap, f.event.margin,
                f.event.pushed_down, *map(frozenset, (f.event.cause.overtook,
                f.event.cause.overtaken_by, f.event.cause.displaced_by)),
            )
            for f in found.found
        )  # fmt: skip

    if len({r.score for r in new.results}) < 2 or _twins(old) or _twins(new):
        return
    upright = compare(first(old), new)
    reverse = compare(first(flipped(old), higher=False), flipped(new))
    assert moves(upright) == moves(reverse)


def _twins(answer: Answer) -> bool:
    """Whether rows share all that identifies them: their order by score is part of identity."""
    keys = [(r.model, r.filename, r.notes) for r in answer.results]
    return len(set(keys)) < len(keys)


@given(st.lists(answers(), min_size=2, max_size=6))
def test_every_row_but_the_leader_of_a_long_history_adds_up(polls: list[Answer]) -> None:
    """Replaying all events since the baseline gives the last snapshot, held rows included."""
    new_id = ids("x")
    snapshot = first(polls[0])
    rows = {row.id: facts(row) for row in snapshot.rows}
    for answer in polls[1:]:
        found = diff(answer, snapshot, Rules(confirm=2), new_id)
        if found.baseline:
            rows = {row.id: facts(row) for row in found.after.rows}
        else:
            rows = replay(replace(snapshot, rows=snapshot.rows), found.found)
        snapshot = found.after
        assert rows == {row.id: facts(row) for row in snapshot.rows}


@given(st.lists(st.tuples(answers(), st.integers(0, 1)), min_size=2, max_size=7))
def test_every_rank_told_is_one_that_the_hub_reported(polls: list[tuple[Answer, int]]) -> None:
    """And the one before is what was known: told, or reported while no row was held."""
    new_id = ids("x")
    snapshot = first(polls[0][0])
    for answer, malformed in polls[1:]:
        found = diff(replace(answer, malformed=malformed), snapshot, Rules(confirm=3), new_id)
        before = {row.id: row.result.rank for row in snapshot.rows}
        after = {row.id: row.reported or row.result.rank for row in found.after.rows}
        reported = {(r.model, r.score, r.rank) for r in answer.results}
        for item in found.found:
            event, row_id = item.event, item.row_id
            if row_id is None:
                continue
            assert event.rank.before == (None if event.new else before[row_id])
            if event.kind not in (Kind.REMOVED, Kind.NEW_LEADER):
                assert event.rank.after == after[row_id]
                assert (event.model, event.score.after, event.rank.after) in reported
        snapshot = found.after


@given(st.lists(st.tuples(answers(), st.integers(0, 1)), min_size=2, max_size=7))
def test_ranks_add_up_whenever_no_row_is_held(polls: list[tuple[Answer, int]]) -> None:
    """Those told since the baseline order the rows as the Hub does, up to level ones."""
    new_id = ids("x")
    snapshot = first(polls[0][0])
    known = {row.id: row.result.rank for row in snapshot.rows}
    for answer, malformed in polls[1:]:
        found = diff(replace(answer, malformed=malformed), snapshot, Rules(confirm=2), new_id)
        snapshot = found.after
        known |= {f.row_id: f.event.rank.after or 0 for f in found.found if f.row_id}
        if snapshot.doubt or len(snapshot.rows) > len(answer.results):
            continue
        spans: defaultdict[Decimal, set[int]] = defaultdict(set)
        for row in snapshot.rows:
            spans[row.result.score].add(row.result.rank)
        for row in snapshot.rows:
            span = spans[row.result.score]
            assert min(span) <= known[row.id] <= max(span)


ABSENT, UNREAD, READ = 0, 1, 2
"""What may become of a row in one answer; the Hub counts the last two."""


@st.composite
def glimpses(draw: st.DrawFn) -> list[Answer]:
    """Draw answers about one board that never changes, of which each lacks some rows.

    Level rows share ranks, in either way of counting, or stand in any order.
    """
    scores = draw(st.lists(st.sampled_from(SCORES), min_size=4, max_size=8))
    style = draw(st.sampled_from(STYLES))
    fates = st.lists(st.sampled_from([READ] * 6 + [ABSENT, UNREAD]), min_size=8, max_size=8)
    polls = [[READ] * 8, *draw(st.lists(fates, max_size=8))]
    found = []
    for fate in polls:
        rows = [n for n in draw(st.permutations(range(len(scores)))) if fate[n] != ABSENT]
        rows.sort(key=lambda n: -scores[n])
        ranks = {n: _rank(style, [scores[m] for m in rows], place) for place, n in enumerate(rows)}
        read = [n for n in rows if fate[n] == READ]
        results = (
            Result(rank=ranks[n], model=f"org/m{n}", score=scores[n], verified=False) for n in read
        )
        found.append(Answer(results=tuple(results), malformed=len(rows) - len(read)))
    return found


def _rank(style: str, scores: list[Decimal], place: int) -> int:
    """Return the rank of the row at a place, of rows sorted by score."""
    if style == "ordinal":
        return place + 1
    better = [score for score in scores if score > scores[place]]
    return len(set(better) if style == "dense" else better) + 1


@given(glimpses())
def test_rows_that_cannot_be_seen_for_a_while_are_nothing(polls: list[Answer]) -> None:
    """Whatever of them the Hub counts, and however level rows change places meanwhile."""
    new_id = ids("x")
    snapshot = None
    for answer in polls:
        found = diff(answer, snapshot, Rules(confirm=len(polls) + 1), new_id)
        assert found.found == ()
        snapshot = found.after
