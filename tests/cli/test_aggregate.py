"""Boards of the file over all benchmarks, as commands show them."""

from __future__ import annotations

import pytest

from bot.demo.aggregate import Scores
from tests.support.commands import Commands

SCORES: Scores = {"org/a": {"gpqa": 80.0, "sweVerified": 9.0}, "org/b": {"gpqa": 80.0}}
WATCH = 'name = "files"\nbenchmarks = ["aggregate:{}"]'


@pytest.fixture
def filed(commands: Commands) -> Commands:
    """Return commands with a watch on all columns, polled once."""
    commands.hub.aggregate.set(SCORES, last_updated="2026-04-20T10:00:00Z")
    commands.configure(WATCH.format("*"))
    commands.run("poll")
    return commands


def test_a_column_is_shown_with_the_date_of_its_file(filed: Commands) -> None:
    """Whatever the case of its name; level rows share a rank."""
    shown = filed.run("show", "aggregate:GPQA", columns=120).stdout
    found = filed.json("show", "aggregate:gpqa")

    assert "the file last changed 2026-04-20 10:00 UTC" in shown
    assert [row["rank"] for row in found["rows"]] == [1, 1]
    assert found["source_changed_at"] == "2026-04-20T10:00:00Z"
    assert found["board"]["benchmark"] == "aggregate:gpqa"
    assert found["board"]["url"].endswith("/datasets/OpenEvals/leaderboard-data")


def test_a_column_has_a_history_and_can_be_muted(filed: Commands) -> None:
    """As any board has."""
    found = filed.json("history", "aggregate:gpqa")

    assert {one["benchmark"] for one in found} == {"aggregate:gpqa"}
    assert "aggregate:*" in filed.run("mute", "add", "--benchmark", "aggregate:*").stdout


def test_any_column_is_shown_live(filed: Commands) -> None:
    """One that is not there is an unknown name."""
    assert filed.json("show", "--live", "aggregate:sweVerified")["rows"][0]["model"] == "org/a"
    told = filed.run("show", "--live", "aggregate:sweVerifed", status=2).stderr
    assert "has no such column; did you mean aggregate:sweVerified?" in told


def test_validate_names_a_column_that_is_not_there(filed: Commands) -> None:
    """With the nearest that is; a poll does not fail for it."""
    filed.configure(WATCH.format("sweVerifed"))

    told = filed.run("validate", status=2).stderr

    assert "OpenEvals/leaderboard-data has no such column" in told
    assert "did you mean aggregate:sweVerified?" in told
    assert "0 failed" in filed.run("poll").stdout


def test_a_column_that_is_named_before_it_is_there_begins_with_a_baseline(filed: Commands) -> None:
    """The first poll says that it is not there, and the next ones nothing."""
    filed.configure(WATCH.format("later"))
    said = "aggregate:later: is no column of the file now; its first rows will be its baseline"
    assert said in filed.run("poll").stderr
    assert "no column" not in filed.run("poll").stderr

    filed.hub.aggregate.set({**SCORES, "org/c": {"later": 1.0}})

    assert "baseline stored" in filed.run("poll").stdout
    assert filed.json("events") == []


def test_validate_names_a_glob_that_stands_for_no_column(filed: Commands) -> None:
    """It is an oversight, no error: the column may come."""
    filed.configure(WATCH.format("none*"))

    told = filed.run("validate").stderr

    assert "aggregate:none* stands for no column of OpenEvals/leaderboard-data now" in told
