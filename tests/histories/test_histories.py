"""A history in git is replayed through the real program, each version at its own time."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pytest

from tests.histories.__main__ import main
from tests.histories.sources import SOURCES

FIRST = datetime(2024, 5, 1, 12, tzinfo=UTC)


class Commit(Protocol):
    """Commits scores of a leaderboard, some days after the first."""

    def __call__(self, days: int, **scores: float) -> None:
        """Write the scores, by model, and commit them."""


@pytest.fixture
def commit(tmp_path: Path) -> Commit:
    """Return a function that commits scores of a leaderboard, some days after the first."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)

    def committed(days: int, **scores: float) -> None:
        entries = {name: {"pass@1": {"humaneval+": score}} for name, score in scores.items()}
        (tmp_path / "results.json").write_text(json.dumps(entries))
        at = f"{FIRST.timestamp() + days * 86400:.0f} +0000"
        git = [
            "git",
            "-C",
            str(tmp_path),
            "-c",
            "user.name=any",
            "-c",
            "user.email=any@example.org",
        ]
        subprocess.run([*git, "add", "results.json"], check=True)
        dates = {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}
        subprocess.run([*git, "commit", "-qm", "results"], check=True, env=os.environ | dates)

    return committed


def test_each_version_of_a_file_is_a_board_at_the_time_of_its_commit(
    tmp_path: Path, commit: Commit
) -> None:
    """The versions come in order, with their times, ranked by score."""
    commit(0, one=50.0, two=60.0)
    commit(3, one=70.0, two=60.0)
    versions = [*SOURCES["evalplus"].versions(tmp_path)]
    assert [(at - FIRST).days for at, _ in versions] == [0, 3]
    assert [row["modelId"] for row in versions[1][1]] == ["models/one", "models/two"]


@pytest.mark.long
def test_a_replay_prints_what_the_history_would_have_told(
    tmp_path: Path, commit: Commit, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first version is the baseline, the second one a change of the lead."""
    commit(0, one=50.0, two=60.0)
    commit(3, one=70.0, two=60.0)
    assert main(["evalplus", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "== 2024-05-04 12:00, 2 rows" in said
    assert "models/one takes the lead from models/two" in said
    assert said.endswith("2 versions, 1 messages\n")
