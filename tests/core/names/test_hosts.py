"""Where a server listens."""

import pytest

from bot.core.names.hosts import Listen, is_loopback, listen


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("127.0.0.1:8080", Listen("127.0.0.1", 8080)),
        ("[::1]:80", Listen("::1", 80)),
        ("localhost:0", Listen("localhost", 0)),
        ("boards.example.org:443", Listen("boards.example.org", 443)),
        ("::1:80", None),
        ("127.1:80", None),
        ("[127.0.0.1]:80", Listen("127.0.0.1", 80)),
        ("[nonsense]:80", None),
        ("host:65536", None),
        ("host", None),
        ("host:", None),
        (":80", None),
        ("a b:80", None),
    ],
)
def test_place_to_listen_at_is_a_host_and_a_port(written: str, place: Listen | None) -> None:
    """A host, in brackets where it is IPv6, and a port that there is; nothing else."""
    assert listen(written) == place
    if place and "[127" not in written:
        assert str(place) == written


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "LocalHost."])
def test_loopback_is_this_machine_alone(host: str) -> None:
    """Loopback is 127.0.0.0/8, ::1 and localhost."""
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "localhost.example.org", "1270.0.1"])
def test_other_hosts_are_not_loopback(host: str) -> None:
    """Every address at once is not loopback, nor is a name that begins like it."""
    assert not is_loopback(host)
