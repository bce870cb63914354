"""A string that cannot be shown by accident, and the shapes in which it may still turn up."""

from __future__ import annotations

import base64
import hmac
import json
import re
from urllib.parse import quote, quote_plus


class Secret:
    """A value that prints, formats, compares and hashes without giving itself away."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value, for the one call that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret('**********')"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(
            self._value.encode(), other._value.encode()
        )

    def __hash__(self) -> int:
        return hash((Secret, self._value))


def shapes(text: str) -> frozenset[str]:
    """Return a text as it stands in JSON, Python, addresses and base64, and as it is.

    Escapes may stand in escapes, as where JSON is quoted in JSON, and both in an address.
    """
    escaped = {text} | _escaped(text)
    escaped |= {again for one in escaped for again in _escaped(one)}
    data = text.encode(errors="surrogatepass")
    encoded = {base64.b64encode(data), base64.urlsafe_b64encode(data)}
    return frozenset(
        {
            *escaped,
            *(quoted for one in escaped for quoted in _quoted(one)),
            *(one.decode().rstrip("=") for one in encoded),
        }
    )


def _escaped(text: str) -> set[str]:
    shown = {json.dumps(text), json.dumps(text, ensure_ascii=False), repr(text)}
    return {one[1:-1] for one in shown}


def _quoted(text: str) -> set[str]:
    data = text.encode(errors="surrogatepass")
    quoted = {quote(data, safe=""), quote(data), quote_plus(data)}
    return quoted | {re.sub("%..", lambda found: found[0].lower(), one) for one in quoted}
