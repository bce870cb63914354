"""What people write out of habit, as other programs have it, and what it is called here."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ROUND = "`leaderboard-bot poll` polls once and ends"
_EVERY = "how often is said by `every`, below [poll] in the configuration"
_FOREGROUND = "`run` stays in the foreground; let systemd, Compose or Kubernetes keep it going"
_LOUDER = "for more, write --log-level debug before the command"
_FILE = "the configuration goes before the command: leaderboard-bot --config FILE {command}"
_LISTS = "`leaderboard-bot {command}` without more lists them"
_LISTED = "write leaderboard-bot mute list"
_DAEMON = "`leaderboard-bot run` polls and delivers"
_LIVE = "`leaderboard-bot show {word} --live` asks the Hub for a board"
_WHAT = "`leaderboard-bot benchmarks` lists the Hub's, `leaderboard-bot validate` what you watch"
_NAMED = "name it without an option: leaderboard-bot {command} NAME"

HABITS: dict[str, str] = {
    "-c": "write --config FILE, before the command",
    "-f": "write --config FILE, before the command",
    "--file": "write --config FILE, before the command",
    "-q": "write --quiet (`poll` has it)",
    "-v": _LOUDER,
    "--verbose": _LOUDER,
    "--debug": _LOUDER,
    "--once": _ROUND,
    "--one-shot": _ROUND,
    "--interval": _EVERY,
    "--every": _EVERY,
    "-d": _FOREGROUND,
    "--daemon": _FOREGROUND,
    "--detach": _FOREGROUND,
    "--background": _FOREGROUND,
    "poll -n": "write --dry-run",
    "db prune -n": "write --dry-run",
    "events -n": "write --limit N",
    "deliveries -n": "write --limit N",
    "show -n": "write --top N",
    "-V": "write --version",
    "-y": "write --yes",
    "deliveries --failed": "write --state failed; `deliveries retry --failed` sends them again",
    "deliveries list": _LISTS,
    "deliveries ls": _LISTS,
    "deliveries show": _LISTS,
    "deliveries retry --all": "write --failed for every one that failed",
    "history --model": _NAMED,
    "history --benchmark": _NAMED,
    "history --board": _NAMED,
    "show --benchmark": _NAMED,
    "show --board": _NAMED,
    "show --model": "`leaderboard-bot history MODEL` shows a model's ranks over time",
    "poll --benchmark": _NAMED,
    "poll --board": _NAMED,
    "poll --all": "without a name `poll` polls every board that is watched",
    "run --quiet": "write --log-level warning before the command",
    "run --port": "this version has no page",
    "run --host": "this version has no page",
    "status --watch": "`status` shows how things are now: watch -n 60 leaderboard-bot status",
    "poll --force": "`poll` asks for every board, whether it is due or not",
    "test-channel --channel": _NAMED,
    "export --csv": "write --format csv",
    "export --json": "write --format json",
    "export csv": "write --format csv",
    "export json": "write --format json",
    "export parquet": "write --format parquet",
    "digest --daily": "write --since 1d",
    "digest --weekly": "write --since 7d",
    "validate --strict": "`validate` is strict as it is: a key that is not known is an error",
    "validate --online": "`validate` asks the Hub and the channels, unless --offline is given",
    "db migrate": "`leaderboard-bot db upgrade` brings the schema up to date",
    "db init": "`leaderboard-bot db upgrade` makes the database, and so do `run` and `poll`",
    "db dump": "`leaderboard-bot db backup PATH` copies the database, `export` its history as data",
    "db restore": "stop what runs, and put the copy where database.url says that the database is",
    "mute ls": _LISTED,
    "mute show": _LISTED,
    "mute rm": "write leaderboard-bot mute remove ID",
    "mute delete": "write leaderboard-bot mute remove ID",
}
"""By what is written, or by the command and that: what to do instead."""

COMMANDS: dict[str, str] = {
    "start": _DAEMON,
    "serve": _DAEMON,
    "daemon": _DAEMON,
    "watch": "`leaderboard-bot run` watches what stands below [[watch]] in the configuration",
    "stop": _FOREGROUND,
    "restart": _FOREGROUND,
    "list": _WHAT,
    "ls": _WHAT,
    "version": "write --version",
    "once": _ROUND,
    "check": "`leaderboard-bot validate` checks the configuration, `db check` the database",
    "config": "`leaderboard-bot validate` checks the configuration, `init` writes one",
    "log": "`run` logs to standard error; `leaderboard-bot deliveries` lists what was sent",
    "logs": "`run` logs to standard error; `leaderboard-bot deliveries` lists what was sent",
    "unmute": "write leaderboard-bot mute remove ID",
    "migrate": "`leaderboard-bot db upgrade` brings the schema up to date",
}
"""By what other programs call a command: what it is here."""

NAMES: dict[str, str] = {
    "": "`leaderboard-bot show {word}` shows a board, `leaderboard-bot history {word}` a model",
    "run": "`leaderboard-bot poll {word}` polls one board; `run` polls what is configured",
    "validate": _LIVE,
    "benchmarks": _LIVE,
    "status": "`leaderboard-bot show {word}` shows a board",
    "events": "write --benchmark {word}, or --model {word}",
    "digest": "`leaderboard-bot events --benchmark {word}` lists what happened to a board",
    "mute": "write leaderboard-bot mute add --benchmark {word}, or --model {word}",
    "mute add": "write --benchmark {word}, or --model {word}",
}
"""By a command that takes no board's or model's name: what to do with one."""

_NAME = re.compile(r"(https?://)?[\w.*-]+/[\w.*/-]+([#?]\S*)?")

FILES = (".toml", ".yaml", ".yml", ".json", ".ini")


def remedy(command: str, words: Iterable[str], *, here: bool = False) -> str | None:
    """Return what to do instead of the first of some words that a command does not know.

    ``command`` is what stands before them, as "deliveries retry"; with ``here`` only what is meant
    for it alone.
    """
    for word in words:
        found = HABITS.get(f"{command} {word}".strip()) if here else _meant(command, word)
        if found is not None:
            return found.format(command=command, word=word)
    return None


def _meant(command: str, word: str) -> str | None:
    found = HABITS.get(f"{command} {word}".strip()) or HABITS.get(word)
    if found is None and not command:
        found = COMMANDS.get(word)
    if found is None and word.endswith(FILES):
        found = _FILE
    return NAMES.get(command) if found is None and _NAME.fullmatch(word) else found
