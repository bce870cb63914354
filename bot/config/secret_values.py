"""The values that no error may show: tokens, signing secrets, addresses that carry credentials."""

from __future__ import annotations

import base64
import binascii
import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs, unquote, urlsplit

from bot.config.values import Parsed, is_address, is_http, wrong
from bot.core.secret import Secret

SQLITE = "sqlite:///"
POSTGRESQL = "postgresql://"

_SIGNING_PREFIX = "whsec_"
_SIGNING_BYTES = range(24, 65)
_PART_LENGTH = 16
_NEXT_ADDRESS = re.compile(r"[\s,;][A-Za-z0-9]{1,32}://")
"""Where Apprise would begin another; if one fails, all would be told again."""


def _shaped(value: Any, allowed: str, *, spaces: bool = False) -> str:
    if not isinstance(value, str) or not value.strip():
        raise wrong(f"must be {allowed}", secret=True)
    if not value.isprintable() or (not spaces and re.search(r"\s", value)):
        raise wrong(f"must be {allowed}, without spaces or line breaks", secret=True)
    return value


def _token(value: Any) -> Secret:
    text = _shaped(value, "a token in quotes")
    if not text.isascii():  # it goes into a header
        raise wrong("must be a token of plain ASCII characters", secret=True)
    return Secret(text)


def _address(value: Any) -> Secret:
    allowed = "an address that begins with https:// or http://"
    text = _shaped(value, allowed)
    if not is_http(text):
        raise wrong(f"must be {allowed}", secret=True)
    return Secret(text)


def _apprise(value: Any) -> Secret:
    allowed = "an Apprise address such as discord://ID/TOKEN"
    text = _shaped(value, allowed, spaces=True)
    if not re.match(r"[A-Za-z][A-Za-z0-9+-]*://\S", text) or not is_address(text):
        raise wrong(f"must be {allowed}", secret=True)
    if _NEXT_ADDRESS.search(text):
        raise wrong("holds several addresses; give each a channel of its own", secret=True)
    return Secret(text)


def _signing(value: Any) -> Secret:
    allowed = "must be whsec_ followed by the base64 of 24 to 64 bytes"
    if not isinstance(value, str) or not value.startswith(_SIGNING_PREFIX):
        raise wrong(allowed, secret=True)
    try:
        key = base64.b64decode(value.removeprefix(_SIGNING_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) not in _SIGNING_BYTES:
        raise wrong(allowed, secret=True)
    return Secret(value)


def one_or_more(value: Any) -> Any:
    """Return the list that a signing secret, or a non-empty list of them, stands for."""
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list) or not value:
        raise wrong("must be a signing secret (whsec_…), or a list of them", secret=True)
    return value


def _database(value: Any) -> Secret:
    allowed = f"{SQLITE}FILE or {POSTGRESQL}USER:PASSWORD@HOST/DATABASE"
    text = _shaped(value, allowed, spaces=True)
    if text.startswith(SQLITE):
        file = text.removeprefix(SQLITE)
        if file.startswith(":") or file.endswith("/") or not file or "?" in file:
            raise wrong(f"must name a file after {SQLITE}, and nothing else", secret=True)
    elif not text.startswith(POSTGRESQL) or not is_address(text):
        raise wrong(f"must be {allowed}", secret=True)
    return Secret(text)


def in_folder(database: Secret, folder: Path) -> Secret:
    """Return the database's URL with a SQLite file's path made absolute, from ``folder``."""
    url = database.reveal()
    if not url.startswith(SQLITE):
        return database
    # What follows is taken for a path as it stands, so that no sign of it is written otherwise.
    return Secret(f"{SQLITE}{folder / url.removeprefix(SQLITE)}")


def shown(database: Secret) -> str:
    """Return where a database is, without what gives access to it."""
    url = database.reveal()
    if url.startswith(SQLITE):
        return url
    user, at, place = urlsplit(url).netloc.rpartition("@")
    return f"{POSTGRESQL}{user.partition(':')[0]}{at}{place}{urlsplit(url).path}"


def parts(secret: Secret) -> set[str]:
    """Return the secret and every part of it that gives something away where it stands alone.

    Libraries log addresses in parts (host, then path), and keys without their prefix.
    """
    value = secret.reveal()
    if value.startswith(SQLITE):
        return set()
    found = {value, value.removeprefix(_SIGNING_PREFIX)}
    if "://" in value and is_address(value):
        found |= _address_parts(value)
    return found


def _address_parts(value: str) -> set[str]:
    address = urlsplit(value)
    found = {address.password or "", *parse_qs(address.query).get("password", ())}
    if address.password:  # as basic authentication has it
        found.add(f"{address.username}:{address.password}")
    if address.scheme != "postgresql":
        pieces = re.split(r"[/&=?]", f"{address.path}?{address.query}?{address.username or ''}")
        if not is_http(value):
            pieces += re.split(r"[@:]", address.netloc)  # Apprise keeps keys where hosts stand
        found.update(piece for piece in pieces if len(piece) >= _PART_LENGTH)
    return (found | {unquote(piece) for piece in found}) - {""}


_STRING = {"type": "string", "minLength": 1}
SIGNING_SCHEMA = {"type": "string", "pattern": "^(whsec_|env:|file:)."}

Token = Annotated[Secret, Parsed(_token, _STRING)]
SecretAddress = Annotated[Secret, Parsed(_address, _STRING)]
AppriseAddress = Annotated[Secret, Parsed(_apprise, _STRING)]
DatabaseAddress = Annotated[Secret, Parsed(_database, _STRING)]
SigningSecret = Annotated[Secret, Parsed(_signing, SIGNING_SCHEMA)]
