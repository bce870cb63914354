"""What is released: the wheel and its metadata, the version."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import venv
from email.parser import HeaderParser
from pathlib import Path
from zipfile import ZipFile

import pytest

import bot

ROOT = Path(__file__).parents[2]


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command without anything that could lead it back to this checkout."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("file", "line", "allowed"),
    [
        ("notes.md", "from https://files.python" + "hosted.org/x.whl", False),
        ("requirements/dev.txt", "--index" + "-url somewhere", False),
        ("requirements/dev.txt", "# from file:" + "//somewhere", False),
        ("requirements/dev.txt", "rich==15.0.0 --hash=sha256:00", True),
    ],
)
def test_download_hosts_are_found(file: str, line: str, *, allowed: bool, tmp_path: Path) -> None:
    """The check refuses hosts anywhere and addresses in locks, and lets a plain pin pass."""
    script = tmp_path / ".ci" / "no-download-hosts"
    script.parent.mkdir()
    script.write_bytes((ROOT / ".ci" / script.name).read_bytes())
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / "requirements").mkdir(exist_ok=True)
    (tmp_path / file).write_text(f"{line}\n", "utf-8")
    run("git", "init", "--quiet", cwd=tmp_path)
    checked = run("bash", script, cwd=tmp_path)
    assert (checked.returncode == 0) is allowed, checked.stderr
    assert (file in checked.stdout) is not allowed


def test_changelog_and_version_agree() -> None:
    """The newest release in the changelog is the version of the package."""
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.findall(r"^## \[(.+?)\]", changelog, re.MULTILINE)[:2] == [
        "Unreleased",
        bot.__version__,
    ]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from this checkout, without isolation and without network."""
    folder = tmp_path_factory.mktemp("dist")
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("*.whl")
    return path


def test_wheel_carries_all_that_the_program_needs_and_no_more(wheel: Path) -> None:
    """Package, migrations, data, types marker and licence are in; tests and leftovers are not."""
    names = set(ZipFile(wheel).namelist())
    info = f"leaderboard_bot-{bot.__version__}.dist-info"
    source = {path.relative_to(ROOT).as_posix() for path in _files("bot")}
    scripts = {f"bot/{path.relative_to(ROOT).as_posix()}" for path in _files("migrations")}
    assert source | scripts == {name for name in names if not name.startswith(info)}
    assert {"bot/py.typed", "bot/migrations/env.py", "bot/demo/weeks.toml"} <= names
    assert f"{info}/licenses/LICENSE" in names


def _files(folder: str) -> list[Path]:
    return [
        path
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]


def test_wheel_describes_itself(wheel: Path) -> None:
    """Name, version, licence, README, Python and command are what the package index shows."""
    archive = ZipFile(wheel)
    info = f"leaderboard_bot-{bot.__version__}.dist-info"
    metadata = HeaderParser().parsestr(archive.read(f"{info}/METADATA").decode())
    shown = {key: metadata[key] for key in ("Name", "Version", "License-Expression")}
    assert shown == {
        "Name": "leaderboard-bot",
        "Version": bot.__version__,
        "License-Expression": "Apache-2.0 AND BSD-3-Clause AND ISC",
    }
    listed = (ROOT / "bot/drawing/assets/vendor/README.md").read_text("utf-8")
    others = set(re.findall(r"^\| \S+ \| [\d.]+ \| (\S+) \|", listed, re.MULTILINE))
    assert {"Apache-2.0", *others} == set(metadata["License-Expression"].split(" AND "))
    assert metadata["Requires-Python"] == ">=3.11"
    assert (ROOT / "README.md").read_text("utf-8").strip() in archive.read(
        f"{info}/METADATA"
    ).decode()
    assert (
        "leaderboard-bot = bot.__main__:main" in archive.read(f"{info}/entry_points.txt").decode()
    )


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel alone in a new environment that sees our dependencies; return its command.

    The checkout is not on its path: entries of ``.pth`` files in a folder that a ``.pth`` file
    adds are not followed, so our own editable installation does not show.
    """
    folder = tmp_path_factory.mktemp("installed") / "venv"
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    site = run(
        python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder
    ).stdout.strip()
    ours = f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n"
    Path(site, "dependencies.pth").write_text(ours, "utf-8")
    installed = run(
        *(sys.executable, "-m", "pip", "--python", python, "install", "--quiet"),
        *("--no-deps", "--no-index", "--no-compile", "--disable-pip-version-check", wheel),
        cwd=folder,
    )
    assert installed.returncode == 0, installed.stderr
    return folder / "bin" / "leaderboard-bot"


def test_installed_program_uses_its_own_files(command: Path, tmp_path: Path) -> None:
    """An installed copy runs from its environment, not from this checkout."""
    code = "import bot, bot.store.database.migrate as m; print(bot.__file__, m.shipped().folder)"
    ran = run(command.parent / "python", "-c", code, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert all(place.startswith(str(command.parent.parent)) for place in ran.stdout.split())


@pytest.mark.long
def test_installed_program_explains_itself(command: Path, tmp_path: Path) -> None:
    """``leaderboard-bot --help`` works wherever it is called."""
    ran = run(command, "--help", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "poll" in ran.stdout


def test_installed_program_makes_its_database(command: Path, tmp_path: Path) -> None:
    """``db upgrade`` finds the migrations in the wheel and makes the default database."""
    ran = run(command, "db", "upgrade", cwd=tmp_path, HOME=str(tmp_path))
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "leaderboard-bot.db").stat().st_size > 0
