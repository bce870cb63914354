"""What is wrong with a command line, in this program's words instead of its libraries'."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import typer
from typer.exceptions import TyperException

from bot.cli.terminal.habits import remedy
from bot.cli.terminal.usage import WORDS
from bot.core.names.suggest import choose, hint


def told(error: TyperException) -> str:
    """Return what is wrong with a command line, and what was probably meant, in one line."""
    if hasattr(error, "possibilities"):
        return _no_option(error)
    if isinstance(error, typer.BadParameter) and not hasattr(error, "param_type"):
        return f"Invalid value for {_name(error)}: {_reason(error)}"
    said = " ".join(error.format_message().split())
    if extra := _EXTRA.fullmatch(said):
        return f"Too many arguments: {extra[1]}{_instead(error, extra[1].split())}"
    if isinstance(error, typer.BadParameter) and error.ctx is not None:
        instead = _instead(error, error.ctx.meta.get(WORDS, ()), here=True)
        return f"{said}{instead or _meaning(error)}"
    return said


def _meaning(error: typer.BadParameter) -> str:
    """Return what a parameter that is missing is for, unless its choices say that."""
    has_choices = getattr(getattr(error.param, "type_descriptor", None), "choices", None)
    meaning = getattr(error.param, "help", None)
    return f" {meaning}" if meaning and not has_choices else ""


def _instead(error: Any, words: Iterable[str], *, here: bool = False) -> str:
    """Return what to do instead of words that mean something elsewhere, or only ``here``."""
    found = remedy(_command(error.ctx), words, here=here) if error.ctx is not None else None
    return f"; {found}" if found else ""


def _command(context: Any) -> str:
    """Return which command it is, without the program's name."""
    return " ".join(context.command_path.split()[1:])


_EXTRA = re.compile(r"Got unexpected extra argument\S* \((.*)\)")


def _no_option(error: Any) -> str:
    """Return the words for an option that the command has not; another place may have it."""
    name, command = error.option_name, error.ctx.command
    parents = [context.command for context in _above(error.ctx)]
    if own := _instead(error, [name], here=True):
        return f"No such option: {name}{own}"
    if name in _options(parents):
        return f"No such option: {name}; it goes before the command"
    if name in _options(getattr(command, "commands", {}).values()):
        return f"No such option: {name}; it goes after the command"
    near = hint(name, _options([command]))
    return f"No such option: {name}{near or _instead(error, [name])}"


def _above(context: Any) -> Iterable[Any]:
    while (context := context.parent) is not None:
        yield context


def _options(commands: Iterable[Any]) -> set[str]:
    every = [param for command in commands for param in command.params]
    return {name for param in every for name in param.opts if name.startswith("-")}


def _name(error: typer.BadParameter) -> str:
    """Return what the option or argument is called on the command line."""
    hinted = error.param_hint or (error.param.get_error_hint() if error.param else "it")
    return str(hinted).replace("'", "")


def _reason(error: typer.BadParameter) -> str:
    """Return why a value is refused: the option's own words, or ours for what pydantic found."""
    cause: Any = error.__cause__
    if error.param is None or not hasattr(cause, "errors"):
        return error.message
    found = cause.errors()[0]
    if choices := [str(one.value) for one in error.param.type_descriptor.choices or ()]:
        return f"{found['input']!r}; {choose(found['input'], choices)}"
    words = _WORDS.get(found["type"])
    if words is None:
        return error.message.removeprefix("Value error, ")
    return f"{found['input']!r} {words.format(**found.get('ctx', {}))}"


_WORDS = {
    "int_parsing": "is no whole number",
    "int_parsing_size": "is too large",
    "float_parsing": "is no number",
    "greater_than_equal": "is too little; at least {ge:g}",
    "less_than_equal": "is too much; at most {le:g}",
}
"""What pydantic finds wrong with numbers, in our words."""
