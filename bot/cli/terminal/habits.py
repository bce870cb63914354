"""What people write out of habit, as other programs have it, and what it is called here."""

from __future__ import annotations

from collections.abc import Iterable

_ROUND = "`leaderboard-bot poll` polls once and ends"
_EVERY = "how often is said by `every`, below [poll] in the configuration"
_FOREGROUND = "`run` stays in the foreground; let systemd, Compose or Kubernetes keep it going"
_LOUDER = "for more, write --log-level debug before the command"
_FILE = "the configuration goes before the command: leaderboard-bot --config FILE {command}"
_LISTS = "`leaderboard-bot {command}` without more lists them"
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
    "-n": "write --dry-run (`poll` and `db prune` have it)",
    "-y": "write --yes",
    "deliveries --failed": "write --state failed; `deliveries retry --failed` sends them again",
    "deliveries list": _LISTS,
    "deliveries ls": _LISTS,
    "deliveries show": _LISTS,
    "deliveries retry --all": "write --failed for every one that failed",
    "deliveries retry all": "write --failed for every one that failed",
    "history --model": _NAMED,
    "history --benchmark": _NAMED,
    "history --board": _NAMED,
    "show --benchmark": _NAMED,
    "show --board": _NAMED,
    "show --model": "`leaderboard-bot history MODEL` shows a model's ranks over time",
    "poll --benchmark": _NAMED,
    "poll --board": _NAMED,
    "poll --force": "`poll` asks for every board, whether it is due or not",
    "test-channel --channel": _NAMED,
    "export --csv": "write --format csv",
    "export --json": "write --format json",
    "export --output": "write -o FILE",
}
"""By what is written, or by the command and that: what to do instead."""

FILES = (".toml", ".yaml", ".yml", ".json", ".ini")


def remedy(command: str, words: Iterable[str], *, here: bool = False) -> str | None:
    """Return what to do instead of the first of some words that a command does not know.

    ``command`` is what stands before them, as "deliveries retry"; with ``here`` only what is meant
    for it alone.
    """
    for word in words:
        found = HABITS.get(f"{command} {word}".strip())
        if found is None and not here:
            found = _FILE if word.endswith(FILES) else HABITS.get(word)
        if found is not None:
            return found.format(command=command)
    return None
