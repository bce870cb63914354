"""``race``: a board's history as one file."""

from __future__ import annotations

from tests.support.commands import BENCH, BOTH, LATER, OTHER, START, Commands
from tests.support.hub.fake_hub import entry


def test_race_writes_a_page_that_plays(commands: Commands) -> None:
    """With all that it needs; what was written is said on standard error."""
    commands.polled(START, LATER)
    path = commands.folder / "race.html"
    ran = commands.run("race", "ACME/bench", "--out", str(path), "--top", "2")
    assert ran.stdout == ""
    assert ran.stderr.startswith("3 rows, ")
    page = path.read_text("utf-8")
    assert "zai/delta leads" in page or "zai/delta takes the lead" in page
    assert "d3-transition" in page


def test_race_overwrites_nothing(commands: Commands) -> None:
    """What is there stays as it is, with status 2."""
    commands.polled(START)
    path = commands.folder / "race.html"
    path.write_text("mine")
    ran = commands.run("race", BENCH, "--out", str(path), status=2)
    assert "is there already, and was left as it is" in ran.stderr.replace("\n", " ")
    assert path.read_text() == "mine"


def test_race_of_nothing_is_an_error(commands: Commands) -> None:
    """A board without rows, one that was never polled, a name that nobody watches: no file."""
    commands.configure(BOTH)
    commands.polled([entry("acme/x", 1)])
    commands.polled([], [], benchmark=OTHER)
    path = commands.folder / "none.html"
    for board, status in ((OTHER, 1), ("acme/nothing", 2)):
        ran = commands.run("race", board, "--out", str(path), status=status)
        assert board in ran.stderr
        assert not path.exists()


def test_race_of_a_board_that_is_not_there_names_the_remedy(commands: Commands) -> None:
    """One that no watch looks at, and one that was not polled yet."""
    commands.configure(BOTH)
    commands.run("db", "upgrade")
    path = str(commands.folder / "none.html")
    ran = commands.run("race", BENCH, "--out", path, status=1)
    assert f"{BENCH} was not polled yet; run: leaderboard-bot poll {BENCH}" in ran.stderr
    ran = commands.run("race", "acme/nothing", "--out", path, status=2)
    assert "no watch looks at this benchmark" in ran.stderr
    assert (
        "(write it into `benchmarks` of a [[watch]], then run: leaderboard-bot poll)" in ran.stderr
    )


def test_a_board_that_may_be_watched_is_not_polled_yet(commands: Commands) -> None:
    """Before the first poll it is not known what the Hub lists."""
    commands.configure()
    commands.run("db", "upgrade")
    ran = commands.run("race", BENCH, "--out", str(commands.folder / "none.html"), status=1)
    assert f"{BENCH} was not polled yet; run: leaderboard-bot poll {BENCH}" in ran.stderr
