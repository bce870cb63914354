"""The file over all benchmarks: whether it moves, and which watches look at its columns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.aggregate import STALLED_AFTER, Contents, Source, is_aggregate, seen
from bot.core.alerts.watch import Known, Watch, boards, covers, undecided, with_tasks
from bot.core.board import BoardKey
from bot.core.names.links import board_url, row_url
from bot.core.timing.schedule import next_poll

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
KNOWN = Known(
    official=frozenset({"cais/hle"}),
    columns=frozenset({"aggregate:hle", "aggregate:sweVerified", "aggregate:swePro"}),
)


def contents(digest: str, *columns: str, written_at: datetime | None = None) -> Contents:
    return Contents(columns=columns, etag=digest, digest=digest, written_at=written_at)


def source(digest: str, changed_at: datetime = NOW - DAY) -> Source:
    at = NOW - HOUR
    return Source(columns=("gpqa",), etag=digest, digest=digest, changed_at=changed_at, at=at)


# --- whether it moves -----------------------------------------------------------------------------


def test_the_same_bytes_are_as_old_as_they_were() -> None:
    """Whatever else a commit touched."""
    found = seen(source("a"), replaced(contents("a", "gpqa"), etag="other commit"), NOW)

    assert (found.changed_at, found.etag, found.at) == (NOW - DAY, "other commit", NOW)


def replaced(found: Contents, *, etag: str) -> Contents:
    return Contents(columns=found.columns, etag=etag, digest=found.digest)


@pytest.mark.parametrize(
    ("known", "written_at", "changed_at"),
    [
        (None, NOW - 90 * DAY, NOW - 90 * DAY),  # nothing else tells
        (None, None, NOW),
        (None, NOW + DAY, NOW),  # no file comes from the future
        (source("a"), NOW - HOUR / 2, NOW - HOUR / 2),
        (source("a"), NOW - 90 * DAY, NOW),  # it changed since the last look, whatever it says
        (source("a"), None, NOW),
    ],
)
def test_what_a_file_says_of_its_date_is_believed_where_it_may_be_true(
    known: Source | None, written_at: datetime | None, changed_at: datetime
) -> None:
    """Else it changed when that was seen."""
    assert seen(known, contents("b", written_at=written_at), NOW).changed_at == changed_at


def test_a_file_has_stalled_after_thirty_days() -> None:
    """Not a moment before."""
    assert not source("a", NOW - STALLED_AFTER + timedelta(seconds=1)).stalled(NOW)
    assert source("a", NOW - STALLED_AFTER).stalled(NOW)


def test_a_column_that_goes_stays_known() -> None:
    """It is no removal; one that comes is known beside it."""
    assert seen(source("a"), contents("b", "hle"), NOW).columns == ("gpqa", "hle")


# --- who looks at its boards ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("official", ["cais/hle"]),
        ("official#*", ["cais/hle"]),
        ("*", ["cais/hle"]),
        ("*hle", ["cais/hle"]),
        ("aggregate:*", ["aggregate:hle", "aggregate:swePro", "aggregate:sweVerified"]),
        ("aggregate:SWE*", ["aggregate:swePro", "aggregate:sweVerified"]),
        ("aggregate:sweverified", ["aggregate:sweVerified"]),
        ("aggregate:later", ["aggregate:later"]),
    ],
)
def test_columns_are_named_by_the_prefix_alone(written: str, found: list[str]) -> None:
    """No other glob takes them, and theirs takes no official benchmark."""
    watch = Watch(name="w", benchmarks=(written,))
    known = Known(official=KNOWN.official, columns=KNOWN.columns, tasks={})

    watched = {key.benchmark for key in boards([watch], known, HOUR)}
    watched |= set(undecided([watch], known))

    assert sorted(watched) == found
    assert not [name for name in with_tasks([watch], known) if is_aggregate(name)]


def test_a_column_is_one_board_with_or_without_derived_models() -> None:
    """The file does not tell them apart, so that both kinds of watches look at it."""
    one = Watch(name="one", benchmarks=("aggregate:hle",))
    two = Watch(name="two", benchmarks=("aggregate:*",), include_derived=True, every=HOUR / 4)
    key = BoardKey("aggregate:hle")

    assert boards([one, two], KNOWN, HOUR)[key] == HOUR / 4
    assert not any(key.include_derived for key in boards([one, two], KNOWN, HOUR))
    assert covers(one, key, KNOWN)
    assert covers(two, key, KNOWN)


def test_columns_are_due_together() -> None:
    """One look at the file is for all of them; jitter would part them."""
    due = {
        next_poll(name, NOW, HOUR, rand)
        for name, rand in zip(sorted(KNOWN.columns), (0.1, 0.5, 0.9), strict=True)
    }

    assert len(due) == 1


def test_a_columns_page_is_that_of_the_file() -> None:
    """It has no leaderboard that could highlight a row."""
    page = "https://hub.test/datasets/OpenEvals/leaderboard-data"
    assert board_url("https://hub.test/", BoardKey("aggregate:hle")) == page
    assert row_url("https://hub.test", BoardKey("aggregate:hle"), "org/m") == page
