"""The container: what its files say, and what comes of carrying the Dockerfile out."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from psycopg import sql

import bot
from bot.config import load
from bot.core.errors import ConfigError
from bot.demo.server import LoopbackServer, Reply, Request
from tests.support.container.compose import Project, mounted
from tests.support.container.dockerfile import Instruction, Replay, stages
from tests.support.hub.fake_hub import SampleHub, board
from tests.support.store.postgres import Postgres
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
BUILD, FINAL = stages((ROOT / "Dockerfile").read_text("utf-8"))
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
USER = 10001
ONE_WORKER = pytest.mark.xdist_group("container")
"""The container is made once, not once a worker."""

NO_NETWORK = re.compile(r"name resolution|NewConnectionError|Network is unreachable", re.IGNORECASE)


def only(steps: list[Instruction], keyword: str) -> Instruction:
    """Return the one step of that kind."""
    (found,) = [step for step in steps if step.keyword == keyword]
    return found


def all_of(keyword: str) -> list[Instruction]:
    """Return every step of that kind, of all stages."""
    return [step for step in (*BUILD, *FINAL) if step.keyword == keyword]


# --- what the Dockerfile says ----------------------------------------------------------------


def test_image_runs_the_daemon_as_a_number_in_its_one_volume() -> None:
    """Entry point and command are exec form, the user is a fixed number, /data is the place."""
    assert only(FINAL, "ENTRYPOINT").rest == '["leaderboard-bot"]'
    assert only(FINAL, "CMD").rest == '["run"]'
    assert only(FINAL, "USER").rest == f"{USER}:{USER}"
    assert only(FINAL, "VOLUME").words == ["/data"]
    assert only(FINAL, "WORKDIR").rest == "/data"
    assert 'CMD ["leaderboard-bot", "healthcheck"]' in only(FINAL, "HEALTHCHECK").rest


def test_both_stages_have_one_pinned_base() -> None:
    """The environment is built by the very Python that runs it, named by a version."""
    build, final = (step.words[0] for step in all_of("FROM"))
    assert build == final
    assert re.fullmatch(r"python:3\.\d+(\.\d+)?-slim-\w+(@sha256:[0-9a-f]{64})?", final)


def test_nothing_is_installed_that_was_not_reviewed() -> None:
    """Every installation is by hash, or of what the build itself has made."""
    installs = [part for step in all_of("RUN") for part in re.split(r"&&", step.rest)]
    installs = [part for part in installs if re.search(r"\bpip\b.* install\b", part)]
    assert installs
    assert all("--require-hashes" in part or "--no-index" in part for part in installs)
    assert not all_of("ADD")


def test_all_that_is_copied_exists_and_is_sent_to_the_build() -> None:
    """``.dockerignore`` lets through exactly what COPY steps name."""
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    sent = {line[1:] for line in ignored if line.startswith("!")}
    sources = [Path(word) for step in all_of("COPY") if not step.flags for word in step.words[:-1]]
    assert "*" in ignored
    assert {source.parts[0] for source in sources} == sent
    assert not [source for source in sources if not (ROOT / source).exists()]


# --- what compose.yaml says ------------------------------------------------------------------


def test_compose_takes_every_privilege_away() -> None:
    """The service is read-only but for /data and a small /tmp, and can gain no right."""
    service = COMPOSE["services"]["bot"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"] == "${BOT_USER:-1000:1000}"
    assert [mount.partition(":")[0] for mount in service["tmpfs"]] == ["/tmp"]
    assert not {"privileged", "network_mode", "pid"} & service.keys()


def test_compose_publishes_the_page_on_loopback_alone() -> None:
    """At the port that its own lines tell the page to listen at, which needs a token there."""
    assert COMPOSE["services"]["bot"]["ports"] == ["127.0.0.1:${PAGE_PORT:-8080}:8080"]
    assert 'listen = "0.0.0.0:8080"` and `token = "file:/run/secrets/web_token"' in (
        ROOT / "compose.yaml"
    ).read_text("utf-8")
    assert not all_of("EXPOSE")


def test_compose_has_the_page_s_token_as_a_secret_that_nobody_needs_to_make(
    tmp_path: Path,
) -> None:
    """Nothing stands for its file until there is one; where that is missed, it says what to do."""
    assert COMPOSE["services"]["bot"]["secrets"] == ["web_token"]
    file = COMPOSE["secrets"]["web_token"]["file"]
    assert file == "${WEB_TOKEN_FILE:-/dev/null}"
    config = tmp_path / "config.toml"
    for written in (file.rpartition("-")[2].rstrip("}"), "/run/secrets/web_token"):
        config.write_text(f'[web]\nlisten = "0.0.0.0:8080"\ntoken = "file:{written}"\n', "utf-8")
        with pytest.raises(ConfigError, match=written) as error:
            load(config, {})
        assert ("WEB_TOKEN_FILE" in str(error.value)) is ("secrets" in written)


def test_compose_mounts_one_folder_for_configuration_and_data() -> None:
    """A file by itself would stay the old one when an editor renames a new one over it."""
    (mount,) = COMPOSE["services"]["bot"]["volumes"]
    assert (mount["type"], mount["source"]) == ("bind", "./data")
    assert [mount["target"]] == only(FINAL, "VOLUME").words == [only(FINAL, "WORKDIR").rest]
    assert mount["bind"]["create_host_path"] is False


def test_compose_gives_the_daemon_time_to_stop() -> None:
    """The grace period is longer than the 10 s in which the daemon promises to stop."""
    seconds = int(COMPOSE["services"]["bot"]["stop_grace_period"].removesuffix("s"))
    assert seconds > 10
    assert COMPOSE["services"]["bot"]["restart"] == "unless-stopped"


def test_compose_starts_postgresql_only_when_asked() -> None:
    """PostgreSQL stands behind a profile, gains no right, and its password is not in the file."""
    service = COMPOSE["services"]["postgres"]
    assert service["profiles"] == ["postgres"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["cap_drop"] == ["ALL"]
    assert service["environment"]["POSTGRES_PASSWORD"].startswith("${")
    assert "ports" not in service


# --- what comes of it ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def python() -> str:
    """Find a Python that the container's user may start; skip where that cannot be tried."""
    if os.geteuid() != 0:
        pytest.skip("only root can become the container's user")
    for found in (
        getattr(sys, "_base_executable", None),
        "/usr/local/bin/python3",
        "/usr/bin/python3",
    ):
        if found and Path(found).exists() and _usable(found):
            return found
    pytest.skip(f"no Python 3.11 or newer here can be started by user {USER}")


def _usable(python: str) -> bool:
    code = "import sqlite3, sys, venv; sys.exit(sys.version_info < (3, 11))"
    try:
        ran = subprocess.run(
            [python, "-c", code], cwd="/", user=USER, group=USER, extra_groups=[], check=False
        )
    except PermissionError:
        return False
    return ran.returncode == 0


@pytest.fixture(scope="module")
def container(python: str) -> Iterator[Replay]:
    """Carry the Dockerfile out below a folder that the container's user can reach."""
    root = Path(tempfile.mkdtemp(prefix="leaderboard-bot-"))
    root.chmod(0o755)
    try:
        replay = Replay(root, ROOT, python)
        _carry_out(replay, BUILD)
        replay.keep_only(*(step.words[0] for step in FINAL if "from" in step.flags))
        _carry_out(replay, FINAL)
        yield replay
    finally:
        shutil.rmtree(root)


def _carry_out(replay: Replay, steps: list[Instruction]) -> None:
    try:
        replay.carry_out(steps)
    except subprocess.CalledProcessError as failure:
        if NO_NETWORK.search(failure.stderr):
            pytest.skip("dependencies cannot be downloaded here")
        pytest.fail(f"{failure.cmd[-1]}\n{failure.stderr[-3000:]}")


@pytest.mark.long
@ONE_WORKER
def test_any_user_may_write_data_and_nothing_else(container: Replay) -> None:
    """Outside /data there is no file that whoever runs it could write; /data is everybody's."""
    writable = [
        path
        for path in container.root.rglob("*")
        if not path.is_symlink() and path != container.root / "data" and _writable(path.stat())
    ]
    assert writable == []
    data = (container.root / "data").stat()
    assert stat.S_IMODE(data.st_mode) == 0o1777


def _writable(found: os.stat_result) -> bool:
    return found.st_uid == USER or bool(found.st_mode & 0o022)


@pytest.mark.long
@ONE_WORKER
def test_image_holds_what_runs_and_no_more(container: Replay) -> None:
    """Neither pip, nor build and test tools, nor the source tree; all modules are compiled."""
    (site,) = container.root.glob("opt/leaderboard-bot/lib/python3*/site-packages")
    present = {path.name for path in site.iterdir()}
    assert not {"pip", "hatchling", "pytest", "mypy", "setuptools"} & present
    assert not (container.root / "src").exists()
    modules = [path for path in (site / "bot").rglob("*.py") if "migrations" not in path.parts]
    assert modules
    assert all(list(path.parent.glob(f"__pycache__/{path.stem}.*.pyc")) for path in modules)


@pytest.mark.long
@ONE_WORKER
def test_container_tells_its_version(container: Replay) -> None:
    """The entry point starts, as the user that the image names."""
    ran = container.start([*only(FINAL, "ENTRYPOINT").words, "--version"])
    assert ran.returncode == 0, ran.stderr
    assert bot.__version__ in ran.stdout


@pytest.mark.long
@ONE_WORKER
def test_container_is_unhealthy_without_a_daemon(container: Replay) -> None:
    """The health check is a command of the program, and says no where nothing runs."""
    command = only(FINAL, "HEALTHCHECK").rest.partition("CMD ")[2]
    ran = container.start(Instruction("CMD", {}, command).words)
    assert ran.returncode == 1, ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.long
@ONE_WORKER
def test_container_polls_and_writes_only_its_data(container: Replay) -> None:
    """With a configuration in /data, a poll leaves its database there and nothing elsewhere."""
    entry = only(FINAL, "ENTRYPOINT").words
    before = _files(container.root)
    with SampleHub({"org/bench": board(("org/a", 80.0), ("org/b", 70.0))}) as hub:
        _configure(container, f'[hub]\nendpoint = "{hub.url}"\n')
        valid = container.start([*entry, "validate", "--offline"])
        polled = container.start([*entry, "poll", "--json"])
    assert valid.returncode == 0, valid.stderr
    assert polled.returncode == 0, polled.stderr
    new = _files(container.root) - before
    assert {path.name for path in new} >= {"config.toml", "leaderboard-bot.db"}
    assert {path.parent for path in new} == {container.root / "data"}


def _configure(container: Replay, text: str) -> None:
    path = container.root / "data" / "config.toml"
    path.write_text(text, "utf-8")
    path.chmod(0o600)
    os.chown(path, USER, USER)


def _files(root: Path) -> set[Path]:
    return {path for path in root.rglob("*") if path.is_file()}


# --- what the README says to type --------------------------------------------------------------

BENCH = "SWE-bench/SWE-bench_Verified"
FIRST = board(("org/a", 80.0), ("org/b", 70.0))
LATER = board(("org/new", 90.0), ("org/a", 80.0), ("org/b", 70.0))
OWNER = 23_456
"""A user without a name, and not the image's."""


def typed() -> list[list[str]]:
    """Return the lines of each block of shell in the README's section on the container."""
    text = (ROOT / "README.md").read_text("utf-8")
    section = text.partition("\n## Container\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    return [block.splitlines() for block in blocks]


class Hook(LoopbackServer):
    """A Slack webhook that keeps what it is told."""

    def __init__(self) -> None:
        super().__init__(self._take)
        self.told: list[str] = []

    def _take(self, request: Request) -> Reply:
        self.told.append(request.body.decode())
        return Reply(200, b"ok")


def polled(hub: SampleHub) -> bool:
    return any(f"{BENCH}/leaderboard" in request.path for request in hub.requests)


@pytest.mark.long
@ONE_WORKER
def test_readme_starts_an_image_that_needs_no_file(container: Replay) -> None:
    """``docker run`` with a webhook in the environment tells what happened there."""
    build, run = typed()[0]
    assert build == "docker build --tag leaderboard-bot ."
    assert run == (
        "docker run --init --detach --env SLACK_WEBHOOK_URL --volume leaderboard-bot:/data "
        "leaderboard-bot"
    )
    entry = only(FINAL, "ENTRYPOINT").words
    command = only(FINAL, "HEALTHCHECK").rest.partition("CMD ")[2]
    check = Instruction("CMD", {}, command).words
    _emptied(container.root / "data")
    with SampleHub({BENCH: FIRST}) as hub, Hook() as hook:
        given = {"SLACK_WEBHOOK_URL": f"{hook.url}/services/T/B/X", "HF_ENDPOINT": hub.url}
        daemon = container.begin([*entry, *only(FINAL, "CMD").words], given)
        try:
            assert until(lambda: polled(hub))
            assert container.start(check, given).returncode == 0
            daemon.terminate()
            _, log = daemon.communicate(timeout=10)
        finally:
            daemon.kill()
        hub.set(BENCH, LATER)
        done = container.start([*entry, "poll"], given)
    assert daemon.returncode == 0, log
    assert done.returncode == 0, done.stderr
    assert len(hook.told) == 1
    assert "org/new" in hook.told[0]


def _emptied(data: Path) -> None:
    for path in data.iterdir():
        path.unlink()


@pytest.fixture
def project(container: Replay, postgres: Postgres) -> Iterator[Project]:
    """Give another user a folder with ``compose.yaml``, and a hook in the environment."""
    folder = Path(tempfile.mkdtemp(prefix="leaderboard-bot-"))
    shutil.copy(ROOT / "compose.yaml", folder)
    os.chown(folder, OWNER, OWNER)
    postgres.folder.chmod(0o711)  # where its socket is
    postgres.execute(sql.SQL("CREATE ROLE bot LOGIN"), sql.SQL("CREATE DATABASE bot OWNER bot"))
    with Hook() as hook, mounted(container, folder / "data"):
        given = {"SLACK_WEBHOOK_URL": f"{hook.url}/services/T/B/X"}
        network = {"@postgres/bot": f"@/bot?host={postgres.folder}"}
        with Project(folder, OWNER, container, FINAL, network, given) as made:
            yield made
    postgres.execute(sql.SQL("DROP DATABASE bot WITH (FORCE)"), sql.SQL("DROP ROLE bot"))
    postgres.folder.chmod(0o700)
    shutil.rmtree(folder)


def edit(project: Project, hub: SampleHub, more: str = "") -> None:
    """Change the configuration as an editor does: a new file is renamed over the old one."""
    text = (
        f'[hub]\nendpoint = "{hub.url}"\n[[watch]]\nname = "all"\nbenchmarks = ["official"]\n'
        '[channels.team]\ntype = "slack"\nwebhook_url = "env:SLACK_WEBHOOK_URL"\n'
    )
    new = project.folder / "data" / "config.toml.new"
    new.write_text(text + more, "utf-8")
    new.chmod(0o600)
    os.chown(new, OWNER, OWNER)
    new.rename(new.with_name("config.toml"))


def shows(project: Project, line: str) -> bool:
    """Tell whether the board was polled and is shown."""
    try:
        return "org/a" in project.type(line)
    except subprocess.CalledProcessError:
        return False


@pytest.mark.long
@ONE_WORKER
def test_readme_lines_for_compose_work_word_for_word(project: Project) -> None:
    """As a user of any number, whose files nobody else may read."""
    make, owner, init, validate, up, show, reload = typed()[1]
    for line in (make, owner, init):
        project.type(line)
    config = project.folder / "data" / "config.toml"
    assert (config.stat().st_uid, stat.S_IMODE(config.stat().st_mode)) == (OWNER, 0o600)
    with SampleHub({BENCH: FIRST}) as hub:
        edit(project, hub)
        assert "no problem found in" in project.type(validate)
        project.type(up)
        assert until(project.is_healthy)
        assert until(lambda: shows(project, show))
        edit(project, hub, "[poll]\nevery = '1s'\n")
        project.type(reload)
        seen = len(hub.requests)
        assert until(lambda: len(hub.requests) > seen + 2)
        log = project.stop()
    assert "the configuration was reloaded" in log
    assert not project.is_healthy()
    assert {path.stat().st_uid for path in config.parent.iterdir()} == {OWNER}


@pytest.mark.long
@ONE_WORKER
def test_readme_lines_for_postgresql_work_word_for_word(project: Project) -> None:
    """The password is made, and reaches the bot; the history is in that database."""
    make, owner, init, _, _, show, _ = typed()[1]
    password, up = typed()[2]
    for line in (make, owner, init, password):
        project.type(line)
    with SampleHub({BENCH: FIRST}) as hub:
        edit(project, hub, '[database]\nurl = "env:DATABASE_URL"\n')
        project.type(up)
        assert project.profiles == ["postgres"]
        assert until(project.is_healthy)
        assert until(lambda: shows(project, show))
        log = project.stop()
    assert "database: postgresql://bot@/bot\n" in log
    assert not list((project.folder / "data").glob("*.db"))
