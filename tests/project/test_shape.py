"""The tree keeps a shape in which a stranger finds the place for a change."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "bot"
MODULES = sorted(PACKAGE.rglob("*.py"))
FOLDERS = sorted({module.parent for module in MODULES})

LONGEST_FUNCTION = 40
"""Lines of a function, its docstring and signature left out."""
LONGEST_MODULE = 270
MOST_MODULES = 12
"""In one folder; ``__init__`` and ``__main__`` are its own description and door."""
A_FILE_A_COMMAND = PACKAGE / "cli" / "commands"


def functions(text: str) -> Iterator[tuple[str, int]]:
    """Return each function of a module's text, with the lines of its body."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[ast.get_docstring(node) is not None :]
            yield node.name, (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_a_module_is_read_in_one_sitting() -> None:
    """It is not long, and neither is any function in it."""
    texts = {name(module): module.read_text("utf-8") for module in MODULES}
    lines = {found: len(text.splitlines()) for found, text in texts.items()}
    assert {found: many for found, many in lines.items() if many > LONGEST_MODULE} == {}
    long = [
        f"{found}: {function}, {many} lines"
        for found, text in texts.items()
        for function, many in functions(text)
        if many > LONGEST_FUNCTION
    ]
    assert long == []


def test_a_folder_is_seen_at_a_glance() -> None:
    """It holds a dozen modules at most; commands are as many as there are."""
    modules = {
        name(folder): [path for path in folder.glob("*.py") if not path.name.startswith("__")]
        for folder in FOLDERS
        if folder != A_FILE_A_COMMAND
    }
    assert {found: len(m) for found, m in modules.items() if len(m) > MOST_MODULES} == {}


def test_a_module_says_what_it_is_for() -> None:
    """In one sentence, with which its docstring begins."""
    said = {name(m): ast.get_docstring(ast.parse(m.read_text("utf-8"))) or "" for m in MODULES}
    begins = {found: text.partition("\n\n")[0].rstrip() for found, text in said.items()}
    assert {found: text for found, text in begins.items() if not text.endswith((".", ":"))} == {}
