"""Which addresses a host has, and which of all addresses are on the public internet."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Resolve = Callable[[str, int], Sequence[str]]
"""Returns a host's addresses; raises ``OSError`` where there are none."""

Allowed = Callable[[str], bool]
"""Tells whether an address may be connected to."""

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


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for a host's addresses, families taking turns: one may lead nowhere."""
    turns: dict[int, int] = {}
    ordered = []
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for family, address in dict.fromkeys((info[0], str(info[4][0])) for info in found):
        turns[family] = turns.get(family, 0) + 1
        ordered.append((turns[family], address))
    return [address for _, address in sorted(ordered, key=lambda pair: pair[0])]


def is_ip(host: str) -> bool:
    """Tell whether a host is an IP address already, and no name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def anywhere(_address: str) -> bool:
    """Allow every address."""
    return True


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
