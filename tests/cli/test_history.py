"""``history``, and the charts that it draws."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bot.cli.terminal.charts import charts
from bot.views.history import lines
from tests.support.commands import BENCH, BOTH, LATER, OTHER, START, Commands
from tests.support.hub.fake_hub import entry
from tests.support.store.history import NOON, grouped, version


def test_history_of_a_benchmark_is_that_of_its_rows(commands: Commands) -> None:
    """Each change of rank or score is a point, by time; keys come in their order."""
    commands.polled(START, LATER)
    found = commands.json("history", "ACME/bench")
    assert list(found[0])[:6] == ["at", "benchmark", "model", "variant", "rank", "score"]
    assert [(point["model"], point["rank"], point["score"]) for point in found] == [
        ("qwen/alpha", 1, 76.4),
        ("mini/beta", 2, 75.8),
        ("step/gamma", 3, 74.4),
        ("zai/delta", 1, 77.8),
        ("qwen/alpha", 2, 76.4),
        ("mini/beta", 3, 75.9),
        ("step/gamma", 4, 74.4),
    ]


def test_history_of_a_model_is_on_every_board(commands: Commands) -> None:
    """A model's points come from all boards; globs work, case does not matter."""
    commands.configure(BOTH)
    commands.polled(START)
    commands.polled(LATER, benchmark=OTHER)
    for name in ("QWEN/alpha", "qwen/*"):
        boards = [(point["benchmark"], point["rank"]) for point in commands.json("history", name)]
        assert sorted(boards) == [(BENCH, 1), (OTHER, 2)]


def test_removed_row_ends_with_nulls(commands: Commands) -> None:
    """Once a removal was told, rank and score are null."""
    commands.polled(LATER, LATER[:3], LATER[:3])
    found = commands.json("history", "step/gamma")
    assert [(point["rank"], point["score"]) for point in found] == [(4, 74.4), (None, None)]
    assert "4 → removed" in commands.run("history", "step/gamma").stdout


def test_csv_has_the_fields_of_json(commands: Commands) -> None:
    """``--csv`` gives the same points, a line each."""
    commands.polled(START)
    rows = list(csv.DictReader(commands.run("history", BENCH, "--csv").stdout.splitlines()))
    document = commands.json("history", BENCH)
    assert list(rows[0]) == list(document[0])
    assert [row["model"] for row in rows] == [point["model"] for point in document]
    assert rows[0]["variant"] == ""


def test_unknown_name_has_status_2(commands: Commands) -> None:
    """A name that was never seen is told with the nearest that was."""
    commands.polled(START)
    assert "did you mean qwen/alpha?" in commands.run("history", "qwen/alfa", status=2).stderr


def test_unknown_name_where_nothing_is_stored_names_the_first_poll(commands: Commands) -> None:
    """Of a picture, too: no file is made."""
    commands.run("db", "upgrade")
    picture = commands.folder / "none.svg"
    for more in ((), ("--svg", str(picture))):
        told = commands.run("history", "acme/any", *more, status=2).stderr
        assert "nothing is stored yet: run leaderboard-bot poll" in told
    assert not picture.exists()


def test_table_says_how_far_a_row_moved(commands: Commands) -> None:
    """People see where a row came from and where it is."""
    commands.polled(START, LATER)
    shown = commands.run("history", BENCH).stdout
    assert "C   mini/beta    2 → 3   75.8 → 75.9" in shown
    assert "4 rows on 1 board.\n" in shown


def test_chart_has_the_best_rank_on_top(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ranks are drawn with a letter a line, the first on top, dates below; scores beside."""
    monkeypatch.setenv("COLUMNS", "60")
    history = [
        version("a", 0, 1, "5", until=24),
        version("a", 24, 2, "5"),
        version("b", 24, 1, "7.5", model="acme/y"),
    ]
    charts(lines(grouped(history), None), NOON + timedelta(hours=48), scores=True)
    drawn = capsys.readouterr().out.splitlines()
    assert drawn[0].strip() == "Rank"
    assert drawn[2][:3] == "1┤B"
    assert max(map(len, drawn)) <= 60
    assert any(line.strip() == "Score" for line in drawn)
    assert "27 Apr 12:00" in drawn[11]


def test_chart_gives_each_rank_a_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    """Neighbours in rank are never one line, however far another row has fallen."""
    history = [version(f"r{n}", 0, n, "5", model=f"acme/m{n}") for n in (1, 2, 3, 4, 5)]
    history += [version("far", 0, 200, "1", model="acme/far")]
    charts(lines(grouped(history), None), NOON + timedelta(hours=48), scores=False)
    drawn = capsys.readouterr().out.splitlines()
    assert [line.partition("┤")[::2] for line in drawn if "┤" in line] == [
        (f"{rank:>3}", f"{mark * 75}│")
        for rank, mark in zip([1, 2, 3, 4, 5, 200], "ABCDEF", strict=True)
    ]


def test_chart_of_scores_too_large_to_draw_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """Ranks are drawn all the same."""
    history = [
        version("a", 0, 1, "1.7e308"),
        version("b", 0, 2, "-1.7e308", model="acme/y"),
    ]
    charts(lines(grouped(history), None), NOON + timedelta(hours=48), scores=True)
    drawn = capsys.readouterr().out
    assert drawn.lstrip().startswith("Rank\n")
    assert drawn.endswith("Score: too large to be drawn; the table has it.\n")


def test_chart_of_a_moment_is_not_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    """Where no time has passed there is nothing to draw, and no letter."""
    assert charts(lines([[version("a", 0, 1, "5")]], None), NOON, scores=True) == [""]
    assert capsys.readouterr().out == ""


def test_two_polls_are_drawn_however_near(commands: Commands) -> None:
    """Seconds between two points are time enough; the letters of the table are those drawn."""
    commands.polled(START)
    shown = commands.run("history", BENCH).stdout
    assert "Rank\n" not in shown
    assert not any(line.startswith("A ") for line in shown.splitlines())
    commands.polled(LATER)
    shown = commands.run("history", BENCH).stdout
    assert shown.lstrip().startswith("Rank\n")
    assert any(line.startswith("A ") for line in shown.splitlines())


def test_benchmark_without_rows_has_an_empty_history(commands: Commands) -> None:
    """A board that was polled and has no rows is known: no error, no points."""
    commands.configure(BOTH)
    commands.polled([entry("acme/x", 1)])
    commands.polled([], [], benchmark=OTHER)
    assert commands.json("history", OTHER) == []
    assert "nothing is stored" in commands.run("history", OTHER).stderr


SVG = "{http://www.w3.org/2000/svg}"


def drawn(path: Path) -> str:
    """Return the text of a drawing."""
    return " ".join(text.strip() for text in ET.parse(path).getroot().itertext())


def test_svg_draws_the_ranks_of_a_board(commands: Commands) -> None:
    """Into a new file, with the names of its rows; nothing else is printed."""
    commands.polled(START, LATER)
    path = commands.folder / "ranks.svg"
    ran = commands.run("history", BENCH, "--svg", str(path))
    assert (ran.stdout, ran.stderr) == ("", f"4 rows drawn to {path}\n")
    assert "zai/delta" in drawn(path)
    assert f"{BENCH}: ranks from" in drawn(path)


def test_svg_draws_the_ranks_and_scores_of_a_model(commands: Commands) -> None:
    """On one board both; the board is named."""
    commands.polled(START, LATER)
    path = commands.folder / "model.svg"
    commands.run("history", "mini/beta", "--svg", str(path))
    assert len(list(ET.parse(path).getroot().iter(f"{SVG}svg"))) == 3
    assert f"{BENCH}: 75.9 since" in drawn(path)


def test_svg_overwrites_nothing(commands: Commands) -> None:
    """A file, a folder and a link to nowhere are left as they are, with status 2."""
    commands.polled(START)
    there, link = commands.folder / "there.svg", commands.folder / "link.svg"
    there.write_text("mine")
    link.symlink_to(commands.folder / "nowhere")
    for path in (there, link, commands.folder):
        ran = commands.run("history", BENCH, "--svg", str(path), status=2)
        assert "is there already, and was left as it is" in ran.stderr.replace("\n", " ")
    assert there.read_text() == "mine"


def test_svg_of_nothing_is_an_error(commands: Commands) -> None:
    """There is no file then; nor where none can be."""
    commands.configure(BOTH)
    commands.polled([entry("acme/x", 1)])
    commands.polled([], [], benchmark=OTHER)
    path = commands.folder / "none.svg"
    ran = commands.run("history", OTHER, "--svg", str(path), status=1)
    assert "nothing to draw" in ran.stderr
    assert not path.exists()
    away = commands.folder / "nowhere" / "x.svg"
    assert (
        "cannot be written" in commands.run("history", BENCH, "--svg", str(away), status=1).stderr
    )
