"""Which addresses a webhook may be sent to: public ones, unless the channel says otherwise."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from bot.channels.limits import within

Resolve = Callable[[str, int], Sequence[str]]
"""Returns a host's addresses; raises ``OSError`` where there are none."""

_REFUSED = tuple(
    ip_network(network)
    for network in (
        "168.63.129.16/32",  # a cloud's metadata service, on a public address
        "192.0.0.0/24",  # kept for protocols
        "2001::/23",
        "192.88.99.0/24",  # relays into the tunnels below
        "64:ff9b::/96",  # these hold an IPv4 address, of whatever kind
        "64:ff9b:1::/48",
        "2002::/16",
        "::/96",
        "100:0:0:1::/64",  # for examples and dummies: Python 3.11 does not know these
        "3fff::/20",
        "5f00::/16",  # names of segments within a network
    )
)


def resolve(host: str, port: int) -> tuple[str, ...]:
    """Ask the system for the addresses of ``host``, the preferred first."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(info[4][0]) for info in found))


def public(address: str) -> bool:
    """Tell whether an address belongs to the public internet; what is none does not.

    ``is_global`` alone lets multicast, tunnels to private networks and one cloud's metadata
    service pass.
    """
    try:
        ip: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    refused = (
        not ip.is_global,
        ip.is_private,
        ip.is_loopback,
        ip.is_link_local,
        ip.is_multicast,
        ip.is_reserved,
        ip.is_unspecified,
        isinstance(ip, IPv6Address) and ip.is_site_local,
        any(ip in network for network in _REFUSED),
    )
    return not any(refused)


class RefusedAddressError(OSError):
    """A host has no address that a webhook may be sent to."""

    def __init__(self) -> None:
        super().__init__(
            "the host's address is not a public one; if that is meant, set allow_private = true "
            "for this channel"
        )


def allowed(
    host: str, port: int, *, resolve: Resolve, allow_private: bool, limit: timedelta
) -> tuple[str, ...]:
    """Resolve ``host`` now and return the addresses that may be connected to.

    The caller must connect to one of them, not to the name: it could resolve to another.

    Raises:
        RefusedAddressError: none may be.
        OSError: the name does not resolve, or to nothing; ``TimeoutError``: not within ``limit``.
    """
    found = tuple(filter(None, within(limit, lambda: resolve(host, port))))
    if not found:
        raise OSError("the host's name has no address")
    usable = tuple(address for address in found if allow_private or public(address))
    if not usable:
        raise RefusedAddressError
    return usable
