"""Carries out what people type at ``docker compose``, on a replay of the image, without docker."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import yaml

from tests.support.container.dockerfile import SYSTEM_PATH, Instruction, Replay

SERVICE = "bot"


class Project:
    """A folder with ``compose.yaml``, its owner who types, and at most one daemon.

    ``replaced`` is what stands for names that only docker's network knows.
    """

    def __init__(
        self,
        folder: Path,
        user: int,
        image: Replay,
        last: Sequence[Instruction],
        replaced: Mapping[str, str],
        environ: Mapping[str, str],
    ) -> None:
        self.folder = folder
        self.user = user
        self.profiles: list[str] = []
        self.daemon: subprocess.Popen[str] | None = None
        self._image = image
        self._steps = {step.keyword: step for step in last}
        self._replaced = replaced
        self._environ = dict(environ)
        text = (folder / "compose.yaml").read_text("utf-8")
        self._service: dict[str, Any] = yaml.safe_load(text)["services"][SERVICE]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.daemon is not None:
            self.daemon.kill()
            self.daemon.communicate()

    def type(self, line: str) -> str:
        """Carry a line of a shell out, and return what it says; it must succeed."""
        words = shlex.split(line, comments=True)
        if words[:2] != ["docker", "compose"]:
            return self._shell(line)
        words = words[2:]
        while words[0] == "--profile":
            self.profiles.append(words[1])
            words = words[2:]
        verb, *rest = words
        return str(getattr(self, f"_{verb}")(rest))

    def stop(self) -> str:
        """Stop the daemon as docker does, within its grace; return what it logged."""
        assert self.daemon is not None
        self.daemon.terminate()
        grace = float(self._service["stop_grace_period"].removesuffix("s"))
        _, log = self.daemon.communicate(timeout=grace)
        assert self.daemon.returncode == 0, log
        self.daemon = None
        return log

    def is_healthy(self) -> bool:
        """Run the image's health check."""
        command = self._steps["HEALTHCHECK"].rest.partition("CMD ")[2]
        process = self._begin(Instruction("CMD", {}, command).words)
        process.communicate(timeout=60)
        return process.returncode == 0

    def _run(self, rest: list[str]) -> str:
        assert rest[:2] == ["--rm", SERVICE]
        return self._ended(self._begin([*self._steps["ENTRYPOINT"].words, *rest[2:]]))

    def _exec(self, rest: list[str]) -> str:
        assert rest[0] == SERVICE
        assert self.daemon is not None
        return self._ended(self._begin(rest[1:]))

    def _up(self, rest: list[str]) -> str:
        assert rest == ["--detach"]
        self.daemon = self._begin([*self._steps["ENTRYPOINT"].words, *self._steps["CMD"].words])
        return ""

    def _kill(self, rest: list[str]) -> str:
        option, name, service = rest
        assert (option, service) == ("--signal", SERVICE)
        assert self.daemon is not None
        self.daemon.send_signal(signal.Signals[f"SIG{name}"])
        return ""

    def _begin(self, command: Sequence[str]) -> subprocess.Popen[str]:
        (mount,) = self._service["volumes"]
        source = self.folder / mount["source"]
        assert mount["bind"]["create_host_path"] is False
        assert source.is_dir(), f"docker mounts no {source}"
        target = Path(self._image.place(mount["target"]))
        assert target.resolve() == source.resolve(), "the fixture mounts it"
        user, _, group = self._filled(self._service["user"]).partition(":")
        assert user == group
        return self._image.begin(command, self._environment(), int(user))

    def _environment(self) -> dict[str, str]:
        known, found = self._known(), {}
        for entry in self._service["environment"]:
            name, equals, value = entry.partition("=")
            if equals or name in known:
                found[name] = self._filled(value) if equals else known[name]
                for ours, stands in self._replaced.items():
                    found[name] = found[name].replace(ours, stands)
        return found

    def _filled(self, text: str) -> str:
        def fill(found: re.Match[str]) -> str:
            return self._known().get(found[1]) or found[2]

        return re.sub(r"\$\{(\w+):-([^}]*)\}", fill, text)

    def _known(self) -> dict[str, str]:
        """Return the variables that compose knows: those of ``.env``, the shell's above them."""
        path = self.folder / ".env"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        return dict(line.split("=", 1) for line in lines) | self._environ

    def _shell(self, line: str) -> str:
        process = subprocess.Popen(
            ["/bin/sh", "-euc", line], cwd=self.folder, env={"PATH": SYSTEM_PATH},
            user=self.user, group=self.user, extra_groups=[], umask=0o022,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        return self._ended(process)

    def _ended(self, process: subprocess.Popen[str]) -> str:
        out, err = process.communicate(timeout=60)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, str(process.args), out, err)
        return out + err


@contextmanager
def mounted(image: Replay, folder: Path) -> Iterator[None]:
    """Let the image's ``/data`` be a folder, which need not be there yet."""
    data = image.root / "data"
    aside = data.rename(image.root / "data.aside")
    data.symlink_to(folder)
    try:
        yield
    finally:
        data.unlink()
        aside.rename(data)
