"""``export``."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow.parquet as pq
import pytest

from bot.core.render.cells import cell
from bot.views.history import FIELDS
from tests.support.commands import BENCH, LATER, START, Commands
from tests.support.hub.fake_hub import entry


def test_formats_hold_the_same_rows(commands: Commands) -> None:
    """CSV, JSON and Parquet have the same columns and rows."""
    commands.polled(START, LATER)
    document = json.loads(commands.run("export", "--format", "json").stdout)
    text = commands.run("export", "--format", "csv").stdout
    table = pq.read_table(io.BytesIO(commands.run("export", "--format", "parquet").stdout_bytes))
    assert len(document) == 7
    assert [list(row) for row in document] == [list(FIELDS)] * 7
    lines = list(csv.DictReader(text.splitlines()))
    assert [tuple(lines[0])] == [FIELDS]
    assert tuple(table.column_names) == FIELDS
    assert [row["at"] for row in lines] == [row["at"] for row in document]
    for column in ("model", "rank", "score", "removed"):
        assert table.column(column).to_pylist() == [row[column] for row in document]
        told = [json.dumps(row[column]).strip('"') for row in document]
        assert [row[column] for row in lines] == told


def test_provenance_is_exported(commands: Commands) -> None:
    """Whether a result is verified, where it is from and in what pull request has its columns."""
    source = {"name": "Paper", "url": "https://hub.test/paper"}
    commands.polled(
        [entry("acme/x", 2, verified=True, source=source), entry("acme/y", 1, 2, pullRequest=7)]
    )
    names = ("verified", "source_name", "source_url", "pull_request")
    told = [
        (True, "Paper", "https://hub.test/paper", None),
        (False, "Model Card", "https://hub.test/acme/y", 7),
    ]
    document = json.loads(commands.run("export", "--format", "json").stdout)
    assert [tuple(row[name] for name in names) for row in document] == told
    table = pq.read_table(io.BytesIO(commands.run("export", "--format", "parquet").stdout_bytes))
    assert [tuple(row[name] for name in names) for row in table.to_pylist()] == told
    text = commands.run("export", "--format", "csv").stdout
    assert text.splitlines()[2].endswith(",false,false,Model Card,https://hub.test/acme/y,7")


def test_row_stands_from_at_until_until(commands: Commands) -> None:
    """A version ends where the next begins; the last has no end."""
    commands.polled(START, LATER)
    document = json.loads(commands.run("export", "--format", "json").stdout)
    first, last = [row for row in document if row["model"] == "mini/beta"]
    assert first["until"] == last["at"]
    assert last["until"] is None
    assert first["row_id"] == last["row_id"]


def test_since_leaves_out_what_ended_before(commands: Commands) -> None:
    """With ``--since`` only what stood then or later is written."""
    commands.polled(START, LATER)
    later = datetime.now(UTC) + timedelta(hours=1)  # noqa: TID251 - the command's own clock
    text = commands.run("export", "--format", "csv", "--since", later.isoformat()).stdout
    assert {row["until"] for row in csv.DictReader(text.splitlines())} == {""}


def test_file_instead_of_standard_output(commands: Commands) -> None:
    """``--output`` writes a file and says on standard error what is in it."""
    commands.polled(START)
    path = commands.folder / "out.parquet"
    done = commands.run("export", "--format", "parquet", "-o", str(path))
    assert done.stdout == ""
    assert "3 rows written" in done.stderr
    assert pq.read_table(path).num_rows == 3


def test_file_that_cannot_be_written_has_status_1(commands: Commands) -> None:
    """One sentence names the file."""
    commands.polled(START)
    path = commands.folder / "missing" / "out.csv"
    done = commands.run("export", "--format", "csv", "--output", str(path), status=1)
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("\t@x", "' @x"),
        ("a\x1b[31mb\nc", "a [31mb\nc"),
        ("a\u202eb\u2066c\u061cd\u2028e", "a b c d e"),
        (Decimal("-1.5"), Decimal("-1.5")),
        (True, "true"),
        (None, None),
    ],
)
def test_csv_cells_are_harmless(value: object, written: object) -> None:
    """No stranger's text is a formula or controls a terminal; numbers stay numbers."""
    assert cell(value) == written


def test_json_and_parquet_hold_text_as_it_was(commands: Commands) -> None:
    """Only CSV changes hostile text."""
    notes = "=1+1 \x1b[31m"
    commands.polled([entry("acme/x", 1, notes=notes)])
    document = json.loads(commands.run("export", "--format", "json").stdout)
    table = pq.read_table(io.BytesIO(commands.run("export", "--format", "parquet").stdout_bytes))
    assert document[0]["notes"] == table.column("notes")[0].as_py() == notes
    assert "'=1+1  [31m" in commands.run("export", "--format", "csv").stdout
    assert commands.json("history", BENCH)[0]["score"] == 1


def test_json_steers_no_terminal(commands: Commands) -> None:
    """What a terminal would obey is escaped, as in every other JSON; it reads as it was."""
    notes = "a \x9b31m \u202e \u2066 \x7f b"
    commands.polled([entry("acme/x", 1, notes=notes)])
    text = commands.run("export", "--format", "json").stdout
    assert not set(text) & set("\x9b\u202e\u2066\x7f")
    assert json.loads(text)[0]["notes"] == notes
