"""``completion``: what a shell needs to complete commands, options and names."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from bot.cli.terminal.completion import VARIABLE
from bot.cli.terminal.output import write
from bot.cli.terminal.usage import Section

SECTION, PLACE = Section.SET_UP, 3


class Shell(StrEnum):
    """The shells that can be told what to complete."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def completion(
    shell: Annotated[
        Shell, typer.Argument(metavar="SHELL", case_sensitive=False, help="bash, zsh or fish.")
    ],
) -> None:
    """Print what lets a shell complete commands and names.

    For bash: eval "$(leaderboard-bot completion bash)" in ~/.bashrc; zsh likewise, after compinit;
    for fish: leaderboard-bot completion fish > ~/.config/fish/completions/leaderboard-bot.fish
    """
    from typer.completion import get_completion_script  # type: ignore[attr-defined]

    name = "leaderboard-bot"
    script = get_completion_script(prog_name=name, complete_var=VARIABLE, shell=shell.value)
    write(f"{script}\n")
