"""Tables and lines, as wide as the screen."""

from __future__ import annotations

import pytest

from bot.cli.terminal.tables import show_line, show_table

COLUMNS = ("#", "Model", "Details")
ROWS = [
    ("1", "deepseek-ai/DeepSeek-R1-Distill-Qwen-32B", "verified, reasoning with tools"),
    ("12", "acme/x", ""),
]


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Say that the screen has 40 columns."""
    monkeypatch.setenv("COLUMNS", "40")


@pytest.mark.usefixtures("narrow")
def test_a_table_breaks_no_word_where_it_has_room(capsys: pytest.CaptureFixture[str]) -> None:
    """Columns are as wide as their longest word, and names go on after their joints."""
    show_table(COLUMNS, [("1", "deepseek-ai/DeepSeek-R1", "reasoning")], right=("#",))
    assert capsys.readouterr().out.splitlines()[2:] == [
        "1   deepseek-ai/DeepSeek-R1   reasoning",
    ]
    show_table(COLUMNS, [("1", "deepseek-ai/DeepSeek-R1-Distill", "reasoning here")])
    assert capsys.readouterr().out.splitlines()[2:] == [
        "1   deepseek-ai/          reasoning here",
        "    DeepSeek-R1-Distill",
    ]


@pytest.mark.usefixtures("narrow")
def test_a_table_without_room_for_its_words_is_a_list(capsys: pytest.CaptureFixture[str]) -> None:
    """Each row stands below the other, by the names of the columns; what is empty is left out."""
    columns = ("#", "Model", "Channels", "Next poll", "Details")
    rows = [(*row[:2], "research", "at once", row[2]) for row in ROWS]
    show_table(columns, rows, right=("#",), whole=("Next poll",))
    assert capsys.readouterr().out.splitlines() == [
        "#          1",
        "Model      deepseek-ai/DeepSeek-R1-",
        "           Distill-Qwen-32B",
        "Channels   research",
        "Next poll  at once",
        "Details    verified, reasoning with",
        "           tools",
        "",
        "#          12",
        "Model      acme/x",
        "Channels   research",
        "Next poll  at once",
    ]


def test_one_endless_word_makes_no_table_a_list(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be a stranger's, and is broken where the column ends."""
    monkeypatch.setenv("COLUMNS", "60")
    show_table(COLUMNS, [*ROWS, ("3", "x" * 90, "")])
    assert capsys.readouterr().out.startswith("#    Model")


@pytest.mark.usefixtures("narrow")
def test_a_line_goes_on_in_the_next_one(capsys: pytest.CaptureFixture[str]) -> None:
    """After a blank or a joint of a name."""
    show_line("2026-04-27 10:00 UTC  a-long-organisation-name/a-benchmark: 4 rows")
    assert capsys.readouterr().out.splitlines() == [
        "2026-04-27 10:00 UTC  a-long-",
        "organisation-name/a-benchmark: 4 rows",
    ]
