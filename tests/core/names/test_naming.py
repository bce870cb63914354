"""Which board people mean."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.board import BoardKey
from bot.core.errors import ConfigError
from bot.core.names.links import board_url, model_url
from bot.core.names.naming import Named, board_named, check_task, model_named, task_meant
from bot.core.tasks import Tasks

HUB = "https://hub.example/prefix"
KNOWN = Tasks(ids=("mean", "table"), first="mean", asked_at=datetime(2026, 4, 27, tzinfo=UTC))
BOARDS = [BoardKey("a/b", "mean"), BoardKey("a/b", "table"), BoardKey("a/other")]


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("a/b", Named("a/b")),
        ("a/b#t", Named("a/b", "t")),
        ("a/b#t#u", Named("a/b", "t#u")),
        (f"{HUB}/datasets/a/b", Named("a/b")),
        (f"{HUB}/datasets/a/b/", Named("a/b")),
        (f"{HUB}/datasets/a/b?leaderboard_task_id=t%23u%20v", Named("a/b", "t#u v")),
        (f"{HUB}/datasets/a/b?eval_result=x/y&leaderboard_task_id=t", Named("a/b", "t")),
        (f"{HUB}/datasets/a/b/embed/leaderboard?leaderboard_is_expanded=true", Named("a/b")),
        ("https://huggingface.co/datasets/a/b", Named("a/b")),
        ("HTTPS://HuggingFace.co/datasets/a/b", Named("a/b")),
        (f"{HUB}/api/datasets/a/b/leaderboard?task_id=t", Named("a/b", "t")),
    ],
)
def test_a_board_is_named_by_its_name_or_its_address(written: str, named: Named) -> None:
    """Under the endpoint or the public Hub."""
    assert board_named(written, HUB) == named


@pytest.mark.parametrize(
    "written",
    [
        "https://elsewhere.example/datasets/a/b",
        "https://hub.example/datasets/a/b",
        "https://hub.example/prefixed/datasets/a/b",
        "https://huggingface.co.evil.example/datasets/a/b",
        f"{HUB}/a/b",
        f"{HUB}/datasets/a",
        f"{HUB}/spaces/a/b",
    ],
)
def test_an_address_that_is_no_benchmarks_page_is_refused(written: str) -> None:
    """With what would be one."""
    with pytest.raises(ConfigError, match="no page of a benchmark under"):
        board_named(written, HUB)


@pytest.mark.parametrize("written", ["a/b", f"{HUB}/a/b", f"{HUB}/a/b/discussions/3"])
def test_a_model_is_named_by_its_name_or_its_address(written: str) -> None:
    """Any page of it does."""
    assert model_named(written, HUB) == "a/b"


def test_an_address_that_is_no_models_page_is_refused() -> None:
    """A benchmark's, for one."""
    with pytest.raises(ConfigError, match="no page of a model"):
        model_named(f"{HUB}/datasets/a/b", HUB)


@given(st.text(min_size=1, max_size=20).filter(lambda text: text.isprintable()))
def test_a_boards_page_names_the_board(task: str) -> None:
    """Whatever letters its task has: links lead back."""
    key = BoardKey("a/b", task)
    assert board_named(board_url(HUB, key), HUB) == Named("a/b", task)
    assert model_named(model_url(HUB, "a/b"), HUB) == "a/b"


@pytest.mark.parametrize(
    ("named", "task"),
    [
        (Named("a/b"), "mean"),
        (Named("A/B"), "mean"),
        (Named("a/b", "table"), "table"),
        (Named("a/b", "TABLE"), "table"),
        (Named("a/b", "t*"), "table"),
        (Named("a/other"), None),
        (Named("a/other", "*"), None),
    ],
)
def test_a_name_means_one_task(named: Named, task: str | None) -> None:
    """A bare one the first, else the only one."""
    assert task_meant(named, BOARDS, KNOWN) == task


@pytest.mark.parametrize(
    ("named", "says"),
    [
        (Named("a/b", "tables"), "a/b#tables: no such task; did you mean a/b#table?"),
        (Named("a/b", "*"), "a/b#*: stands for several tasks; there are a/b#mean, a/b#table"),
        (Named("a/b", "zzz"), "a/b#zzz: no such task; there are a/b#mean, a/b#table"),
    ],
)
def test_a_name_that_means_no_one_task_is_refused(named: Named, says: str) -> None:
    """With those that there are."""
    with pytest.raises(ConfigError) as caught:
        task_meant(named, BOARDS, KNOWN)
    assert str(caught.value) == says


@pytest.mark.parametrize("task", [None, "", "*", "mean", "TABLE", "t*", "chart"])
def test_a_task_that_was_seen_is_taken(task: str | None) -> None:
    """It is a board's, or is listed; a glob that meets one does, too."""
    listed = Tasks(ids=("chart",), first="chart", asked_at=datetime(2026, 4, 27, tzinfo=UTC))
    check_task(Named("a/b", task), BOARDS, [listed, None])
    check_task(Named("a/other", task), [BoardKey("a/other")], [])


def test_a_task_that_was_never_seen_is_refused() -> None:
    """With the nearest."""
    with pytest.raises(ConfigError, match=r"a/b#tables: no such task; did you mean a/b#table\?"):
        check_task(Named("a/b", "tables"), BOARDS, [])


def test_a_bare_name_of_several_tasks_of_which_none_is_the_first_is_a_question() -> None:
    """They are listed."""
    with pytest.raises(ConfigError, match="which task\\? There are a/b#mean, a/b#table"):
        task_meant(Named("a/b"), BOARDS, None)
