"""What is logged holds no secret, in whatever shape, and nothing breaks the log."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.log import MASK, JsonFormatter, QuietHandler, RedactingFormatter
from tests.support.process.pipes import full_pipe

ROOT = Path(__file__).parents[1]
AWKWARD = 'c4n4ry "quoted" \\back/slash+plus é=%&\'tick'
STYLES = [RedactingFormatter, JsonFormatter]
Style = type[RedactingFormatter]


def record(message: object, *args: Any, **fields: Any) -> logging.LogRecord:
    made = logging.LogRecord("bot.test", logging.ERROR, __file__, 1, message, args, None)
    vars(made).update(fields)
    return made


def raised(error: Exception) -> Any:
    """Return what ``sys.exc_info`` says of an error with a cause of the same words."""
    error.__cause__ = ValueError(*error.args)
    return type(error), error, None


SHAPES = {
    "as it is": AWKWARD,
    "in JSON": json.dumps({"token": AWKWARD}),
    "in JSON that is not ASCII": json.dumps({"token": AWKWARD}, ensure_ascii=False),
    "in a repr": repr({"token": AWKWARD}),
    "in JSON in JSON": json.dumps(json.dumps({"token": AWKWARD})),
    "in a repr in an address": quote(repr([AWKWARD])),
    "in an address": f"https://host/{quote(AWKWARD, safe='')}/x",
    "in a path": f"https://host/{quote(AWKWARD)}",
    "in a form": f"token={quote_plus(AWKWARD)}&x=1",
    "in an address, lower case": quote(AWKWARD, safe="").lower(),
    "in base64": b64encode(AWKWARD.encode()).decode(),
    "in base64 for addresses": urlsafe_b64encode(AWKWARD.encode()).decode().rstrip("="),
}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_secret_is_masked_in_every_shape(style: Style, shape: str) -> None:
    """Whether it stands in the message, its arguments, an exception or a stack."""
    text = SHAPES[shape]
    formatter = style([AWKWARD.lower() if "lower" in shape else AWKWARD])
    for one in (
        record(text),
        record("said: %s", text),
        record("broke", exc_info=raised(RuntimeError(text))),
        record("broke", exc_text=f"Traceback\n{text}"),
        record("here", stack_info=f"Stack\n{text}"),
    ):
        shown = formatter.format(one)
        assert "c4n4ry" not in shown
        assert text not in shown
        assert MASK in shown


@pytest.mark.parametrize("style", STYLES)
def test_the_longest_secret_is_masked_first_and_masks_stay(style: Style) -> None:
    """A secret within another, or within the mask, breaks neither."""
    shown = style(["secret", "a secret of length", ""]).format(record("x a secret of length x"))
    assert f"x {MASK} x" in shown


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("between", ["\u200b", "\xad", "\x1b[31m", "\u200d", "\x00", "\u0301"])
def test_nothing_unseen_between_its_letters_saves_a_secret(style: Style, between: str) -> None:
    """People would read it all the same."""
    shown = style(["c4n4ry-token"]).format(record(f"said {between.join('c4n4ry-token')}."))
    assert "y" not in shown.split("said")[1]
    assert f"said {MASK}." in shown


@pytest.mark.parametrize("style", STYLES)
def test_a_short_secret_is_masked_as_a_word(style: Style) -> None:
    """Within other words it would hide what has nothing to do with it."""
    said = "hook: webhook-id hook-1 hook.example of (hook) is hook."
    assert f"{MASK}: webhook-id hook-1 hook.example of ({MASK}) is {MASK}." in style(
        ["hook"]
    ).format(record(said))


class Unspeakable:
    def __repr__(self) -> str:
        raise RuntimeError("no words")


class SpeechlessError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


BAD_RECORDS = [
    record("%d", "no number"),
    record("%s %s", "one"),
    record("%(name)s", "no mapping"),
    record("too many", 1, 2),
    record(Unspeakable()),
    record("%s", Unspeakable()),
    record("%z", 1),
    record("broke", exc_info=raised(SpeechlessError())),
    record("broke", exc_info=(None, None, None)),
    record("lone \ud800 surrogate"),
]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("bad", BAD_RECORDS)
def test_a_bad_record_is_told_as_far_as_it_can_be(style: Style, bad: logging.LogRecord) -> None:
    """It never raises: logging would print the record itself, unmasked."""
    assert style(["c4n4ry"]).format(bad)


def test_a_bad_record_is_masked_too() -> None:
    """Its arguments are shown, without secrets."""
    shown = RedactingFormatter(["c4n4ry"]).format(record("%d", "c4n4ry and more"))
    assert MASK in shown
    assert "c4n4ry" not in shown


UNSEEN: tuple[Any, ...] = ("Cc", "Cf", "Cs", "Me", "Mn")
"""The kinds of characters that no secret is made of."""


@given(st.text(st.characters(exclude_categories=UNSEEN), min_size=8), st.text(), st.text())
def test_no_text_breaks_a_line(secret: str, before: str, after: str) -> None:
    """JSON is one valid line; text begins no line but its first, and holds no control."""
    one = record("%s", f"{before}{secret}{after}")
    line = JsonFormatter([secret]).format(one)
    assert "\n" not in line
    assert all(secret not in text for text in json.loads(line)["message"].split(MASK))
    shown = RedactingFormatter([secret]).format(one)
    assert all(text.startswith("  ") for text in shown.split("\n")[1:])
    assert not any(ord(char) < 32 and char not in "\n\t" for char in shown)


SET_UP = """
import logging, sys, threading
from bot import log
log.set_up(sys.argv[1], sys.argv[2], ["c4n4ry"])
log.catch_strays()
"""


def run(code: str, level: str = "debug", style: str = "text") -> str:
    done = subprocess.run(
        [sys.executable, "-c", SET_UP + code, level, style],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "c4n4ry" not in done.stdout + done.stderr
    return done.stderr


STRAYS = {
    "in the main thread": 'raise RuntimeError("c4n4ry")',
    "in another thread": """
def work(): raise RuntimeError("c4n4ry")
thread = threading.Thread(target=work)
thread.start()
thread.join()
""",
    "where nothing can be raised": """
class Left:
    def __del__(self): raise RuntimeError("c4n4ry")
Left()
""",
    "as a warning": 'import warnings; warnings.warn("RuntimeError c4n4ry")',
}


@pytest.mark.parametrize("style", ["text", "json"])
@pytest.mark.parametrize("where", STRAYS)
def test_what_nobody_catches_is_logged_without_secrets(where: str, style: str) -> None:
    """Python's own reports go past every formatter."""
    said = run(STRAYS[where], style=style)
    assert "RuntimeError" in said
    assert MASK in said
    if style == "json":
        assert [json.loads(line) for line in said.splitlines()]


def test_a_traceback_is_for_those_who_ask_for_it() -> None:
    """At other levels one line says what it was."""
    said = run('raise RuntimeError("c4n4ry")', level="warning")
    assert "unexpected RuntimeError" in said
    assert "Traceback" not in said


def test_libraries_are_heard_from_warning_on() -> None:
    """Any library, known or not; the program itself as it was asked to."""
    said = run("""
for name in ("httpx", "slack_sdk.web", "someone.elses", "bot.jobs.poll"):
    logging.getLogger(name).debug("debug of %s", name)
    logging.getLogger(name).warning("warning of %s", name)
""")
    assert "debug of bot.jobs.poll" in said
    assert said.count("debug of") == 1
    assert said.count("warning of") == 4


def test_a_lost_standard_error_stops_nothing() -> None:
    """Nor is the record printed by logging itself."""
    assert run('sys.stderr.close(); logging.getLogger("bot").error("c4n4ry")') == ""


def test_threads_may_log_at_once() -> None:
    """Each record stays one line."""
    said = run(
        """
def work(): [logging.getLogger("bot").info("line %d", n) for n in range(50)]
threads = [threading.Thread(target=work) for _ in range(4)]
[thread.start() for thread in threads]; [thread.join() for thread in threads]
""",
        style="json",
    )
    assert len([json.loads(line) for line in said.splitlines()]) == 200


# --- a reader that does not read ---------------------------------------------------------------


def test_a_log_that_nobody_reads_drops_lines_and_counts_them() -> None:
    """It never waits; what can be written again begins with how much is lost."""
    with full_pipe() as (read, write), os.fdopen(write, "w", closefd=False) as stream:
        handler = QuietHandler(stream)
        handler.setFormatter(RedactingFormatter(()))
        for number in range(3):
            handler.emit(record(f"dropped {number} " + "x" * 10_000))
        os.read(read, 1 << 20)
        handler.emit(record("heard"))
        handler.emit(record("heard too"))
        told = os.read(read, 1 << 20).decode().splitlines()
    assert "WARNING 3 lines of the log are lost: nobody read standard error" in told[0]
    assert [line.partition("Z ")[2] for line in told[1:]] == ["ERROR heard", "ERROR heard too"]


def test_a_line_longer_than_a_pipe_is_cut_and_the_next_one_whole() -> None:
    """A line that found no end begins no other."""
    read, write = os.pipe()
    with os.fdopen(read, "rb") as reader, os.fdopen(write, "w") as stream:
        handler = QuietHandler(stream)
        handler.setFormatter(RedactingFormatter(()))
        handler.emit(record("x" * 1_000_000))
        os.read(read, 1 << 20)
        handler.emit(record("heard"))
        assert os.read(reader.fileno(), 1 << 20).decode().splitlines()[-1].endswith("ERROR heard")


def test_what_a_line_is_about_are_fields_of_its_json() -> None:
    """Numbers stay numbers; texts are masked; what is not known of a line is left out."""
    about = {"board": "acme/hf_token", "events": 2, "duration": 0.25, "channel": None}
    line = json.loads(JsonFormatter(["hf_token"]).format(record("told", **about)))
    assert (line["board"], line["events"], line["duration"]) == (f"acme/{MASK}", 2, 0.25)
    assert line.keys().isdisjoint({"channel", "delivery", "error"})
