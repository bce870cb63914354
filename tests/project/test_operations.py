"""The operator's page: its commands run, its unit and its manifests are well-formed."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.config import load
from bot.daemon.heartbeat import Heart
from bot.web.app import PATHS
from bot.web.site import Open
from tests.support.commands import BENCH, LATER, START, Commands
from tests.support.process.fork_server import ForkServer
from tests.support.process.installation import environment
from tests.support.store.postgres import Postgres
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
TYPED = "\n".join(text for language, text in BLOCKS if language != "yaml")
"""All that is typed, or stands in a unit or a crontab."""
PROGRAM = re.compile(
    r"^(?:sudo -u leaderboard-bot |docker compose exec bot |kubectl exec deploy/leaderboard-bot -- "
    r"|[*/0-9 ]+ leaderboard-bot /usr/local/bin/|ExecStart=/opt/leaderboard-bot/bin/)?"
    r"leaderboard-bot (.+)$",
    re.MULTILINE,
)
"""A line of a shell, a crontab or a unit that starts the program."""
ELSEWHERE = "postgresql://bot@db.example.org/alerts"
RESEARCH = '[channels.research]\ntype = "console"\n'


def manifests() -> list[Any]:
    """Return the page's manifests."""
    (text,) = (text for language, text in BLOCKS if "\napiVersion:" in text)
    return list(yaml.safe_load_all(text))


def pod() -> Any:
    """Return the specification of the page's pod."""
    (deployment,) = (one for one in manifests() if one["kind"] == "Deployment")
    return deployment["spec"]["template"]["spec"]


def command_lines() -> list[str]:
    """Return what the program is started with anywhere on the page, each once."""
    shown = PROGRAM.findall(TYPED)
    (container,) = pod()["containers"]
    probes = [container[name]["exec"]["command"] for name in ("startupProbe", "livenessProbe")]
    started = [container["command"] + container["args"], *probes]
    assert all(words[0] == "leaderboard-bot" for words in started)
    return list(dict.fromkeys([*shown, *(shlex.join(words[1:]) for words in started)]))


LINES = command_lines()
DAEMON = [line for line in LINES if line.endswith("run")]


def test_no_command_of_the_page_is_overlooked() -> None:
    """Wherever the name is followed by a word that is a command, it is one that is run here."""
    named = r"leaderboard-bot (?:--config \S+ )?(?:init|validate|run|poll|status|deliveries|db)\b"
    found = [line for line in PROGRAM.findall(TYPED) if re.match(named, f"leaderboard-bot {line}")]
    assert len(found) == len(re.findall(named, TYPED))
    assert len(LINES) >= 14
    assert DAEMON == ["run", "--log-format json run"]


def here(line: str, commands: Commands, copy: str) -> list[str]:
    """Return a command line with this folder's places instead of the page's."""
    config = "new.toml" if line.startswith("init") else "config.toml"
    line = line.replace("/etc/leaderboard-bot/config.toml", str(commands.folder / config))
    line = re.sub(r"/data/|/var/lib/leaderboard-bot/", f"{commands.folder}/", line)
    return shlex.split(line.replace(ELSEWHERE, copy))


@pytest.mark.parametrize("line", [line for line in LINES if line not in DAEMON])
def test_a_command_of_the_page_does_what_it_is_there_for(
    line: str, commands: Commands, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On an installation that has polled, with a daemon whose heart beats."""
    commands.configure(f'name = "one"\nbenchmarks = ["{BENCH}"]', channels=RESEARCH)
    commands.polled(START, LATER)
    monkeypatch.setenv("TMPDIR", str(commands.folder))
    Heart(str(commands.config), os.environ).beat()
    if ELSEWHERE in line:
        postgres: Postgres = request.getfixturevalue("postgres")
        with postgres.database("operations") as url:
            commands.run(*here(line, commands, url))
        return
    commands.run(*here(line, commands, ""))


@pytest.mark.parametrize("line", DAEMON)
def test_the_daemon_of_the_page_starts_and_ends(
    line: str, commands: Commands, fork_server: ForkServer
) -> None:
    """With the configuration that the unit and the pod name, told by SIGTERM."""
    commands.polled(START)
    named = environment(LEADERBOARD_BOT_CONFIG=str(commands.config))
    process = fork_server.start(shlex.split(line), commands.folder, named)
    try:
        assert until(lambda: "polls and deliveries are under way" in str(process.stderr))
        process.terminate()
        assert process.wait(timeout=10) == 0
    finally:
        process.kill()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed here")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    """With a program that is there: whether it is, systemd looks, too."""
    (text,) = (text for language, text in BLOCKS if language == "ini")
    unit = tmp_path / "leaderboard-bot.service"
    unit.write_text(text.replace("/opt/leaderboard-bot/bin/leaderboard-bot", "/bin/true"), "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_gives_the_daemon_time_to_end() -> None:
    """More than the 10 seconds that it promises; it is reloaded by the signal that it heeds."""
    (unit,) = (text for language, text in BLOCKS if language == "ini")
    found = re.search(r"^TimeoutStopSec=(\d+)s$", unit, re.MULTILINE)
    assert found is not None
    assert int(found[1]) > 10
    assert "\nExecReload=/bin/kill -HUP $MAINPID\n" in unit
    assert "\nRuntimeDirectory=" in unit  # where its heart beats


def test_manifests_are_of_the_shape_that_kubernetes_has() -> None:
    """No property that its API does not know, none missing, each of the right type."""
    kubernetes = pytest.importorskip("kubernetes_validate", reason="see requirements/dev.txt")
    found = manifests()
    assert [one["kind"] for one in found] == ["ConfigMap", "PersistentVolumeClaim", "Deployment"]
    for one in found:
        kubernetes.validate(one, "1.35", strict=True)


def test_the_pod_is_one_and_may_do_nothing_more() -> None:
    """SQLite has one daemon; it ends in time, and finds its configuration where it is mounted."""
    (deployment,) = (one for one in manifests() if one["kind"] == "Deployment")
    assert deployment["spec"]["strategy"] == {"type": "Recreate"}
    assert deployment["spec"]["replicas"] == 1
    spec = pod()
    assert spec["terminationGracePeriodSeconds"] > 10
    assert spec["securityContext"]["runAsNonRoot"] is True
    (container,) = spec["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    mounted = {one["mountPath"] for one in container["volumeMounts"]}
    assert mounted == {"/etc/leaderboard-bot", "/data", "/tmp"}
    (config,) = container["env"]
    assert Path(config["value"]).parent.as_posix() in mounted


def block(beginning: str) -> str:
    """Return the block of the page that begins so."""
    (found,) = (str(text) for _, text in BLOCKS if text.startswith(beginning))
    return found


def test_probes_of_the_page_ask_what_needs_no_token() -> None:
    """In a manifest that stays of the shape that Kubernetes has; the start is probed as before."""
    kubernetes = pytest.importorskip("kubernetes_validate", reason="see requirements/dev.txt")
    (deployment,) = (one for one in manifests() if one["kind"] == "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    changed = yaml.safe_load(block('# of the container "bot"'))
    container |= changed
    kubernetes.validate(deployment, "1.35", strict=True)
    paths = {changed[name]["httpGet"]["path"] for name in ("readinessProbe", "livenessProbe")}
    (port,) = changed["ports"]
    open_to_all = {one.path for one in PATHS if one.to is Open.ALWAYS}
    assert (paths, port["containerPort"]) == ({"/readyz", "/healthz"}, 8080)
    assert paths <= open_to_all


def test_proxies_lead_to_where_the_page_listens(tmp_path: Path) -> None:
    """Under the name that the page is told that it has."""
    (tmp_path / "web_token").write_text("0123456789abcdef\n", encoding="utf-8")
    (tmp_path / "config.toml").write_text(block("[web]"), encoding="utf-8")
    web = load(tmp_path / "config.toml", {}).web
    assert web is not None
    assert web.public_url == "https://boards.example.org"
    assert f"reverse_proxy {web.listen}\n" in block("boards.example.org {\n")
    nginx = block("server {")
    assert f"proxy_pass http://{web.listen};" in nginx
    assert "server_name boards.example.org;" in nginx


def test_prometheus_is_told_where_the_page_is_and_what_its_alerts_are_about() -> None:
    """Its job has the name that the rules ask for, and it takes the token from a file."""
    found = yaml.safe_load(block("# prometheus.yml"))
    (job,) = found["scrape_configs"]
    assert job["static_configs"] == [{"targets": ["127.0.0.1:8080"]}]
    assert list(job["authorization"]) == ["credentials_file"]
    rules = (ROOT / "docs" / "grafana" / "alerts.yml").read_text("utf-8")
    assert set(re.findall(r'job="([^"]+)"', rules)) == {job["job_name"]}


def test_the_configuration_of_the_pod_is_valid(commands: Commands) -> None:
    """With the variable that the secret brings, and a place for the database."""
    (config,) = (one["data"]["config.toml"] for one in manifests() if one["kind"] == "ConfigMap")
    text = config.replace("/data/", f"{commands.folder}/")
    text = text.replace("env:SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T0/B0/x")
    commands.config.write_text(text, encoding="utf-8")
    assert "no problem found" in commands.run("validate", "--offline").stderr
