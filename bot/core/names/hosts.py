"""Where a server listens, and which hosts are this machine alone."""

from __future__ import annotations

import re
from ipaddress import ip_address

from msgspec import Struct

_LISTEN = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.%]+)\]|(?P<name>[^:/\s\[\]]+)):(?P<port>[0-9]{1,5})")
LOCALHOST = "localhost"
_HIGHEST_PORT = 65_535


class Listen(Struct, frozen=True):
    """A host and a port to listen at; port 0 is any that is free."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return is_loopback(self.host)

    def __str__(self) -> str:
        """Return it as addresses have it."""
        return f"{bracketed(self.host)}:{self.port}"


def listen(written: str) -> Listen | None:
    """Return the place that ``HOST:PORT`` names, an IPv6 host in brackets; None for anything else.

    A number is an IP address only as ``ipaddress`` reads it: ``127.1`` is not one.
    """
    match = _LISTEN.fullmatch(written)
    if not match or int(match["port"]) > _HIGHEST_PORT:
        return None
    host = match["v6"] or match["name"]
    if (match["v6"] or host.replace(".", "").isdecimal()) and not is_address(host):
        return None
    return Listen(host, int(match["port"]))


def is_address(host: str) -> bool:
    """Tell whether a host is an IP address."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Tell whether a host is 127.0.0.0/8, ``::1`` or ``localhost``."""
    if host.casefold().rstrip(".") == LOCALHOST:
        return True
    return is_address(host) and ip_address(host).is_loopback


def bracketed(host: str) -> str:
    """Return a host as addresses have it: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host
