"""The code map of ``docs/ARCHITECTURE.md`` is what the modules say of themselves.

``UPDATE_DOCS=1`` writes it anew.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "ARCHITECTURE.md"
BEGIN, END = "<!-- code map: begin -->\n", "<!-- code map: end -->"
WIDTH = 30


def purpose(module: Path) -> str:
    """Return the first sentence of a module's docstring, on one line."""
    said = ast.get_docstring(ast.parse(module.read_text("utf-8"))) or ""
    return " ".join(said.partition("\n\n")[0].split())


def lines(folder: Path, depth: int = 0) -> Iterator[str]:
    """Return a line for a folder, then one for each module and folder in it."""
    indent = "  " * depth
    yield f"{indent}{folder.name}/".ljust(WIDTH) + purpose(folder / "__init__.py")
    for path in sorted(folder.iterdir(), key=lambda path: (path.is_dir(), path.name)):
        if path.is_dir() and (path / "__init__.py").exists():
            yield from lines(path, depth + 1)
        elif path.suffix == ".py" and path.name != "__init__.py":
            yield f"{indent}  {path.name}".ljust(WIDTH) + purpose(path)


def code_map() -> str:
    tree = "\n".join(line.rstrip() for line in lines(ROOT / "bot"))
    return f"```text\n{tree}\n```\n"


def test_the_code_map_is_what_the_modules_say() -> None:
    """A line a module, with the sentence that its docstring begins with."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    written, _, after = rest.partition(END)
    if os.environ.get("UPDATE_DOCS") == "1":
        PAGE.write_text(f"{before}{BEGIN}{code_map()}{END}{after}", "utf-8")
    else:
        assert written == code_map()
