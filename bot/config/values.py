"""The values that keys take: each type parses strictly and says what is allowed.

A parser takes what TOML gave (references already resolved) and returns the value of the program,
or raises ``wrong`` with a text that continues "key: …".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from bot.core.alerts.scope import OFFICIAL, entry, has_wildcard
from bot.core.events import Kind
from bot.core.names.suggest import choose, nearest
from bot.core.secret import looks_secret

SECRET = "secret"  # noqa: S105 - the name of an error type
PUBLIC = "public"

ALL = "all"

REFERENCE = {"type": "string", "pattern": "^(env|file):."}
"""What an editor accepts wherever a string is wanted."""

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST = timedelta(days=3650)
_DURATION = re.compile(r"([0-9]{1,9})([smhd])")
_ID = re.compile(r"\w[\w.-]*/\w[\w.-]*", re.ASCII)
_GLOB_CHARACTERS = re.compile(r"[][\w.*?!/-]+", re.ASCII)
_SLACK_ID = re.compile(r"[CDG][A-Z0-9]+", re.ASCII)
_DATASET_PAGE = re.compile(
    r"https?://[^/]+/datasets/([\w.-]+/[\w.-]+)(?:[^#]*[?&](?:leaderboard_)?task_id=([^&#]+))?",
    re.ASCII,
)


def wrong(text: str, advice: str = "", *, secret: bool = False) -> PydanticCustomError:
    """Return the error that says ``text``, what was found unless that is ``secret``, ``advice``."""
    said = {"text": text, "advice": advice}
    return PydanticCustomError(SECRET if secret else PUBLIC, "{text}", said)


@dataclass(frozen=True, eq=False)
class Parsed:
    """Makes a type one that ``parse`` reads and that ``schema`` describes to editors."""

    parse: Callable[[Any], Any]
    schema: dict[str, Any] = field(default_factory=dict)

    def __get_pydantic_core_schema__(self, _: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.parse)

    def __get_pydantic_json_schema__(
        self, _: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return dict(self.schema)


def is_address(text: str) -> bool:
    """Tell whether the text can be taken apart as an address, whatever its scheme."""
    try:
        urlsplit(text)
    except ValueError:
        return False
    return True


def is_http(text: str) -> bool:
    """Tell whether the text is an http or https address with a host."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def duration(value: Any) -> timedelta:
    """Return the time that ``30s``, ``5m``, ``2h`` or ``7d`` writes."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    length = timedelta(seconds=int(match[1]) * _SECONDS[match[2]]) if match else timedelta()
    if not timedelta() < length <= _LONGEST:
        raise wrong('must be a duration such as "30s", "5m", "2h" or "7d", at most "3650d"')
    return length


def whole(least: int, most: int | None = None) -> Parsed:
    """Return the type of whole numbers from ``least`` on, or to ``most``."""
    bounds = f"of at least {least}" if most is None else f"from {least} to {most}"

    def parse(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise wrong(f"must be a whole number {bounds}, without quotes")
        if value < least or (most is not None and value > most):
            raise wrong(f"must be a whole number {bounds}")
        return value

    limit = {} if most is None else {"maximum": most}
    return Parsed(parse, {"type": "integer", "minimum": least, **limit})


def _decimal(value: Any) -> Decimal:
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        raise wrong("must be a number of at least 0, without quotes")
    number = Decimal(value)
    if not number.is_finite() or number < 0:
        raise wrong("must be a number of at least 0")
    return number


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise wrong("must be true or false, without quotes")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise wrong("must be text in quotes, and not empty")
    if not value.isprintable() or value != value.strip():
        raise wrong("must be text without line breaks, and without spaces around it")
    return value


def _address(value: Any) -> str:
    allowed = "must be an address that begins with https:// or http://"
    if isinstance(value, str) and "@" in value:
        raise wrong(f"{allowed}, without a user name or password", secret=True)
    text = _text(value) if isinstance(value, str) else ""
    if is_http(text) and looks_secret(text):
        raise wrong("looks like the secret address of a hook; it belongs to a channel", secret=True)
    if not is_http(text) or any(mark in text for mark in "?# "):
        raise wrong(allowed)
    return text.rstrip("/")


def _benchmark(value: Any) -> str:
    if not isinstance(value, str):
        raise wrong(_BENCHMARK_ALLOWED)
    written = entry(value)
    shape = _GLOB_CHARACTERS if written.is_glob else _ID
    if shape.fullmatch(written.benchmark) and ".." not in written.benchmark:
        _check_task(written.task)
        return value
    near = _meant(value)
    raise wrong(_BENCHMARK_ALLOWED, f'did you mean "{near}"?' if near else "")


def _benchmark_name(value: Any) -> str:
    """Return the key of a table of ``[benchmarks]``: no glob."""
    written = entry(value)
    if not _ID.fullmatch(written.benchmark) or ".." in written.benchmark:
        raise wrong('must be named ["namespace/name"], or ["namespace/name#task"]')
    _check_task(written.task)
    return str(value)


def _check_task(task: str | None) -> None:
    if task is None:
        return
    if not task.strip() or task != task.strip() or len(task) > LONGEST_TASK:
        raise wrong(
            f"must name a task behind the #, in at most {LONGEST_TASK} characters, without blanks "
            "around it"
        )
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in task):
        raise wrong("must name a task without control characters")


def _meant(value: str) -> str | None:
    """Return what was probably meant: by an address, or by a third part that is a task."""
    page = _DATASET_PAGE.match(value)
    if page:
        return f"{page[1]}#{unquote(page[2])}" if page[2] else page[1]
    parts = value.removeprefix("datasets/").split("/")
    if len(parts) > 1 and all(parts):
        name, task = "/".join(parts[:2]), "/".join(parts[2:])
        if _ID.fullmatch(name) and "#" not in value and parts[0] != "models":
            return f"{name}#{task}" if task else name
    return nearest(value, [OFFICIAL])


LONGEST_TASK = 500

_BENCHMARK_ALLOWED = (
    'must be "official", namespace/name, or a glob such as "SWE-bench/*", '
    "each with or without #TASK"
)


def _model(value: Any) -> str:
    text = _text(value)
    if "/" not in text and not has_wildcard(text):
        raise wrong('must be namespace/name, or a glob such as "Qwen/*"')
    return text


def _slack_channel(value: Any) -> str:
    text = _text(value)
    if not _SLACK_ID.fullmatch(text):
        raise wrong(
            'must be a channel\'s id such as "C0123456789"',
            "Slack shows it at the end of the channel's details",
        )
    return text


def _event(value: Any) -> str:
    allowed = [*Kind, ALL]
    if value not in allowed:
        raise wrong("is no kind of event", choose(value, allowed))
    return str(value)


_STRING = {"type": "string", "minLength": 1}

Text = Annotated[str, Parsed(_text, _STRING)]
SlackChannel = Annotated[
    str, Parsed(_slack_channel, {**_STRING, "pattern": "^([CDG][A-Z0-9]+$|env:|file:)"})
]
Address = Annotated[str, Parsed(_address, {**_STRING, "pattern": "^(https?://|env:|file:)"})]
FolderAddress = Annotated[
    str, Parsed(lambda value: f"{_address(value)}/", {**_STRING, "format": "uri"})
]
Benchmark = Annotated[str, Parsed(_benchmark, _STRING)]
BenchmarkName = Annotated[str, Parsed(_benchmark_name, _STRING)]
Model = Annotated[str, Parsed(_model, _STRING)]
EVENT_SCHEMA = {"anyOf": [{"enum": [*Kind, ALL]}, REFERENCE]}
Event = Annotated[str, Parsed(_event, EVENT_SCHEMA)]
Flag = Annotated[bool, Parsed(_flag, {"type": "boolean"})]
Number = Annotated[Decimal, Parsed(_decimal, {"type": "number", "minimum": 0})]
Duration = Annotated[
    timedelta,
    Parsed(duration, {"type": "string", "pattern": r"^([0-9]{1,9}[smhd]|env:.+|file:.+)$"}),
]
