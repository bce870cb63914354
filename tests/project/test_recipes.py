"""Each recipe of CONTRIBUTING.md lists what it takes: what is added so works from end to end."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.support.recipes import Tree, after, new

CHANNEL = '''
"""Alerts at the end of a file: what the recipe for a channel is followed with."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field

from bot.channels.base import Channel, ChannelTable, Context
from bot.core.alerts.message import Delivery
from bot.core.delivery import Delivered, Outcome, RetryLater
from bot.core.render import text
from bot.core.render.page import page
from bot.fields import Text


class Example(ChannelTable):
    """A file."""

    type: Literal["example"] = Field(description="A file.")
    file: Text = Field(description="The file that alerts are appended to.")

    def open(self, name: str, context: Context) -> Channel:
        """Return the channel of that name."""
        return ExampleChannel(name, Path(self.file), context.endpoint)


class ExampleChannel:
    """Appends each message to a file."""

    pace = timedelta(0)
    for_people = True

    def __init__(self, name: str, file: Path, endpoint: str) -> None:
        self.name = name
        self._file = file
        self._endpoint = endpoint

    def send(self, delivery: Delivery) -> Outcome:
        """Append title and body."""
        told = text.render(page(delivery.message, delivery.facts, self._endpoint))
        try:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(f"{told.title}\\n{told.body}\\n")
        except OSError as error:
            return RetryLater(f"the file cannot be written to: {type(error).__name__}")
        return Delivered()

    def check(self) -> str | None:
        """Say whether the file's folder is there."""
        return None if self._file.parent.is_dir() else "there is no such folder"
'''.lstrip()

CHANNEL_TEST = '''
"""Alerts at the end of a file."""

from __future__ import annotations

from pathlib import Path

from bot.channels.example import ExampleChannel
from bot.core.delivery import Delivered
from tests.support.messages import HUB, delivery


def test_a_message_is_appended(tmp_path: Path) -> None:
    """What the file holds stays."""
    file = tmp_path / "alerts"
    file.write_text("before\\n")
    assert ExampleChannel("c", file, HUB).send(delivery()) == Delivered()
    assert file.read_text().startswith("before\\nSWE-bench/")
'''.lstrip()

CONFIGURATION = ("tests/project/test_docs.py", "tests/config/test_schema.py")


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Copy the repository."""
    return Tree(tmp_path)


@pytest.mark.long
def test_a_channel_is_added_by_the_files_of_its_recipe(tree: Tree, tmp_path: Path) -> None:
    """The configuration takes it, the schema has it, and ``test-channel`` sends by it."""
    line = "from bot.channels.example import Example"
    rig = (
        '    "example": Rig(lambda *_, **__: ExampleChannel("c", Path(os.devnull), HUB), Answer()),'
    )
    tree.follow(
        "add a channel",
        {
            "bot/channels/example.py": new(CHANNEL),
            "bot/channels/registry.py": lambda old: after("    Console,", "    Example,")(
                after("from bot.channels.console import Console", line)(old)
            ),
            "tests/channels/test_contract.py": lambda old: after("OFFLINE = {", rig)(
                after("import json", "import os", "from pathlib import Path")(
                    after("SlackChannel", "from bot.channels.example import ExampleChannel")(old)
                )
            ),
            "tests/channels/test_example.py": new(CHANNEL_TEST),
            "docs/configuration.md": after(
                "Alerts are printed to standard output |",
                "",
                '### `type = "example"`',
                "",
                "| key | type | default | meaning |",
                "|---|---|---|---|",
                '| `type` | `"example"` | required | |',
                "| `file` | text | required | What alerts are appended to |",
            ),
            "config.example.toml": after(
                '# standard output\ntimezone = "UTC"                      # the default',
                "",
                "[channels.file]",
                'type = "example"',
                'file = "alerts.txt"',
            ),
            "config.schema.json": tree.schema,
            **tree.documented(["docs/ARCHITECTURE.md"], "tests/project/test_code_map.py"),
            "CHANGELOG.md": after("### Added", "", "- A channel."),
        },
    )
    channel_tests = ("tests/channels/test_contract.py", "tests/channels/test_example.py")
    tree.passes(*CONFIGURATION, *channel_tests, "-k", "configuration_key or schema or example")
    alerts, config = tmp_path / "alerts.txt", tmp_path / "config.toml"
    config.write_text(f'[channels.mine]\ntype = "example"\nfile = "{alerts}"\n')
    tree.python("-m", "bot", "--config", str(config), "test-channel", "mine")
    assert "test" in alerts.read_text().lower()


@pytest.mark.long
def test_a_key_is_added_by_the_files_of_its_recipe(tree: Tree, tmp_path: Path) -> None:
    """The configuration takes it, the schema has it, and the rule of the watch has its value."""
    tree.follow(
        "add a key to the configuration",
        {
            "bot/config/tables.py": after(
                'description="The channels to tell. Default: every channel. []: none."\n    )',
                '    example: Text | None = Field(default=None, description="An example.")',
            ),
            "bot/core/alerts/watch.py": after(
                "    channels: tuple[str, ...] = ()", "    example: str | None = None"
            ),
            "tests/data/config/good.whole.toml": after("[[watch]]", 'example = "one"'),
            "tests/config/test_config.py": after(
                '            name="coding",', '            example="one",'
            ),
            "docs/configuration.md": after(
                "| `name` | text | required | Unique; alerts and `events` carry it |",
                "| `example` | text | | An example |",
            ),
            "config.example.toml": after("[[watch]]", 'example = "one"'),
            "config.schema.json": tree.schema,
            "CHANGELOG.md": after("### Added", "", "- A key."),
        },
    )
    chosen = "configuration_key or schema or every_key"
    tree.passes(*CONFIGURATION, "tests/config/test_config.py", "-k", chosen)
    config = tmp_path / "config.toml"
    config.write_text('[[watch]]\nname = "w"\nbenchmarks = ["official"]\nexample = "three"\n')
    probe = "import pathlib, sys; from bot.config import load; "
    probe += "print(load(pathlib.Path(sys.argv[1]), {}).watches[0].example)"
    assert tree.python("-c", probe, str(config)) == "three\n"
    schema = json.loads((tree.folder / "config.schema.json").read_text("utf-8"))
    assert "example" in schema["properties"]["watch"]["items"]["properties"]


TESTS = (
    "tests/core/render/test_slack.py",
    "tests/project/test_messages_doc.py",
    "tests/project/test_kinds_doc.py",
)
MADE = (
    "tests/data/golden/slack.example.json",
    "tests/data/golden/images.json",
    "docs/messages.md",
    "docs/configuration.md",
    "docs/webhook.schema.json",
)


@pytest.mark.long
def test_a_kind_is_added_by_the_files_of_its_recipe(tree: Tree, tmp_path: Path) -> None:
    """Channels have words for it, webhooks a name; without its sentence mypy says where."""
    member = (
        "    EXAMPLE = (",
        '        "example",',
        "        Traits(",
        '            mark="•", emoji="", measure=None, default=True, moves=False, sourced=False',
        "        ),",
        '        "An example.",',
        "    )",
    )
    case = ("        case Kind.EXAMPLE:", '            return (Span(" is an example"),)')
    counted = ("        case Kind.EXAMPLE:", '            return "exemplary"')
    sample = "    Kind.EXAMPLE: event(Kind.EXAMPLE),"
    tree.follow(
        "add a kind of event",
        {
            "bot/core/kinds.py": after('        "A benchmark left it.",\n    )', *member),
            "bot/core/render/words/by_kind.py": after('and is not watched any more"),)', *case),
            "bot/core/render/words/sorts.py": after('return "gone"', *counted),
            "tests/support/messages.py": after("event(Kind.BENCHMARK_GONE, None),", sample),
            **tree.documented(MADE, *TESTS, "-k", "golden or as_they_are or kinds or lists"),
            "config.schema.json": tree.schema,
            "CHANGELOG.md": after("### Added", "", "- A kind of event."),
        },
    )
    tree.passes(*TESTS, "tests/core/alerts/test_webhook_schema.py", "-k", "kind or sent or example")
    assert "zai-org/GLM-5 is an example" in (tree.folder / "docs/messages.md").read_text("utf-8")
    wording = tree.folder / "bot/core/render/words/by_kind.py"
    wording.write_text(wording.read_text("utf-8").replace("\n".join(case), ""), "utf-8")
    said = tree.fails("-m", "mypy", "bot/core/render/words/by_kind.py")
    assert re.search(r"by_kind\.py:[0-9]+: .*assert_never.*Kind\.EXAMPLE", said)


COMMAND = '''
"""``example``: how many boards are stored."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.session import Session
from bot.cli.terminal.output import write
from bot.cli.terminal.usage import Section

SECTION, PLACE = Section.LOOK, 99


def example(
    context: typer.Context,
    loud: Annotated[bool, typer.Option("--loud", help="With an exclamation mark.")] = False,
) -> None:
    """Count the boards that are stored."""
    from bot.views.stored import opened

    session: Session = context.obj
    with opened(session.settings()) as store, store.read() as db:
        found = len(db.boards.list_all())
    write(f"boards: {found}{'!' if loud else ''}\\n")
'''.lstrip()

COMMAND_TEST = '''
"""``example``."""

from __future__ import annotations

from tests.support.commands import Commands


def test_it_counts(commands: Commands) -> None:
    """Loudly, if asked."""
    commands.polled()
    assert commands.run("example", "--loud").stdout == "boards: 1!\\n"
'''.lstrip()


@pytest.mark.long
def test_a_command_is_added_by_the_files_of_its_recipe(tree: Tree) -> None:
    """It runs, ``--help`` lists it in its section, and documents are held to name it."""
    tree.follow(
        "add a command",
        {
            "bot/cli/commands/example.py": new(COMMAND),
            "tests/cli/test_example.py": new(COMMAND_TEST),
            "docs/commands.md": after(
                "The database is in order.\n```",
                "",
                "### `example`",
                "",
                "Counts; `--loud`: loudly.",
            ),
            "README.md": after(
                "| `benchmarks [--json]` | the Hub's official benchmarks |",
                "| `example [--loud]` | how many boards are stored |",
            ),
            **tree.documented(["docs/ARCHITECTURE.md"], "tests/project/test_code_map.py"),
            "CHANGELOG.md": after("### Added", "", "- A command."),
        },
    )
    counts_and_documented = ("-k", "it_counts or documented")
    tree.passes("tests/cli/test_example.py", "tests/project/test_docs.py", *counts_and_documented)
    assert "  example     Count the boards that are stored.\n\nLook after" in tree.python(
        "-m", "bot", "--help"
    )
