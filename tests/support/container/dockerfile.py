"""Reads the Dockerfile, and carries its steps out below a temporary folder instead of a container.

What a replay shows: that each step works on what the steps before it made, that what the last stage
copies is all it needs, and that the result starts as its user. What it cannot show: the base image.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

PLACES = ("data", "opt", "src", "venv")
"""The top-level folders that the Dockerfile's steps name; below the root, they are ours."""

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"


class Instruction(NamedTuple):
    """A step: its keyword, its ``--flags``, and what follows them."""

    keyword: str
    flags: dict[str, str]
    rest: str

    @property
    def words(self) -> list[str]:
        """The rest as words, whether it is a JSON list or separated by spaces."""
        return json.loads(self.rest) if self.rest.startswith("[") else shlex.split(self.rest)


def stages(text: str) -> list[list[Instruction]]:
    """Return the steps of each stage, each beginning with its FROM."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    found: list[list[Instruction]] = []
    for line in filter(str.strip, joined.splitlines()):
        step = _instruction(line)
        if step.keyword == "FROM":
            found.append([])
        found[-1].append(step)
    return found


def _instruction(line: str) -> Instruction:
    keyword, _, rest = line.strip().partition(" ")
    flags: dict[str, str] = {}
    while flag := re.match(r"--([a-z-]+)=(\S+)\s+", rest):
        flags[flag[1]] = flag[2]
        rest = rest[flag.end() :]
    return Instruction(keyword.upper(), flags, rest)


class Replay:
    """The folder that stands for the container's file system, and the state that steps change."""

    def __init__(self, root: Path, context: Path, python: str) -> None:
        self.root = root
        self.context = context
        self.environment: dict[str, str] = {}
        self.folder = root
        self.user = 0
        self._tools = root / "tools"
        self._provide(python)

    def _provide(self, python: str) -> None:
        """Give the base image's ``python`` and ``pip``: the latter is ours, run for the former."""
        base = self.root / "venv"
        subprocess.run([python, "-m", "venv", "--without-pip", base], check=True)
        self._tools.mkdir()
        pip = f'"{sys.executable}" -m pip --disable-pip-version-check --quiet'
        chosen = f'case "$*" in *--python*) exec {pip} "$@";; esac'
        _script(self._tools / "python", f'exec "{base}/bin/python" "$@"')
        _script(self._tools / "pip", f'{chosen}\nexec {pip} --python "{base}/bin/python" "$@"')

    def place(self, text: str) -> str:
        """Return the text with the container's absolute paths moved below the root."""
        places = "|".join(PLACES)
        return re.sub(rf"(?<![\w./-])/({places})(?![\w-])", rf"{self.root}/\1", text)

    def carry_out(self, steps: Sequence[Instruction]) -> None:
        """Carry a stage's steps out; raises ``CalledProcessError`` where a RUN fails."""
        for step in steps:
            if step.keyword == "RUN":
                self._run(step)
            elif step.keyword == "COPY":
                self._copy(step)
            elif step.keyword == "ENV":
                self._env(step)
            elif step.keyword == "WORKDIR":
                self.folder = Path(self.place(step.rest))
                self.folder.mkdir(parents=True, exist_ok=True)
            elif step.keyword == "USER":
                self.user = int(step.rest.partition(":")[0])

    def keep_only(self, *copied: str) -> None:
        """End a stage: of all that it made, leave only what the next one copies from it."""
        aside = self.root / "aside"
        aside.mkdir()
        for path in copied:
            kept = aside / path.lstrip("/")
            kept.parent.mkdir(parents=True)
            Path(self.place(path)).rename(kept)
        for place in (*PLACES, self._tools.name):
            shutil.rmtree(self.root / place, ignore_errors=True)
        for folder in aside.iterdir():
            folder.rename(self.root / folder.name)
        aside.rmdir()
        self.environment, self.folder = {}, self.root

    def start(
        self, command: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as the container's user, in its folder, with its environment alone."""
        process = self.begin(command, environment)
        try:
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
        return subprocess.CompletedProcess([*command], process.returncode, out, err)

    def begin(
        self,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        user: int | None = None,
    ) -> subprocess.Popen[str]:
        """Start a command as ``start`` does, or as another user, and leave it running."""
        user = self.user if user is None else user
        return subprocess.Popen(
            list(command),
            cwd=self.folder,
            env={"PATH": SYSTEM_PATH} | self.environment | dict(environment or {}),
            user=user,
            group=user,
            extra_groups=[],
            umask=0o022,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _run(self, step: Instruction) -> None:
        path = f"{self._tools}:{SYSTEM_PATH}"
        subprocess.run(
            ["/bin/sh", "-euc", self.place(step.rest)],
            cwd=self.folder,
            env=dict(os.environ) | self.environment | {"PATH": path},
            umask=0o022,
            capture_output=True,
            text=True,
            timeout=300,
            check=True,
        )

    def _copy(self, step: Instruction) -> None:
        *sources, target = step.words
        if "from" in step.flags:  # `keep_only` has left it where it was
            assert sources == [target], "a virtual environment works only where it was made"
            return
        for source in sources:
            self._bring(self.context / source, self.folder / target)

    def _bring(self, source: Path, target: Path) -> None:
        target.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            leftovers = shutil.ignore_patterns("__pycache__", "*.pyc")
            shutil.copytree(source, target, dirs_exist_ok=True, ignore=leftovers)
        else:
            shutil.copy2(source, target)

    def _env(self, step: Instruction) -> None:
        for word in shlex.split(step.rest):
            name, _, value = word.partition("=")
            before = self.environment.get(name, SYSTEM_PATH if name == "PATH" else "")
            self.environment[name] = self.place(value).replace(f"${name}", before)


def _script(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n", "utf-8")
    path.chmod(0o755)
