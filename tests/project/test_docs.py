"""Documents say what the program does: commands, events, keys, modules, links, figures."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from packaging.requirements import Requirement

from bot.channels.base import ChannelTable
from bot.channels.registry import KINDS
from bot.cli import app
from bot.config.tables import File
from bot.core.kinds import Kind

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], key=lambda page: page.as_posix()
)
USER_PAGES = [page for page in PAGES if page.name == "README.md" or page.parent.name == "docs"]
USER_TEXT = "\n".join(page.read_text("utf-8") for page in USER_PAGES)


TEXTS = {page: page.read_text("utf-8") for page in PAGES}


def at_fault(wrong: Callable[[Path], Any]) -> dict[str, Any]:
    """Return what is wrong with pages, by their path in the repository."""
    found = {page.relative_to(ROOT).as_posix(): wrong(page) for page in PAGES}
    return {name: faults for name, faults in found.items() if faults}


def test_a_page_has_no_marks_of_a_merge() -> None:
    """Two versions of a paragraph are never both in it."""
    marks = re.compile(r"^(?:<{7}|>{7}|={7}$).*", re.MULTILINE)
    assert at_fault(lambda page: marks.findall(TEXTS[page])) == {}


# --- commands --------------------------------------------------------------------------------


def commands() -> Iterator[tuple[str, list[str]]]:
    """Yield each command as it is typed, with the long names of its options."""
    yield from _below(typer.main.get_command(app), ())


def _below(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, list[str]]]:
    below = getattr(command, "commands", {})
    for name, found in below.items():
        yield from _below(found, (*path, name))
    if path and (not below or command.invoke_without_command):
        shown = [one for one in command.params if not getattr(one, "hidden", False)]
        options = [text for one in shown for text in (*one.opts, *one.secondary_opts)]
        yield " ".join(path), [text for text in options if text.startswith("--")]


COMMANDS = dict(commands())


def test_there_are_commands_to_look_for() -> None:
    """The tests below look at the real commands, groups within groups too."""
    assert {"run", "poll", "db upgrade"} <= COMMANDS.keys()


def test_command_is_documented() -> None:
    """Each command is shown in the README or a page below docs/."""
    shown = r"`(leaderboard-bot )?{0}\b|leaderboard-bot {0}\b"
    assert [name for name in COMMANDS if not re.search(shown.format(name), USER_TEXT)] == []


def test_options_are_documented() -> None:
    """Each option of each command is named somewhere people read."""
    named = _named()
    missing = {
        command: [option for option in options if option not in named]
        for command, options in COMMANDS.items()
    }
    assert {command: options for command, options in missing.items() if options} == {}


def test_options_before_the_command_are_documented() -> None:
    """So is each option that stands before the command."""
    found = [text for one in typer.main.get_command(app).params for text in one.opts]
    assert "--config" in found
    assert [option for option in found if option not in _named()] == []


def _named() -> set[str]:
    return set(re.findall(r"--[a-z][a-z-]+", USER_TEXT))


# --- events and configuration ----------------------------------------------------------------


def test_event_kind_is_documented() -> None:
    """Each kind of event is explained by its name."""
    assert [kind for kind in Kind if f"`{kind.value}`" not in USER_TEXT] == []


def keys() -> Iterator[tuple[str, str]]:
    """Yield each key of the configuration with the heading that it belongs below."""
    for table, field in File.model_fields.items():
        if table == "channels":
            for kind, model in KINDS.items():
                for key in model.model_fields:
                    yield ("## `[channels.NAME]`" if key == "type" else f'type = "{kind}"'), key
            continue
        (model,) = _models(field.annotation)
        heading = f"[[{table}]]" if table == "watch" else f"[{table}]"
        for key in model.model_fields:
            yield heading, key


def _models(annotation: Any) -> list[Any]:
    if hasattr(annotation, "model_fields"):
        return [annotation]
    return [found for one in getattr(annotation, "__args__", ()) for found in _models(one)]


def section_of(heading: str, key: str) -> str:
    """Return the section of the reference in which a key stands: of one heading, one section."""
    sections = re.split(r"^(?=##)", TEXTS[ROOT / "docs" / "configuration.md"], flags=re.MULTILINE)
    if "type" in heading and key in ChannelTable.model_fields.keys() - {"type"}:
        heading = "When a channel is told"
    (section,) = [text for text in sections if heading in text.partition("\n")[0]]
    return section


def test_configuration_key_is_documented() -> None:
    """Each key stands in its table's section of the reference, with type, default and meaning."""
    sections = {(heading, key): section_of(heading, key) for heading, key in set(keys())}
    missing = [
        (heading, key)
        for (heading, key), section in sections.items()
        if f"`{key}`" not in section and f"{key} =" not in section
    ]
    assert sections
    assert missing == []


def test_configuration_key_is_in_the_example() -> None:
    """Each key is shown in the annotated example, in use or commented out."""
    example = (ROOT / "config.example.toml").read_text("utf-8")
    shown = set(re.findall(r"^(?:# ?)?(\w+) = ", example, re.MULTILINE))
    assert [key for _, key in keys() if key not in shown] == []


# --- architecture and decisions --------------------------------------------------------------


def test_architecture_shows_the_layers_that_are_enforced() -> None:
    """The layers drawn are those that import-linter proves, in their order."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    enforced = project["tool"]["importlinter"]["contracts"][0]["layers"]
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text("utf-8")
    drawn = re.findall(r"```\n(__main__\n.*?)```", text, re.DOTALL)[0].splitlines()
    assert [set(re.split(r" [|] ", line)) for line in enforced] == [
        set(line.split(" · ")) for line in drawn
    ]


@pytest.mark.parametrize(
    ("folder", "limit"), [("docs/ARCHITECTURE.md", 150), ("docs/adr", 50)], ids=str
)
def test_page_stays_short(folder: str, limit: int) -> None:
    """The architecture has less than 150 lines beside its code map, a decision less than 50."""
    place = ROOT / folder
    pages = place.glob("[0-9]*.md") if place.is_dir() else [place]
    texts = {page.name: page.read_text("utf-8") for page in pages}
    written = {
        name: re.sub(r"```text\n.*?```", "", text, flags=re.DOTALL) for name, text in texts.items()
    }
    lengths = {name: len(text.splitlines()) for name, text in written.items()}
    assert lengths
    assert {name: length for name, length in lengths.items() if length >= limit} == {}


def test_decisions_are_listed_and_complete() -> None:
    """Each decision has its four parts, and its line in the list."""
    folder = ROOT / "docs" / "adr"
    listed = (folder / "README.md").read_text("utf-8")
    decisions = sorted(folder.glob("[0-9]*.md"))
    assert [page.name for page in decisions if f"({page.name})" not in listed] == []
    parts = ("Status: ", "## Context", "## Decision", "## Consequences")
    assert [p.name for p in decisions if not all(x in p.read_text("utf-8") for x in parts)] == []


def test_dependency_has_its_reason() -> None:
    """Each runtime dependency, and nothing else, has a line in the decision about them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    text = (ROOT / "docs" / "adr" / "0010-dependencies.md").read_text("utf-8")
    reasons = re.findall(r"^\| ([a-z][a-z0-9_-]*) \|", text, re.MULTILINE)
    assert [Requirement(one).name for one in project["dependencies"]] == reasons[1:]


# --- links and commands to type --------------------------------------------------------------


def _without_code(text: str) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", title.lower()) for title in titles]
    return {title.replace(" ", "-") for title in plain}


def _broken(page: Path) -> Iterator[str]:
    for target in re.findall(r"\]\(([^)\s]+)\)", _without_code(TEXTS[page])):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        if not found.exists() or (anchor and anchor not in _anchors(found)):
            yield target


def test_links_between_pages_resolve() -> None:
    """A relative link leads to a file of the repository, and to a heading of it if it names one."""
    assert at_fault(lambda page: [*_broken(page)]) == {}


def _absent(page: Path) -> list[str]:
    named = re.findall(r"`((?:bot|docs|migrations|tests)/[\w./-]+)`", TEXTS[page])
    real = [name for name in named if "example" not in name and name != "bot/migrations"]
    return [name for name in real if not (ROOT / name).exists()]


def test_files_that_are_named_exist() -> None:
    """A page names no file that is not there; what recipes would create is called example."""
    assert at_fault(_absent) == {}


def test_make_targets_exist() -> None:
    """Whatever a page tells people to make can be made, and is listed by ``make help``."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    told = re.compile(r"(?:^|`)make ([a-z-]+)", re.MULTILINE)
    assert at_fault(lambda page: {*told.findall(TEXTS[page])} - targets) == {}


def test_readme_says_how_to_begin() -> None:
    """The README shows the two commands that a machine with Python and make needs."""
    text = (ROOT / "README.md").read_text("utf-8")
    assert "make demo" in text
    assert "make test" in text
