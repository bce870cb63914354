"""The benchmarks run from end to end, at a size at which their times mean nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import month
from benchmarks.extremes import Found
from benchmarks.measure import Cost
from benchmarks.report import Figures, page, placed, targets
from benchmarks.sample import counted, template
from benchmarks.scenarios import CASES, EQUAL, PROFILES, UNCHANGED, Figure
from benchmarks.tools import BARE, OURS, URLWATCH

ROOT = Path(__file__).parents[2]
ONE_WORKER = pytest.mark.xdist_group("benchmarks")
PAGE = "# Kept\n<!-- tiny: begin -->\nold\n<!-- tiny: end -->\nkept too\n"


def cost(cpu: float) -> Cost:
    return Cost(cpu, wall=1, memory=60, connections=8, requests=5, posts=0, state=0.2)


def figure(case: str, tool: str, cpu: float, boards: int = 2000) -> Figure:
    return Figure(boards, 50, case, tool, cost(cpu))


def judged(*figures: Figure) -> dict[str, str]:
    return {f"{one.what}, {one.boards}": one.verdict for one in targets(Figures(figures))}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the page as the smallest run writes it, of ours and the bare loop."""
    if not sys.platform.startswith("linux"):
        pytest.skip("processes are pinned and measured as Linux does it")
    folder = tmp_path_factory.mktemp("bench")
    file = folder / "page.md"
    file.write_text(PAGE, "utf-8")
    words = ["-m", "benchmarks", "tiny", "--page", str(file), "--folder", str(folder)]
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return file.read_text("utf-8")


def tables(text: str) -> list[list[list[str]]]:
    """Return each table as its lines of cells."""
    found = re.findall(r"(?:^\|.*\|\n)+", text, re.MULTILINE)
    return [[re.split(r" *\| *", line)[1:-1] for line in table.splitlines()] for table in found]


@pytest.mark.long
@ONE_WORKER
def test_tables_come_out_whole(written: str) -> None:
    """Each table has a heading, and as many cells in each line as in its head."""
    found = tables(written)
    assert len(found) == written.count("### ") == 5
    assert all(len(line) == len(table[0]) for table in found for line in table)


@pytest.mark.long
@ONE_WORKER
def test_each_case_is_measured_of_each_tool(written: str) -> None:
    """A line a case, with the CPU of ours, of the bare loop, and their ratio."""
    table = tables(written)[1]
    assert [line[1] for line in table[2:]] == list(CASES)
    filled = [[bool(cell) for cell in line] for line in table[2:]]
    assert filled == [[True, True, True, True, False, False, False, True, False]] * len(CASES)


@pytest.mark.long
@ONE_WORKER
def test_changed_boards_are_posted(written: str) -> None:
    """Of five boards one changes, and ours posts it; the server has counted."""
    posts = {(line[1], line[2]): line[7] for line in tables(written)[2][2:]}
    assert {key: count for key, count in posts.items() if count != "0"} == {
        ("5 % changed, with posts", OURS): "1"
    }


@pytest.mark.long
@ONE_WORKER
def test_extremes_are_told(written: str) -> None:
    """A line for each figure of a backlog, a board turned round, a long history."""
    lines = tables(written)[4][2:]
    told = " ".join(line[0] for line in lines)
    assert all(word in told for word in ("20 deliveries", "10 rows turned round", "of 100"))
    assert all(line[1] for line in lines)


@pytest.mark.long
@ONE_WORKER
def test_the_rest_of_the_page_is_kept(written: str) -> None:
    """Only what stands between the markers is replaced."""
    assert written.startswith("# Kept\n<!-- tiny: begin -->\nThe tiny run of ")
    assert written.endswith("<!-- tiny: end -->\nkept too\n")
    assert "\nold\n" not in written


def test_a_page_without_markers_is_refused() -> None:
    """It is not known where the tables would go."""
    with pytest.raises(ValueError, match="quick: begin"):
        placed(PAGE, "quick", "tables")


def test_the_page_has_a_place_for_both_runs() -> None:
    """The page that is shipped takes the tables of the full and of the quick run."""
    text = (ROOT / "docs" / "performance.md").read_text("utf-8")
    assert "tables" in placed(placed(text, "full", "tables"), "quick", "tables")


def test_targets_are_judged_by_the_largest_size() -> None:
    """What is at most the target is reached; what nobody measured is not judged."""
    found = judged(
        figure(UNCHANGED, OURS, 2.0),
        figure(UNCHANGED, BARE, 1.0),
        figure(UNCHANGED, BARE, 9.0, boards=200),
        figure(UNCHANGED, OURS, 9.0, boards=20),
        figure(UNCHANGED, URLWATCH, 1.0, boards=20),
    )
    assert found[f"{UNCHANGED}: our CPU over that of {BARE}, 2000"] == "reached"
    assert found[f"{UNCHANGED}: our CPU over that of {URLWATCH}, 20"] == "**missed**"
    assert found[f"{EQUAL}: our CPU over that of {BARE}, None"] == "not measured"


def test_changed_profiles_are_held_against_equal_bytes() -> None:
    """Ours against ours, without ETags."""
    found = judged(figure(PROFILES, OURS, 1.4), figure(EQUAL, OURS, 1.0))
    assert found[f"{PROFILES}: our CPU over our own on equal bytes, 2000"] == "**missed**"


def test_what_may_be_at_least_or_at_most_is_judged() -> None:
    """A daemon polls at least as often as wanted, and takes at most so much memory."""
    found = [
        Found("polls", 19, "/s", least=19),
        Found("slow", 7, "/s", least=19),
        Found("memory", 111, "MB", most=110),
    ]
    verdicts = [line[3] for line in tables(page([], found, ["Today."]) + "\n")[4][2:]]
    assert verdicts == ["reached", "**missed**", "**missed**"]


def test_profiles_change_alone() -> None:
    """Another number of followers is another body with the same results."""
    board = template(3, 50, 0, turned=False)
    before, after = counted(board, 1), counted(board, 2)
    assert before != after
    strip = re.compile(rb'"followerCount": \d+')
    assert strip.sub(b"", before) == strip.sub(b"", after)


@pytest.mark.long
def test_a_month_says_less_the_more_is_asked_of_an_event() -> None:
    """Its first hours: no new leader is late, none is false."""
    tallied, _ = month.replay(1, 24, month.CHANNELS)
    messages = {one.channel.name: one.messages for one in tallied}
    assert messages["everything"] > messages["starter"] >= messages["far"] >= messages["leaders"]
    assert {(one.late, one.false) for one in tallied} == {(0, 0)}
    assert month.table(tallied, 0, 1, 1).count("\n|") == len(month.CHANNELS) + 2
