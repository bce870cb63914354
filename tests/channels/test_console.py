"""Alerts on a terminal or in a log."""

from __future__ import annotations

import io
import os
import re
import sys
from typing import TextIO

import pytest

from bot.channels.console import ConsoleChannel
from bot.core.delivery import Delivered, RetryLater
from tests.support.messages import HUB, changed, delivery, event


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def printed(stream: TextIO) -> ConsoleChannel:
    """Return a channel that writes there."""
    return ConsoleChannel("screen", endpoint=HUB, stream=stream)


def test_a_message_is_written_as_plain_text() -> None:
    """Title, lines, an empty line; no escape sequences."""
    stream = io.StringIO()
    assert printed(stream).send(delivery()) == Delivered()
    lines = stream.getvalue().split("\n")
    assert lines[0] == "SWE-bench/SWE-bench_Verified"
    assert lines[1].startswith("★ deepseek-ai/DeepSeek-V4-Pro takes the lead ")
    assert lines[-2:] == ["", ""]
    assert "\x1b" not in stream.getvalue()


def test_a_terminal_gets_a_bold_title_and_no_stranger_s_markup() -> None:
    """Square brackets are rich's markup, and stay text."""
    stream = Terminal()
    message = changed(event("new_entry", "a/[red]b[/red]", notes="\x1b[2Jx [bold]"))
    assert printed(stream).send(delivery(message)) == Delivered()
    assert "a/[red]b[/red] enters" in stream.getvalue()
    assert "\x1b[2J" not in stream.getvalue()
    assert "[bold]" in stream.getvalue()


def test_a_terminal_gets_lines_that_are_cut_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes on stands a little to the right; the address stays whole, for a click."""
    monkeypatch.setenv("COLUMNS", "50")
    stream = Terminal()
    assert printed(stream).send(delivery()) == Delivered()
    lines = re.sub(r"\x1b\[[0-9]*m", "", stream.getvalue()).splitlines()
    assert lines[1:3] == [
        "★ deepseek-ai/DeepSeek-V4-Pro takes the lead",
        "  from Qwen/Qwen3.5-397B-A17B (76.4) with 80.6,",
    ]
    assert [line for line in lines if len(line) > 50] == [f"{HUB}/datasets/{lines[0]}"]


def test_what_the_encoding_lacks_is_replaced() -> None:
    """An ASCII log gets question marks, not a crash."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    assert printed(stream).send(delivery()) == Delivered()
    assert b"? deepseek-ai/DeepSeek-V4-Pro takes the lead" in raw.getvalue()


def test_a_broken_pipe_is_tried_again() -> None:
    """Nobody reads the output any more."""
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "w")
    outcome = printed(stream).send(delivery())
    assert outcome == RetryLater("the console cannot be written to: Broken pipe")
    stream.close()  # nothing is left in it that would come out later


def test_a_closed_stream_is_tried_again() -> None:
    """A closed stream raises another error."""
    stream = io.StringIO()
    stream.close()
    outcome = printed(stream).send(delivery())
    assert outcome == RetryLater("the console cannot be written to: it is closed")


def test_a_stream_that_was_never_open_is_tried_again() -> None:
    """A process may be started without standard output: nobody was told."""
    with open(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8") as stream:  # noqa: PTH123
        outcome = printed(stream).send(delivery())
    assert outcome == RetryLater("the console cannot be written to: it is closed")


def test_the_default_is_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    """As it is when the message is sent, not when the channel is made."""
    channel = ConsoleChannel("screen", endpoint=HUB)
    assert channel.send(delivery()) == Delivered()
    assert sys.stdout is not sys.__stdout__
    assert "DeepSeek" in capsys.readouterr().out
    assert channel.check() is None
