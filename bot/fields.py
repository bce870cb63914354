"""Types of the keys that the configuration and the channels share, and the table that holds them.

A parser takes what TOML gave (references already resolved) and returns the value of the program,
or raises ``wrong`` with a text that continues "key: …".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Strict,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from bot.core.names.written import is_http, is_mail, is_quoted, is_url, unfit
from bot.core.secret import ADDRESS, Secret, looks_secret, what_it_is

SECRET = "secret"  # noqa: S105 - the name of an error type
PUBLIC = "public"

STRING = {"type": "string", "minLength": 1}
"""What an editor accepts where any text may stand, and a reference for it."""

SIGNING_PREFIX = "whsec_"

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604_800, "y": 31_536_000}
_LONGEST = timedelta(days=3650)
_HOST = re.compile(r"[a-z0-9][a-z0-9.-]*(:[0-9]+)?(/[\w./-]*)?", re.IGNORECASE | re.ASCII)
_DURATION = re.compile(r"([0-9]{1,9})([smhd])")
_WORDY_DURATION = re.compile(
    r"([0-9]{1,9}(?:\.[0-9]{1,3})?) ?"
    r"([smhdwy])(?:ecs?|econds?|ins?|inutes?|rs?|ours?|ays?|eeks?|ears?)?(?![a-z])[ ,]*"
)
_CRON = re.compile(r"[0-9a-z*/,-]+(?:\s+[0-9a-z*/,-]+){4}")
_MEANT = dict.fromkeys(("true", "yes", "on", "1"), "true") | dict.fromkeys(
    ("false", "no", "off", "0"), "false"
)
"""What people write for true and false."""

_WHOLE = re.compile(r"\+?([0-9]{1,9})(?:\.0*)?", re.ASCII)


class Table(BaseModel):
    """A table of the file: no key but its own, and no change once it is read."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        arbitrary_types_allowed=True,
    )


def wrong(text: str, advice: str = "", *, secret: bool = False) -> PydanticCustomError:
    """Return the error that says ``text``, what was found unless that is ``secret``, ``advice``."""
    said = {"text": text, "advice": advice}
    return PydanticCustomError(SECRET if secret else PUBLIC, "{text}", said)


@dataclass(frozen=True, eq=False)
class Parsed:
    """Makes a type one that ``parse`` reads and that ``schema`` describes to editors."""

    parse: Callable[[Any], Any]
    schema: dict[str, Any] = field(default_factory=lambda: STRING)

    def __get_pydantic_core_schema__(self, _: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.parse)

    def __get_pydantic_json_schema__(
        self, _: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return dict(self.schema)


def said(allowed: str, meant: Callable[[str], str | None]) -> WrapValidator:
    """Return what says ``allowed`` where a type of pydantic's own refuses a value.

    ``meant`` gives how the value is written that a text, or another value's text, stands for.
    """

    def check(value: Any, inner: ValidatorFunctionWrapHandler) -> Any:
        try:
            return inner(value)
        except ValidationError as error:
            in_quotes = isinstance(value, str) and error.errors()[0]["type"].endswith("_type")
            other = None if isinstance(value, list | dict) else meant(str(value).strip().casefold())
            advice = f"write {other}" if other else ""
            raise wrong(allowed + ", without quotes" * in_quotes, advice) from None

    return WrapValidator(check)


def whole(least: int, most: int | None = None) -> tuple[Any, Any]:
    """Return what makes ``int`` the whole numbers from ``least`` on, or to ``most``."""
    bounds = f"of at least {least}" if most is None else f"from {least} to {most}"

    def meant(written: str) -> str | None:
        found = _WHOLE.fullmatch(written)
        number = int(found[1]) if found else -1
        return str(number) if least <= number and (most is None or number <= most) else None

    return Field(ge=least, le=most), said(f"must be a whole number {bounds}", meant)


def text(value: Any) -> str:
    """Return a text of one line."""
    if not isinstance(value, str) or not value.strip():
        raise wrong("must be text in quotes, and not empty")
    if refused := unfit(value):
        raise wrong(f"must be text without {refused}")
    return value


def duration(value: Any) -> timedelta:
    """Return the time that ``30s``, ``5m``, ``2h`` or ``7d`` writes."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    length = timedelta(seconds=int(match[1]) * _SECONDS[match[2]]) if match else timedelta()
    if not timedelta() < length <= _LONGEST:
        allowed = 'must be a duration such as "30s", "5m", "2h" or "7d", at most "3650d"'
        raise wrong(allowed, _meant_duration(value))
    return length


def _meant_duration(value: Any) -> str:
    """Return the advice for what is no duration: the one of that length, if it has one."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return f'write "{value}s" for seconds, "{value}m" for minutes'
    written = value.casefold().strip() if isinstance(value, str) else ""
    if written.isdecimal() and 0 < int(written) <= _LONGEST.days:
        return f'write "{written}m" for minutes, "{written}s" for seconds'
    if _CRON.fullmatch(written):
        return 'how often is no cron line here: write "5m"'
    parts = _WORDY_DURATION.findall(written)
    if _WORDY_DURATION.sub("", written).strip() or not parts:
        return ""
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    whole = (unit for unit in "dhms" if seconds >= 1 and seconds % _SECONDS[unit] == 0)
    meant = next((f"{seconds / _SECONDS[unit]:.0f}{unit}" for unit in whole), "")
    return f'did you mean "{meant}"?' if meant and seconds <= _LONGEST.total_seconds() else ""


def address(value: Any) -> str:
    """Return an http(s) address that may be shown, without a slash at its end."""
    allowed = "must be an address that begins with https:// or http://"
    if isinstance(value, str) and "@" in value:
        raise wrong(f"{allowed}, without a user name or password", secret=True)
    written = text(value) if isinstance(value, str) else ""
    if is_http(written) and looks_secret(written):
        raise wrong("looks like the secret address of a hook; it belongs to a channel", secret=True)
    if not is_http(written) or any(mark in written for mark in "?# "):
        near = f"https://{written}"
        is_host = _HOST.fullmatch(written) and "." in written and is_http(near)
        raise wrong(allowed, f'did you mean "{near}"?' if is_host else "")
    return written.rstrip("/")


def hidden(value: Any, allowed: str, *, spaces: bool = False) -> str:
    """Return a text that no error may show; ``allowed`` says what it should have been."""
    if not isinstance(value, str) or not value.strip():
        raise wrong(f"must be {allowed}", secret=True)
    if not value.isprintable() or (not spaces and re.search(r"\s", value)):
        raise wrong(f"must be {allowed}, without spaces or line breaks", secret=True)
    if is_quoted(value):
        raise wrong(f"must be {allowed}, without further quotes in it", secret=True)
    return value


def token(allowed: str, others: Collection[str]) -> Callable[[Any], Secret]:
    """Return what reads a token that is none of ``others``, as ``what_it_is`` calls them."""

    def read(value: Any) -> Secret:
        written = hidden(value, "a token in quotes")
        if not written.isascii():  # it goes into a header
            raise wrong("must be a token of plain ASCII characters", secret=True)
        if (what := what_it_is(written)) in others:
            raise wrong(f"must be {allowed}; this is {what}", secret=True)
        return Secret(written)

    return read


def secret_address(value: Any) -> Secret:
    """Return an http(s) address that is not shown."""
    allowed = "an address that begins with https:// or http://"
    written = hidden(value, allowed)
    if not is_http(written):
        what = "a mail address" if is_mail(written) else what_it_is(written)
        said = f"; this is {what}" if what not in (None, ADDRESS) else ""
        raise wrong(f"must be {allowed}{said}", secret=True)
    return Secret(written)


Listed = Strict(strict=False)
"""For tuples: strict would want one where TOML has a list. The items stay strict."""

Flag = Annotated[bool, said("must be true or false", _MEANT.get)]
Text = Annotated[str, Parsed(text)]
DURATION_SCHEMA = {"type": "string", "pattern": r"^([0-9]{1,9}[smhd]|env:.+|file:.+)$"}
Duration = Annotated[timedelta, Parsed(duration, DURATION_SCHEMA)]
Address = Annotated[str, Parsed(address, {**STRING, "pattern": "^(https?://|env:|file:)"})]
SecretAddress = Annotated[Secret, Parsed(secret_address)]


def parts(secret: str, shortest: int) -> set[str]:
    """Return the secret and every part of it that gives something away where it stands alone.

    Libraries log addresses in parts (host, then path), keys without their prefix, and accounts as
    basic authentication has them. Parts of fewer than ``shortest`` characters may be words: of
    these only passwords count. The host of a web address or a database is no secret.
    """
    found = {secret, secret.removeprefix(SIGNING_PREFIX)}
    if "://" in secret and is_url(secret):
        found |= _parts_of_address(secret, shortest)
    return (found | {unquote(part) for part in found}) - {""}


def _parts_of_address(secret: str, shortest: int) -> set[str]:
    url = urlsplit(secret)
    account = url.netloc.rpartition("@")[0]
    found = {url.password or "", *parse_qs(url.query).get("password", ())}
    if url.password:
        found.add(account)
    if url.scheme == "postgresql":
        return found
    named = account if is_http(secret) else url.netloc  # Apprise keeps keys where hosts stand
    path = f"{named}/{url.path}?{url.query}#{url.fragment}"
    pieces = re.split(r"[/?&=#]+", path) + re.split(r"[/:@?&=#;,]+", path)
    return found | {piece for piece in pieces if len(piece) >= shortest}
