"""``make audit`` lists what is shipped, and never claims to have looked where it has not."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PINS = dict(
    re.findall(
        r"^([A-Za-z0-9._-]+)==([^ ;\\]+)",
        (ROOT / "requirements" / "runtime.txt").read_text("utf-8"),
        re.MULTILINE,
    )
)

# Stands in for cyclonedx-py: lists every pin of the file that it is given, but those it is not to.
CYCLONEDX = """
import json, re, sys
text = open(sys.argv[2], encoding="utf-8").read()
found = [pin for pin in re.findall(r"^([A-Za-z0-9._-]+)==([^ ;]+)", text, re.MULTILINE)]
place = [{"type": "distribution", "url": "x", "hashes": [{"alg": "SHA-256", "content": "0"}]}]
print(json.dumps({
    "metadata": {"component": {"name": "leaderboard-bot"}},
    "components": [
        {"name": name, "version": version, "externalReferences": place}
        for name, version in found if name not in {LEFT_OUT}
    ],
}))
"""
# Stands in for pip-audit: answers the same about each package.
PIP_AUDIT = """
import json, re, sys
text = open(sys.argv[-1], encoding="utf-8").read()
assert ";" not in text, "what is for other systems would be passed over"
found = re.findall(r"^([A-Za-z0-9._-]+)==([^ ;]+)", text, re.MULTILINE)
answer = lambda name, version: {ANSWER}
print(json.dumps({"dependencies": [
    {"name": name} | answer(name, version) for name, version in found
]}))
sys.exit({STATUS})
"""
CLEAN = '{"version": version, "vulns": []}'
SKIPPED = '{"skip_reason": "not found"}'
OFFLINE = 'import sys; print("ERROR: Could not connect to the feed", file=sys.stderr); sys.exit(1)'


class Audit:
    """Runs the script with tools of our making, into a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.tools = folder / "tools"
        self.tools.mkdir()
        self.root.mkdir()
        for name in ("requirements", "bot", "pyproject.toml"):
            (self.root / name).symlink_to(ROOT / name)
        self.tool("cyclonedx-py", CYCLONEDX.replace("{LEFT_OUT}", "{''}"))
        self.answering(CLEAN)

    def tool(self, name: str, code: str) -> None:
        path = self.tools / name
        path.write_text(f"#!{sys.executable}\n{code}")
        path.chmod(0o755)

    def answering(self, answer: str, status: int = 0) -> None:
        code = PIP_AUDIT.replace("{ANSWER}", answer).replace("{STATUS}", str(status))
        self.tool("pip-audit", code)

    def run(self, *options: str) -> tuple[int, list[str]]:
        done = subprocess.run(
            [
                *(sys.executable, str(ROOT / ".ci" / "audit.py"), *options),
                *("--tools", str(self.tools), "--root", str(self.root)),
            ],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout.splitlines()

    @property
    def sbom(self) -> Any:
        return json.loads((self.root / "build" / "sbom.json").read_text("utf-8"))


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    """Give the script tools that find nothing wrong."""
    return Audit(tmp_path)


def test_nothing_found_is_success(audit: Audit) -> None:
    """Every locked package was asked about, and none is known to be vulnerable."""
    status, said = audit.run()
    assert status == 0
    assert re.fullmatch(r"no known vulnerability in \d+ locked packages", said[-1])


def test_the_list_has_every_runtime_requirement(audit: Audit) -> None:
    """With its version, also those that only other systems need; and our own version."""
    audit.run()
    listed = {one["name"]: one["version"] for one in audit.sbom["components"]}
    assert listed == PINS
    assert audit.sbom["metadata"]["component"]["version"]


@pytest.mark.parametrize("name", ["httpx", "colorama"])
def test_a_list_that_lacks_something_is_refused(audit: Audit, name: str) -> None:
    """It is not left behind either."""
    audit.tool("cyclonedx-py", CYCLONEDX.replace("{LEFT_OUT}", f"{{'{name}'}}"))
    status, said = audit.run()
    assert status == 1
    assert name in said[-1]
    assert not (audit.root / "build" / "sbom.json").exists()


def test_the_list_is_written_without_the_network_too(audit: Audit) -> None:
    """And what was not looked at is said; whoever requires an answer gets a failure."""
    audit.tool("pip-audit", OFFLINE)
    status, said = audit.run()
    assert status == 0
    assert said[-1].startswith("not audited: runtime.txt: ERROR: Could not connect")
    assert len(audit.sbom["components"]) == len(PINS)
    assert audit.run("--required")[0] == 1


def test_an_index_that_knows_nothing_is_no_success(audit: Audit) -> None:
    """pip-audit passes over each package then, and ends well itself."""
    audit.answering(SKIPPED)
    status, said = audit.run()
    assert status == 0
    assert said[-1].startswith("not audited: ")
    assert audit.run("--required")[0] == 1


def test_a_package_that_is_passed_over_is_a_failure(audit: Audit) -> None:
    """An answer about the others is none about it."""
    audit.answering(f"{SKIPPED} if name == 'httpx' else {CLEAN}")
    status, said = audit.run()
    assert status == 1
    assert said[-1] == "not audited: httpx"


def test_a_vulnerability_is_a_failure_and_named(audit: Audit) -> None:
    """Once, though several locks hold the package."""
    vulnerable = '{"version": version, "vulns": [{"id": "PYSEC-0000-1"}]}'
    audit.answering(f"{vulnerable} if name == 'httpx' else {CLEAN}", status=1)
    status, said = audit.run()
    assert status == 1
    assert said[1:] == [f"vulnerable: httpx {PINS['httpx']}: PYSEC-0000-1"]


def test_a_tool_that_breaks_is_a_failure(audit: Audit) -> None:
    """It is not taken for a missing network."""
    audit.tool("pip-audit", 'raise SystemExit("no such option")')
    status, said = audit.run()
    assert status == 1
    assert "pip-audit failed" in said[-1]
