"""Where problems of a configuration are: the place in the file, its line, a mark, the remedy."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import load
from bot.config.problems.places import places
from bot.config.problems.problem import KeyPath
from bot.core.errors import ConfigError

ROOT = Path(__file__).parents[2]
NO_TOML = ("bad.syntax.toml", "bad.twice.toml", "bad.unfinished.toml")
FILES = [*(ROOT / "tests" / "data" / "config").glob("*.toml"), *ROOT.glob("*.toml")]
READABLE = [path for path in FILES if path.name not in NO_TOML]


def shown(folder: Path, text: str) -> str:
    """Return what a terminal shows of a text's problems, the folder left out."""
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    return "\n".join(caught.value.shown).replace(f"{folder}/", "")


def values(node: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    """Yield each key path of tables with what is there."""
    if not isinstance(node, dict | list):
        return
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        yield (*path, key), value
        yield from values(value, (*path, key))


HARD = (ROOT / "tests" / "data" / "config" / "places.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", [HARD, HARD.replace("\n", "\r\n"), "", "a = [\n1]"])
def test_every_value_stands_where_the_scanner_says(text: str) -> None:
    """What is at the place of a key's value reads as that value, however it is written."""
    text = text.replace("\r\n", "\n")
    found, tables = places(text), tomllib.loads(text)
    assert found.by_path.keys() == dict(values(tables, ())).keys()
    for path, value in values(tables, ()):
        written = text[slice(*found.by_path[path].value)]
        if not isinstance(value, dict) and not written.startswith("[["):
            assert tomllib.loads(f"x = {written}")["x"] == value


@pytest.mark.parametrize("path", READABLE, ids=lambda path: path.name)
def test_no_key_of_a_file_is_without_its_place(path: Path) -> None:
    """Of every file that can be read."""
    text = path.read_text(encoding="utf-8")
    assert places(text).by_path.keys() == dict(values(tomllib.loads(text), ())).keys()


def test_a_problem_is_shown_with_its_line_a_mark_and_the_remedy(tmp_path: Path) -> None:
    """A value, a key, an item of a list and what is missing, each where it is looked for."""
    text = """[poll]
every = "1h30m"   # often
[[watch]]
benchmarks = ["official",
  "gsm8k"]
minscore_change = 3
"""
    assert shown(tmp_path, text) == (
        """\
config.toml:2:9: poll.every: must be a duration such as "30s", "5m", "2h" or "7d", at most "3650d"; found "1h30m"
  |
2 | every = "1h30m"
  |         ^^^^^^^
  = did you mean "90m"?
config.toml:3:1: watch[0].name: missing: what the watch is called; unique
  |
3 | [[watch]]
  | ^^^^^^^^^
  = write name = "coding"
config.toml:5:3: watch[0].benchmarks[1]: must be "official", namespace/name, or a glob such as "SWE-bench/*", each with or without #TASK, or "aggregate:COLUMN"; found "gsm8k"
  |
5 |   "gsm8k"]
  |   ^^^^^^^
  = did you mean "*/gsm8k" or "gsm8k/*"?
config.toml:6:1: watch[0].minscore_change: unknown key
  |
6 | minscore_change = 3
  | ^^^^^^^^^^^^^^^
  = did you mean "min_score_change"?"""  # noqa: E501 - as it is shown
    )


def test_a_mark_stands_below_letters_of_any_width(tmp_path: Path) -> None:
    """Wide letters take two columns, marks on letters none, a tabulator one."""
    text = 'watch = [{name = "日本e\u0301", \tbenchmarks = ["x y"]}]\n'
    line, mark = shown(tmp_path, text).splitlines()[2:4]
    assert line == '1 | watch = [{name = "日本e\u0301",  benchmarks = ["x y"]}]'
    before = line.index('"x y"') - 1 + 2
    assert mark == "  |" + " " * (before - 3) + "^^^^^"


def test_a_long_line_is_cut_around_the_mark(tmp_path: Path) -> None:
    """So that both fit a terminal of 80 columns."""
    many = ", ".join(f'"org/name-{number}"' for number in range(40))
    text = f'[[watch]]\nname = "w"\nbenchmarks = [{many}, "x y", {many}]\n'
    line, mark = shown(tmp_path, text).splitlines()[2:4]
    assert len(line) <= 80
    assert line[mark.index("^") : mark.rindex("^") + 1] == '"x y"'


def test_a_reload_is_told_in_lines(tmp_path: Path) -> None:
    """A log has a line a problem, the place and the remedy in it."""
    path = tmp_path / "config.toml"
    path.write_text("[hub]\ntokn = 1\n[poll]\nevery = 1\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    first, second = str(caught.value).splitlines()
    assert first == f'{path}:2:1: hub.tokn: unknown key; did you mean "token"?'
    assert second.startswith(f"{path}:4:9: poll.every: must be a duration such as ")


CANARY = "c4n4ry"


@pytest.mark.parametrize(
    "text",
    [
        f'[hub]\ntoken = "{CANARY} x"',
        f'[hub]\ntoken = "x y" # {CANARY}',
        f'[hub]\ntoken = """{CANARY}\n{CANARY} x"""',
        f'channels.a = {{type = "slack", token = "{CANARY}", colour = "x"}}',
        f'channels.a = {{type = "slack", token = "{CANARY}", "xoxb-{CANARY}-123" = "x"}}',
        f'[channels."xoxb-1234-{CANARY}-x"]\ntype = "nosuch"',
        f'[channels.a]\ntype = "webhook"\nurl = "https://x"\nsecret = ["{CANARY}",\n"{CANARY}"]',
        f'[[watch]]\nname = "x"\nbenchmarks = ["official", "xoxb-12345-{CANARY}"]',
        f'[channels.a]\ntype = "slack"\ntoken = xoxb-{CANARY}',
        f'[channels.a]\ntype = "slack"\ntoken "{CANARY}"',
        f'[channels.a]\ntype = "slack"\ntoken: "{CANARY}"',
        f'[channels.a]\ntype = "slack"\ntoken = "{CANARY}',
        f'[channels.a]\ntype = "slack"\ntoken = "x" "{CANARY}"',
        f'[channels.a]\ntype = "webhook"\nsecret = ["x"\n"{CANARY}"]',
        f"[poll]\nevery = 5m # not {CANARY}",
        f'[poll]\nevery = 5m{" " * 9}\ntokn = "{CANARY}\n',
        f"{CANARY}\n",
        f'"{CANARY}\n',
        f'[channels."{CANARY}]\n',
    ],
)
def test_no_line_is_shown_with_a_secret(tmp_path: Path, text: str) -> None:
    """What may be one is hidden in it, comments and other keys of the line included."""
    assert CANARY not in shown(tmp_path, text)


def test_references_are_shown(tmp_path: Path) -> None:
    """The name of a variable or a file is no secret, and what has to be mended."""
    text = '[hub]\ntoken = "env:NO_SUCH"\n[database]\nurl = "file:none"\n'
    assert 'token = "env:NO_SUCH"\n' in shown(tmp_path, text)
    assert 'url = "file:none"\n' in shown(tmp_path, text)


MISTAKES = {
    "every = 15m": ("1:9: text must stand in quotes", 'write every = "15m"'),
    "name = coding": ("1:8: text must stand in quotes", 'write name = "coding"'),
    "benchmarks = [a/b, c/d]": (
        "1:14: text must stand in quotes",
        'write benchmarks = ["a/b", "c/d"]',
    ),
    "models = [\n  a/b,\n]": ("2:3: text must stand in quotes", 'write "a/b"'),
    "token = env:HF_TOKEN": ("1:9: text must stand in quotes", 'write token = "env:HF_TOKEN"'),
    "verified_only = True": (
        "1:17: the value is neither true nor false",
        "write true or false, in small letters",
    ),
    "top = None": ("1:7: TOML has no such value", "leave the key out"),
    "top =": ("1:6: top has no value", "write one behind the =, or leave the key out"),
    "min_score_change = 0,5": ("1:21: the value is no number", "write 0.5"),
    "min_score_change = .5": ("1:20: the value is no number", "write 0.5"),
    "name = \u201cx\u201d": (
        "1:8: curly quotes are no quotes to TOML",
        'write straight ones: "',
    ),
    "name = 'it's'": (
        "1:12: the text has ended before",
        "put a text with a ' in it in double quotes",
    ),
    'name = "x";': ("1:11: nothing stands behind a value", "leave out the ;"),
    'models = ["x"] top = 1': ("1:16: each key has a line of its own", "begin a new line"),
    'models = "x" "y"': ("1:14: several texts are a list", 'write ["…", "…"]'),
    'models = ["x" "y"]': (
        "1:15: a comma is missing between two items of a list",
        "put it before this one",
    ),
    'models = ["x"\n[poll]': ("2:1: a list is not closed", "write ] at its end"),
    'models = ["x"\n': ("1:14: a list is not closed", "write ] at its end"),
    "x = {a = 1\n}": (
        "1:11: a table in braces is not closed on its line",
        "write } at its end, or use a [table]",
    ),
    'name = "x\ntop = 1': ("1:10: a text is not closed", "write its quotes at the end of the line"),
    "name = 'x\ntop = 1": ("1:10: a text is not closed", "write its quotes at the end of the line"),
    'name = "\\d"': (
        "1:11: a \\ in double quotes begins an escape",
        "put the text in single quotes, or write \\\\",
    ),
    "every: 5m": ("1:6: a key and its value are joined by =", "write = for the colon"),
    "watch:\n  - name: a": (
        "1:6: this is YAML, not TOML",
        "leaderboard-bot init writes a file to begin with",
    ),
    'every "5m"': ("1:7: an = is missing behind the key", 'write key = "value"'),
    "export every=1": ("1:8: this is no shell", "leave out export"),
    "[poll\n": ("1:6: the name of a table is not closed", "write ] behind it"),
    "[[watch]\n": ("1:8: the name of a table is not closed", "write ]] behind it"),
    "[channels.my screen]": (
        "1:14: a name with such signs must stand in quotes",
        'write [channels."my screen"]',
    ),
    '[watch]\nname = "x"\n[watch]\n': (
        "3:1: there are several watches",
        "write each as [[watch]]",
    ),
    "[poll]\n[poll]\n": ("2:1: [poll] is there already", "put all its keys below one of them"),
    "top = 1\ntop = 2\n": ("2:1: top is set already", "keep one of the two"),
    '{"poll": 1}': (
        "1:1: this is JSON, not TOML",
        "leaderboard-bot init writes a file to begin with",
    ),
    "// note": ("1:1: comments begin with #", "write # for it"),
    "= 1": ("1:1: a key is missing before the =", "name it"),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_what_is_no_toml_is_told_with_what_to_write(tmp_path: Path, text: str) -> None:
    """At the place where it stops to be TOML, in words for people who write it seldom."""
    told = shown(tmp_path, text).splitlines()
    place, remedy = MISTAKES[text]
    assert told[0] == f"config.toml:{place}"
    assert told[-1].strip() == f"= {remedy}"
    assert set(told[-2]) <= set(" |^")


EXAMPLE = (ROOT / "config.example.toml").read_text(encoding="utf-8")
SIGNS = st.text("\"'[]{}=.,#\n\\ a0:$-*/é日\t", max_size=2)
ITS_SECRETS = ("made-up", "B000", "AAAAAAAA")


@given(st.lists(st.tuples(st.integers(0, len(EXAMPLE)), st.integers(0, 4), SIGNS), max_size=6))
def test_no_slip_of_the_pen_ends_in_more_than_problems(
    tmp_path_factory: pytest.TempPathFactory, slips: list[tuple[int, int, str]]
) -> None:
    """Whatever is deleted and put in, problems are shown in lines, without a secret of the file."""
    text = EXAMPLE
    for place, deleted, put_in in slips:
        text = text[:place] + put_in + text[place + deleted :]
    path = tmp_path_factory.getbasetemp() / "slips.toml"
    path.write_text(text, encoding="utf-8")
    try:
        load(path, {})
    except ConfigError as error:
        told = "\n".join(error.shown)
        assert all(line.isprintable() for line in told.split("\n"))
        assert not any(secret in told for secret in ITS_SECRETS)
