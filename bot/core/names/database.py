"""How people misspell the address of a database, and what to write instead."""

from __future__ import annotations

import re

from bot.core.names.suggest import nearest

_SCHEME = re.compile(r"([a-z][a-z0-9.-]*)(\+[a-z0-9]+)?:(?://)?", re.IGNORECASE)
_KNOWN = ("sqlite", "postgresql", "postgres")
_PORT = re.compile(r"[^/?\[\]:]*:(?![0-9]*(?:[/?,]|$))([^/?]*)")
_ENCODED = "in it, write @ as %40, / as %2F, : as %3A, # as %23"


def flaw(url: str) -> str | None:
    """Return what is wrong with an address as it is written, as the rest of a sentence.

    None where nothing is, as far as that shows. It may hold a password, so it is not repeated.
    """
    found = _SCHEME.match(url)
    of_sqlite = url.startswith("sqlite:") and not url.startswith("sqlite:///")
    if found is None or found[0].endswith(":") or of_sqlite:
        return _of_no_scheme(url)
    scheme, driver = found[1].casefold(), found[2]
    if scheme not in _KNOWN:
        near = nearest(scheme, _KNOWN)
        meant = f"; did you mean {near}://?" if near else ""
        return f"it begins with {scheme}://: SQLite and PostgreSQL are understood{meant}"
    if driver and driver != "+psycopg":
        return f"it names a driver ({driver[1:]}): write {scheme}:// without one"
    account, at, server = url[found.end() :].rpartition("@")
    if at and set(account) & set("@/#") and "?" not in account:
        return f"its password cannot be read: {_ENCODED}"
    if _PORT.match(server):
        return "its port is no number"
    return None


def _of_no_scheme(url: str) -> str:
    if url.startswith("sqlite:") or re.fullmatch(r"[\w./~-]*[./][\w./~-]*", url):
        return "it is a file: write sqlite:/// with three slashes before its name"
    return "it is no address: write sqlite:///FILE or postgresql://USER@HOST/DATABASE"
