"""A string that cannot be shown by accident, and the shapes in which it may still turn up."""

from __future__ import annotations

import base64
import hmac
import json
import re
from urllib.parse import quote, quote_plus

HIDDEN = "[hidden]"

_LOOKS = re.compile(
    r"""
    xox[a-z](?:\.xox[a-z])?-[\w-]{6,} | xapp-[\w-]{6,}            # Slack's tokens
    | hf_[A-Za-z0-9]{12,} | api_org_[A-Za-z0-9]{12,}              # the Hub's
    | whsec_[\w+/=-]{6,}                                          # secrets that sign
    | gh[a-z]_\w{20,} | github_pat_\w{20,} | sk-[\w-]{20,}        # what else lies in clipboards
    | eyJ[\w-]{8,}\.[\w-]{8,}[\w.-]* | \d{6,}:[\w-]{30,}
    | (?<!\w)(?=[A-Za-z0-9]*\d)(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{32,}(?!\w)
    | https?://[^\s/]*(?:hooks?\.|discord)[^\s/]*/[^\s"]+         # addresses that are secrets
    | https?://[^\s"]+/(?:services|hooks|webhooks|webhook)/[^\s"]+
    | https?://[^\s/@"]+:[^\s/@"]*@[^\s"]*
    """,
    re.VERBOSE | re.IGNORECASE,
)


_ADDRESS = re.compile(
    r"(?!https?://|sqlite://|ftp://)(?<![a-z])[a-z][a-z0-9+.-]*://", re.IGNORECASE
)
"""What Apprise and databases are reached by: often keys stand where hosts would."""


def looks_secret(text: str) -> bool:
    """Tell whether a value looks like a token, a hook's address, a signing secret or their like."""
    return _LOOKS.search(text) is not None or _ADDRESS.search(text) is not None


def hide_lookalikes(text: str) -> str:
    """Return a sentence with what looks like a secret hidden; examples of addresses stay."""
    return _LOOKS.sub(HIDDEN, text)


APP_TOKEN = "an app-level token of Slack's"  # noqa: S105 - words
SLACK_TOKEN = "a token of Slack's"  # noqa: S105
HUB_TOKEN = "a token of the Hub's"  # noqa: S105
SIGNING_SECRET = "a secret that signs"  # noqa: S105
ADDRESS = "an address"

_BEGINNINGS = {
    APP_TOKEN: re.compile(r"xapp-"),
    SLACK_TOKEN: re.compile(r"xox[a-z](\.xox[a-z])?-"),
    HUB_TOKEN: re.compile(r"(hf|api_org)_"),
    SIGNING_SECRET: re.compile(r"whsec_"),
    ADDRESS: re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://"),
}


def what_it_is(secret: str) -> str | None:
    """Say what a secret is by how it begins; None where that is not known."""
    return next((what for what, start in _BEGINNINGS.items() if start.match(secret)), None)


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
