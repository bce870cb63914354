"""The tree keeps a shape in which a stranger finds the place for a change."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

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


def functions(module: Path) -> Iterator[tuple[str, int]]:
    """Return each function of a module, with the lines of its body."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[ast.get_docstring(node) is not None :]
            yield node.name, (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_a_module_is_read_in_one_sitting(module: Path) -> None:
    """It is not long, and neither is any function in it."""
    assert len(module.read_text("utf-8").splitlines()) <= LONGEST_MODULE
    assert [found for found in functions(module) if found[1] > LONGEST_FUNCTION] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=name)
def test_a_folder_is_seen_at_a_glance(folder: Path) -> None:
    """It holds a dozen modules at most; commands are as many as there are."""
    modules = [path for path in folder.glob("*.py") if not path.name.startswith("__")]
    assert len(modules) <= MOST_MODULES or folder == A_FILE_A_COMMAND


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_a_module_says_what_it_is_for(module: Path) -> None:
    """In one sentence, with which its docstring begins."""
    said = ast.get_docstring(ast.parse(module.read_text("utf-8"))) or ""
    assert said.partition("\n\n")[0].rstrip().endswith((".", ":"))
