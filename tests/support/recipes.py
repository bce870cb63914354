"""Following a recipe of CONTRIBUTING.md in a copy of the tree, by the files that it lists alone."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from pathlib import Path

from tests.support.process.installation import environment

ROOT = Path(__file__).parents[2]
Edit = Callable[[str], str]
"""Makes the new text of a file out of its old one, which is "" where there was none."""


def listed(title: str) -> tuple[str, ...]:
    """Return the files that the numbered steps of a recipe begin with, in their order."""
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    _, _, recipe = page.partition(f"## Recipe: {title}\n")
    steps = recipe.partition("\n## ")[0]
    return tuple(re.findall(r"^[0-9]+\. `([^`]+)`", steps, re.MULTILINE))


def new(text: str) -> Edit:
    """Make a file."""

    def made(old: str) -> str:
        assert not old
        return text

    return made


def after(place: str, *lines: str) -> Edit:
    """Put lines behind the first that ends in ``place``, which may be several lines itself."""

    def inserted(old: str) -> str:
        head, found, rest = old.partition(f"{place}\n")
        assert found, f"no line ends in {place!r}"
        return "".join((head, found, *(f"{line}\n" for line in lines), rest))

    return inserted


class Tree:
    """A copy of what the repository holds, without any installation.

    Modules are compiled once, however often Python starts on the copy.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "tree"
        passed_over = shutil.ignore_patterns(".*", "build")
        shutil.copytree(ROOT, self.folder, ignore=passed_over)

    def follow(self, title: str, edits: Mapping[str, Edit]) -> None:
        """Edit the files that a recipe lists, in its order; there must be an edit for each."""
        files = listed(title)
        assert sorted(edits) == sorted(files)
        for file in files:
            path = self.folder / file
            old = path.read_text("utf-8") if path.exists() else ""
            path.write_text(edits[file](old), "utf-8")

    def schema(self, _: str) -> str:
        """Make the schema of the configuration anew, as ``make schema`` does: an edit."""
        return self.python("-m", "bot.config")

    def documented(self, files: Iterable[str], *tests: str) -> dict[str, Edit]:
        """Write files anew as tests make them, all at once: an edit of each."""
        make = cache(lambda: self.passes(*tests, UPDATE_DOCS="1"))

        def made(file: str) -> str:
            make()
            return (self.folder / file).read_text("utf-8")

        return {file: partial(lambda file, _: made(file), file) for file in files}

    def python(self, *arguments: str, **variables: str) -> str:
        """Run Python on the copy, which must succeed; return what it says."""
        done = self._run(*arguments, **variables)
        assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
        return done.stdout

    def fails(self, *arguments: str) -> str:
        """Run Python on the copy, which must fail; return what it says."""
        done = self._run(*arguments)
        assert done.returncode != 0
        return done.stdout

    def _run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=environment(PYTHONPATH=str(self.folder), PYTHONDONTWRITEBYTECODE="", **variables),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def passes(self, *arguments: str, **variables: str) -> None:
        """See tests pass on the copy; ``arguments`` choose them."""
        options = ("-q", "-x", "-p", "no:cacheprovider", "-n", "0")
        self.python("-m", "pytest", *options, *arguments, **variables)
