"""Types of keys that only the configuration has: benchmarks, models, kinds, numbers, the database.

Each parser takes what TOML gave, as those of ``bot.fields`` do.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema

from bot.config.patterns import (
    can_match,
    is_expression,
    meant_benchmark,
    meant_model,
    no_benchmark,
    no_model,
)
from bot.config.problems.problem import as_list
from bot.core.aggregate import EVERYTHING, PREFIX, can_name, name_of
from bot.core.alerts.benchmarks import OFFICIAL, entry
from bot.core.kinds import Kind
from bot.core.names import database, links
from bot.core.names.hosts import Listen, listen
from bot.core.names.suggest import choose, either
from bot.core.names.written import is_url
from bot.core.secret import (
    APP_TOKEN,
    HUB_TOKEN,
    SIGNING_SECRET,
    SLACK_TOKEN,
    Secret,
    looks_secret,
)
from bot.fields import (
    DURATION_SCHEMA,
    Listed,
    Parsed,
    Text,
    duration,
    hidden,
    text,
    token,
    wrong,
)

ALL = "all"

SQLITE = "sqlite:///"
POSTGRESQL = "postgresql://"
POSTGRES = "postgres://"
"""The short form, which some hosts hand out."""

LONGEST_TASK = 500
A_DAY = timedelta(days=1)

_ID = re.compile(r"\w[\w.-]*/\w[\w.-]*", re.ASCII)


def _benchmark(value: Any) -> str:
    allowed = (
        'must be "official", namespace/name, or a glob such as "SWE-bench/*", '
        f'each with or without #TASK, or "{PREFIX}COLUMN"'
    )
    if not isinstance(value, str):
        raise wrong(allowed)
    if value.casefold().startswith(PREFIX):
        return _column(value)
    written = entry(value)
    if written.benchmark == OFFICIAL or can_match(written.benchmark):
        _check_task(written.task)
        return value
    meant = [meant_benchmark(value)]
    if re.fullmatch(r"[\w.-]+", value) and meant[0] == f"*/{value}":
        meant = [*meant, f"{value}/*"]  # which one, whoever has it, or whose benchmarks
    raise wrong(*_never(allowed, value, no_benchmark(value), *meant))


def _column(value: str) -> str:
    """Return what names columns of the file over all benchmarks."""
    column = value[len(PREFIX) :]
    bare = column.partition("#")[0].strip().removesuffix("_score")
    if bare == EVERYTHING:
        raise wrong("names a mean over other benchmarks for each model, which is no benchmark")
    if value.startswith(PREFIX) and column == bare and can_name(value):
        return value
    allowed = f'must name a column without its _score behind {PREFIX}, such as "{PREFIX}gpqa"'
    raise wrong(allowed, f'did you mean "{name_of(bare)}"?' if can_name(name_of(bare)) else "")


def _never(allowed: str, written: str, other: str, *meant: str | None) -> tuple[str, str]:
    """Return what a name that can never match must be, and what to do; else ``other``."""
    is_regex = is_expression(written)
    advice = "give each name an entry of its own" if is_regex and "|" in written else ""
    if any(meant) and not looks_secret(written):
        advice = f"did you mean {either(filter(None, meant))}?"
    elif not advice and not looks_secret(written):
        advice = other
    return f"{allowed}, no regular expression" if is_regex else allowed, advice


def _benchmark_name(value: Any) -> str:
    """Return the key of a table of ``[benchmarks]``: no glob."""
    written = entry(value)
    if not _ID.fullmatch(written.benchmark) or ".." in written.benchmark:
        allowed = 'must be named ["namespace/name"], or ["namespace/name#task"]'
        is_glob = written.is_glob and not is_expression(written.benchmark)
        raise wrong(allowed, "give each benchmark a table of its own" if is_glob else "")
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


def _or_page(named: Callable[[str, str], str | None]) -> BeforeValidator:
    """Return what reads the address of a page on the Hub as a name; others stay as they are."""

    def read(value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, str) or not links.is_address(value):
            return value
        assert info.context is not None
        return named(value, info.context["endpoint"]) or value

    return BeforeValidator(read)


def _model(value: Any) -> str:
    written = text(value)
    if not can_match(written):
        allowed = 'must be namespace/name, or a glob such as "Qwen/*"'
        raise wrong(*_never(allowed, written, no_model(written), meant_model(written)))
    return written


def _event(value: Any) -> str:
    allowed = [*Kind, ALL]
    if value not in allowed:
        raise wrong("is no kind of event", choose(value, allowed))
    return str(value)


def _events(value: Any) -> Any:
    if value == ALL:
        return [ALL]
    if not isinstance(value, list):
        raise wrong('must be a list of kinds, or "all"', f"write it in brackets: {as_list(value)}")
    if not value:
        raise wrong('must be a list of kinds, or "all"', "name one at least")
    return value


def _number(value: Any) -> Decimal:
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        decimal = str(value).replace(",", ".").removesuffix("%").strip()
        advice = f"write {decimal}" if re.fullmatch(r"[0-9]+(\.[0-9]+)?", decimal) else ""
        advice += ", in the board's own units" if advice and "%" in str(value) else ""
        raise wrong("must be a number of at least 0, without quotes", advice)
    number = Decimal(value)
    if not number.is_finite() or number < 0:
        raise wrong("must be a number of at least 0")
    return number


def _at_least_a_day(value: Any) -> timedelta:
    span = duration(value)
    if span < A_DAY:
        raise wrong('must be at least "1d"')
    return span


def _database(value: Any) -> Secret:
    allowed = f"{SQLITE}FILE or {POSTGRESQL}USER:PASSWORD@HOST/DATABASE"
    url = hidden(value, allowed, spaces=True)
    if url.startswith(SQLITE):
        file = url.removeprefix(SQLITE)
        if file.startswith(":") or file.endswith("/") or not file or "?" in file:
            raise wrong(f"must name a file after {SQLITE}, and nothing else", secret=True)
        return Secret(url)
    if url.startswith(POSTGRES):
        url = POSTGRESQL + url.removeprefix(POSTGRES)
    if not url.startswith(POSTGRESQL) or not is_url(url):
        raise wrong(f"must be {allowed}", database.flaw(url) or "", secret=True)
    if flaw := database.flaw(url):
        raise wrong(flaw, secret=True)
    return Secret(url)


def listen_at(value: Any) -> Listen:
    """Return the place that ``HOST:PORT`` names."""
    place = listen(value) if isinstance(value, str) else None
    if place is None:
        allowed = 'must be HOST:PORT, such as "127.0.0.1:8080" or "[::1]:8080"'
        raise wrong(allowed, _meant_place(value))
    return place


def _meant_place(value: Any) -> str:
    written = str(value).strip().removeprefix("http://").strip("/")
    port = written.removeprefix(":")
    near = f"127.0.0.1:{port}" if port.isdecimal() else written
    near = near if ":" in near else f"{near}:8080"
    return f'did you mean "{near}"?' if listen(near) and not isinstance(value, bool) else ""


def in_folder(database: Secret, folder: Path) -> Secret:
    """Return the database's URL with a SQLite file's path made absolute, from ``folder``."""
    url = database.reveal()
    if not url.startswith(SQLITE):
        return database
    # What follows is taken for a path as it stands, so that no sign of it is written otherwise.
    return Secret(f"{SQLITE}{folder / url.removeprefix(SQLITE)}")


def place_of(database: Secret) -> str:
    """Return where a database is, without what gives access to it."""
    url = database.reveal()
    if url.startswith(SQLITE):
        return url
    user, at, place = urlsplit(url).netloc.rpartition("@")
    return f"{POSTGRESQL}{user.partition(':')[0]}{at}{place}{urlsplit(url).path}"


_NO_HUB_TOKENS = (APP_TOKEN, SLACK_TOKEN, SIGNING_SECRET)


def opens_nothing(text: Secret) -> bool:
    """Tell whether this is the address of a database, with nothing in it that gives access."""
    url = text.reveal()
    return url.startswith(SQLITE) or (url.startswith(POSTGRESQL) and place_of(text) == url)


_EVENT = {"anyOf": [{"enum": [*Kind, ALL]}, {"type": "string", "pattern": "^(env|file):."}]}
_EVENTS = {"anyOf": [{"const": ALL}, {"type": "array", "items": _EVENT, "minItems": 1}]}

Benchmark = Annotated[str, Parsed(_benchmark), _or_page(links.benchmark_of)]
BenchmarkName = Annotated[str, Parsed(_benchmark_name), _or_page(links.benchmark_of)]
Model = Annotated[str, Parsed(_model), _or_page(links.model_of)]
Event = Annotated[str, Parsed(_event)]
Benchmarks = Annotated[tuple[Benchmark, ...], Field(min_length=1), Listed]
Models = Annotated[tuple[Model, ...], Field(min_length=1), Listed]
OtherModels = Annotated[tuple[Model, ...], Listed]
Events = Annotated[tuple[Event, ...], BeforeValidator(_events), Listed, WithJsonSchema(_EVENTS)]
Names = Annotated[tuple[Text, ...], Listed]
Number = Annotated[Decimal, Parsed(_number, {"type": "number", "minimum": 0})]
Keep = Annotated[timedelta, Parsed(_at_least_a_day, DURATION_SCHEMA)]
ListenAt = Annotated[Listen, Parsed(listen_at)]
PageToken = Annotated[
    Secret, Parsed(token("a secret of your own making", (HUB_TOKEN, *_NO_HUB_TOKENS)))
]
HubToken = Annotated[Secret, Parsed(token("a token of the Hub's, hf_…", _NO_HUB_TOKENS))]
DatabaseAddress = Annotated[Secret, Parsed(_database)]
