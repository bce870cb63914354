"""Lists what is installed in production, and asks for its known vulnerabilities.

Writes build/sbom.json (CycloneDX) first, network or not. Then asks pip-audit about every lock.
Where nobody answered, the last line begins with "not audited:" and says why; success is never
claimed for what was not looked at.

Exit status: 0 nothing was found, or nobody could be asked; 1 something was found, some packages
were passed over, or a tool failed; with --required also where nobody could be asked.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parent.parent
LOCKS = ("runtime", "build", "dev", "audit")
SHIPPED = "runtime"
LIMIT_S = 600

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)
_MARKER = re.compile(r" ; [^\\\n]*(?= \\$)", re.MULTILINE)
_UNREACHABLE = re.compile(
    r"connect|connection|resol|timed out|unreachable|proxy|ssl|HTTPError|ServiceError",
    re.IGNORECASE,
)


@dataclass
class Looked:
    """What was asked and answered: packages looked up, passed over, and found wanting."""

    asked: int = 0
    passed_over: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    unreachable: list[str] = field(default_factory=list)


def main() -> int:
    """Write the list, look, and say what came of it."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--tools", type=Path, default=Path(sys.prefix) / "bin")
    options.add_argument("--root", type=Path, default=ROOT)
    options.add_argument("--required", action="store_true", help="not looking is a failure")
    asked = options.parse_args()
    problem = write_sbom(asked.tools, asked.root)
    if problem:
        print(f"no software bill of materials: {problem}")
        return 1
    looked = Looked()
    for lock in LOCKS:
        look(asked.tools, asked.root / "requirements" / f"{lock}.txt", looked)
    return tell(looked, required=asked.required)


def pins(lock: Path) -> dict[str, str]:
    """Return the versions that a lock names, by canonical name."""
    found = _PIN.findall(lock.read_text("utf-8"))
    return {_canonical(name): version for name, version in found}


def write_sbom(tools: Path, root: Path) -> str | None:
    """Write build/sbom.json from the runtime lock; say what is wrong with it, if anything.

    The same lock gives the same bytes: neither a time nor a random serial number is in it.
    """
    lock, target = root / "requirements" / f"{SHIPPED}.txt", root / "build" / "sbom.json"
    target.parent.mkdir(exist_ok=True)
    target.unlink(missing_ok=True)
    options = ("--output-reproducible", "--of", "JSON", "-o", "-")
    project = ("--pyproject", str(root / "pyproject.toml"))
    made = _run(tools / "cyclonedx-py", "requirements", str(lock), *project, *options)
    if made.returncode:
        return _last_line(made.stderr)
    document = json.loads(made.stdout)
    document["metadata"]["component"]["version"] = _version(root)
    missing = _missing(document, pins(lock))
    if missing:
        return f"it lacks {', '.join(missing)}"
    target.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n", "utf-8")
    print(f"{len(document['components'])} components with their hashes are in build/sbom.json")
    return None


def _missing(document: dict[str, Any], wanted: dict[str, str]) -> list[str]:
    listed = {
        (_canonical(one["name"]), one["version"])
        for one in document.get("components", ())
        if any(place.get("hashes") for place in one.get("externalReferences", ()))
    }
    return [
        f"{name} {version}" for name, version in wanted.items() if (name, version) not in listed
    ]


def look(tools: Path, lock: Path, looked: Looked) -> None:
    """Ask about each package of a lock, and add what came of it."""
    options = ("--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json")
    with TemporaryDirectory() as folder:
        # It would pass over what is for other systems than this one.
        everywhere = Path(folder) / lock.name
        everywhere.write_text(_MARKER.sub("", lock.read_text("utf-8")), "utf-8")
        done = _run(tools / "pip-audit", *options, "--requirement", str(everywhere))
    try:
        answers = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        reason = _last_line(done.stderr) or f"pip-audit ended with status {done.returncode}"
        told = looked.unreachable if _UNREACHABLE.search(done.stderr) else looked.failures
        told.append(f"{lock.name}: {reason}")
        return
    for one in answers:
        # pip-audit itself ends with success where the index knows nothing of the package.
        if "skip_reason" in one:
            looked.passed_over.append(one["name"])
            continue
        looked.asked += 1
        looked.found += [f"{one['name']} {one['version']}: {v['id']}" for v in one["vulns"]]
    answered = {_canonical(one["name"]) for one in answers}
    looked.passed_over += sorted(pins(lock).keys() - answered)


def tell(looked: Looked, *, required: bool) -> int:
    """Say what came of it, the verdict last; return the exit status."""
    for found in dict.fromkeys(looked.found):
        print(f"vulnerable: {found}")
    for failure in looked.failures:
        print(f"pip-audit failed: {failure}")
    passed_over = sorted(set(looked.passed_over))
    nobody = not looked.asked and not looked.failures
    if nobody:
        reasons = looked.unreachable or ["the package index answers no question of this kind"]
        print(f"not audited: {reasons[0]}. Run it again where the network is.")
        return int(required)
    for reason in looked.unreachable:
        print(f"not audited: {reason}")
    if passed_over:
        print(f"not audited: {', '.join(passed_over)}")
    wrong = looked.found or looked.failures or looked.unreachable or passed_over
    if not wrong:
        print(f"no known vulnerability in {looked.asked} locked packages")
    return 1 if wrong else 0


def _run(*command: Path | str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own tools, from the locked environment
        [str(word) for word in command],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


def _version(root: Path) -> str:
    text = (root / "bot" / "__init__.py").read_text("utf-8")
    found = re.search(r'^__version__ = "(.+)"', text, re.MULTILINE)
    return found[1] if found else "unknown"


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main())
