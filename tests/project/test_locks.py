"""The locks: what each command installs, by hash, and that nothing more is ever needed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKS = ("runtime", "build", "dev", "audit")


def pins(lock: str) -> dict[str, str]:
    """Return the versions that a lock names, by canonical project name."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8")
    found = re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", text, re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


def group(name: str) -> list[Requirement]:
    """Return a dependency group's requirements, included groups too."""
    found: list[Requirement] = []
    for item in PROJECT["dependency-groups"][name]:
        found += group(item["include-group"]) if isinstance(item, dict) else [Requirement(item)]
    return found


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("runtime", [Requirement(text) for text in PROJECT["project"]["dependencies"]]),
        ("build", group("build")),
        ("audit", group("audit")),
        ("dev", [*group("build"), *group("test"), *group("lint")]),
    ],
)
def test_lock_satisfies_what_the_project_asks_for(lock: str, wanted: list[Requirement]) -> None:
    """Every declared dependency is locked, at a version that its bounds allow."""
    locked = pins(lock)
    unmet = [str(one) for one in wanted if not _satisfied(one, locked)]
    assert not unmet, f"run make lock: {unmet}"


def _satisfied(wanted: Requirement, locked: Mapping[str, str]) -> bool:
    version = locked.get(canonicalize_name(wanted.name))
    return version is not None and wanted.specifier.contains(version, prereleases=True)


def test_small_locks_are_parts_of_the_large_one() -> None:
    """What runs in production is, version by version, what the tests run with."""
    everything = pins("dev").items()
    assert pins("runtime").items() <= everything
    assert pins("build").items() <= everything


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_pins_hashes_and_names_no_address(lock: str) -> None:
    """A lock holds names, versions and hashes, and no place to download from."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8")
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert entries
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", entry) for entry in entries)
    assert "://" not in text
    assert not re.search(r"^ *-", re.sub(r"--hash=", "", text), re.MULTILINE)


# --- nothing more is ever needed ---------------------------------------------------------------

Requires = Callable[[str], list[Requirement] | None]
"""What the locked version of a project requires; None where it is not for this system."""

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
SYSTEMS = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}
NO_NETWORK = re.compile(r"name resolution|NewConnectionError|Network is unreachable", re.IGNORECASE)


def environments() -> Iterator[dict[str, str]]:
    """Yield what markers are evaluated with, on every Python and system that is supported."""
    for python in PYTHONS:
        for platform, system in SYSTEMS.items():
            yield {
                **{key: str(value) for key, value in default_environment().items()},
                "python_version": python,
                "python_full_version": f"{python}.1",
                "implementation_version": f"{python}.1",
                "sys_platform": platform,
                "platform_system": system,
                "os_name": "nt" if platform == "win32" else "posix",
            }


def locked_for(lock: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the versions that a lock installs in an environment."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8")
    found = re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)(?: ; ([^\\\n]+))?", text, re.MULTILINE)
    return {
        canonicalize_name(name): version
        for name, version, marker in found
        if not marker or Marker(marker).evaluate({**environment})
    }


def unmet(
    wanted: list[Requirement],
    locked: Mapping[str, str],
    needs: Requires,
    environment: Mapping[str, str],
) -> list[str]:
    """Return the requirements, of ``wanted`` and of all that these require, that are not locked."""
    waiting = [("the project", one) for one in wanted]
    seen: set[tuple[str, str]] = set()
    missing: list[str] = []
    while waiting:
        asking, one = waiting.pop()
        name = canonicalize_name(one.name)
        if not _satisfied(one, locked):
            missing.append(f"{asking} requires {one}, locked is {locked.get(name)}")
        for extra in ("", *sorted(one.extras)):
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            waiting += [
                (name, found)
                for found in needs(name) or ()
                if not found.marker or found.marker.evaluate({**environment, "extra": extra})
            ]
    return sorted(set(missing))


def installed(name: str) -> list[Requirement] | None:
    """Return what an installed project requires."""
    try:
        return [Requirement(text) for text in requires(name) or ()]
    except PackageNotFoundError:
        return None


@pytest.mark.parametrize("lock", ["runtime", "build", "dev"])
def test_a_lock_is_whole(lock: str) -> None:
    """All that a locked version requires is locked, so that no later release is ever looked for."""
    roots = {
        "runtime": [Requirement(text) for text in PROJECT["project"]["dependencies"]],
        "build": group("build"),
        "dev": [*group("build"), *group("test"), *group("lint")],
    }
    for environment in environments():
        locked = locked_for(lock, environment)
        assert unmet(roots[lock], locked, installed, environment) == [], environment


def test_what_a_lock_lacks_is_found() -> None:
    """A requirement of a requirement, behind an extra, is missed where it is not locked."""
    needs: dict[str, list[Requirement]] = {
        "pytest-cov": [Requirement("coverage[toml]>=7.10.6")],
        "coverage": [Requirement("tomli; extra == 'toml'")],
    }
    environment = next(environments())
    found = unmet(
        [Requirement("pytest-cov>=7")],
        {"pytest-cov": "7.1.0", "coverage": "7.10.7"},
        needs.get,
        environment,
    )
    assert found == ['coverage requires tomli; extra == "toml", locked is None']


@pytest.mark.long
def test_the_tools_of_the_audit_are_a_whole_lock(tmp_path: Path) -> None:
    """They are installed in no environment of the tests, so pip is asked what they require."""
    report = tmp_path / "report.json"
    asked = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"),
            *("--dry-run", "--ignore-installed", "--no-deps", "--require-hashes"),
            *("--report", str(report), "-r", str(ROOT / "requirements" / "audit.txt")),
        ],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if asked.returncode and NO_NETWORK.search(asked.stderr):
        pytest.skip("no package index can be reached")
    assert asked.returncode == 0, asked.stderr
    needs: dict[str, list[Requirement]] = {
        canonicalize_name(one["metadata"]["name"]): [
            Requirement(text) for text in one["metadata"].get("requires_dist", ())
        ]
        for one in json.loads(report.read_text("utf-8"))["install"]
    }
    environment = {key: str(value) for key, value in default_environment().items()}
    locked = locked_for("audit", environment)
    assert unmet(group("audit"), locked, needs.get, environment) == []


def test_nothing_installs_from_a_lock_and_looks_for_more() -> None:
    """An older pip would want a hash for what it finds beyond the lock, and there is none."""
    for name in ("Makefile", "Dockerfile"):
        text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
        lines = [line for line in re.split(r"\n|&&", text) if "--require-hashes" in line]
        assert lines
        assert all("--no-deps" in line for line in lines), name
