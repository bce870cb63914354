"""Which addresses are public, and that no other is connected to where only those may be."""

from __future__ import annotations

import time
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import httpcore
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.net.addresses import public
from bot.net.deadline import Deadline
from bot.net.errors import RefusedAddressError
from bot.net.sockets import Sockets

REFUSED = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "169.254.169.254",
    "168.63.129.16",
    "172.16.0.1",
    "192.168.1.1",
    "192.0.0.8",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:168.63.129.16",
    "64:ff9b::a00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "3fff::1",
    "3fff:fff:ffff::1",
    "5f00::1",
    "100:0:0:1::1",
    "no address",
]


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    """Private, loopback, link-local, multicast, reserved, tunnels, metadata services."""
    assert not public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_a_public_address_passes(address: str) -> None:
    """The guard does not refuse what it is not meant for."""
    assert public(address)


@settings(deadline=None)
@given(st.ip_addresses())
def test_no_address_passes_that_python_calls_not_global(address: Any) -> None:
    """The guard only ever adds to ``is_global``."""
    if public(str(address)):
        mapped = getattr(ip_address(str(address)), "ipv4_mapped", None)
        assert (mapped or address).is_global


class Wire(httpcore.NetworkBackend):
    """Connects to nothing, and remembers what it was to connect to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.times: list[float] = []

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *_: Any
    ) -> httpcore.NetworkStream:
        self.asked.append(host)
        self.times.append(timeout or 0.0)
        raise httpcore.ConnectError("nobody is there")


def connect(wire: Wire, resolve: Any, host: str = "hook.example") -> None:
    """Connect once, as a send does; each send asks for the name anew."""
    deadline = Deadline(timedelta(seconds=5), time.monotonic)
    guarded = Sockets(deadline, resolve=resolve, allowed=public, tcp=wire)
    with pytest.raises((httpcore.ConnectError, RefusedAddressError)):
        guarded.connect_tcp(host, 443)


def test_a_name_that_rebinds_between_sends_is_refused_the_second_time() -> None:
    """What was public at the check is what is connected to; what is private later is not."""
    answers = iter([("8.8.8.8",), ("127.0.0.1",), ("169.254.169.254", "::1"), ("1.1.1.1",)])
    wire = Wire()
    for _ in range(4):
        connect(wire, lambda host, port: next(answers))
    assert wire.asked == ["8.8.8.8", "1.1.1.1"]


def test_of_mixed_addresses_only_the_public_ones_are_tried() -> None:
    """A name may have some of each; none is connected to by its name."""
    wire = Wire()
    mixed = ("10.0.0.1", "8.8.8.8", *REFUSED, "2606:4700::1111")
    connect(wire, lambda host, port: mixed)
    assert wire.asked == ["8.8.8.8", "2606:4700::1111"]


def test_an_address_that_leads_nowhere_leaves_time_for_the_next() -> None:
    """Else a host whose first address swallows packets could never be reached by its second."""
    wire = Wire()
    connect(wire, lambda host, port: ("2606:4700::1111", "1.1.1.1"))
    first, second = wire.times
    assert first <= 2.5 < second


@pytest.mark.parametrize("address", REFUSED)
def test_no_refused_address_is_connected_to_as_a_literal(address: str) -> None:
    """Nor as what the system makes of it."""
    wire = Wire()
    connect(wire, lambda host, port: (host,), address)
    assert wire.asked == []
