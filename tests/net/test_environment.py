"""The environment's proxies."""

from __future__ import annotations

import httpx
import pytest

from bot.net.environment import system_proxy
from bot.net.errors import SetupError


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


def test_the_environments_proxy_is_used(environment: pytest.MonkeyPatch) -> None:
    """By kind, with its credentials, and with or without ``http://``."""
    environment.setenv("https_proxy", "me:secret@proxy.example:3128")

    proxy = system_proxy(httpx.URL("https://hub.example"), "https", "all")

    assert proxy is not None
    assert proxy.url.host == b"proxy.example"
    assert proxy.auth == (b"me", b"secret")
    assert system_proxy(httpx.URL("http://hub.example"), "http", "all") is None


@pytest.mark.parametrize("host", ["hub.example", "127.0.0.1", "[::1]", "localhost"])
def test_some_hosts_need_no_proxy(environment: pytest.MonkeyPatch, host: str) -> None:
    """Those that ``no_proxy`` names, and loopback always."""
    environment.setenv("all_proxy", "http://proxy.example:3128")
    environment.setenv("no_proxy", "hub.example")

    assert system_proxy(httpx.URL(f"https://{host}"), "https", "all") is None


@pytest.mark.parametrize(
    "proxy", ["ftp://proxy.example", "http://proxy.example:x", "socks5://proxy.example"]
)
def test_a_proxy_that_cannot_be_used_is_a_clear_error(
    environment: pytest.MonkeyPatch, proxy: str
) -> None:
    """The sentence names the environment, not the address."""
    environment.setenv("https_proxy", proxy)

    with pytest.raises(SetupError, match="environment") as caught:
        system_proxy(httpx.URL("https://hub.example"), "https")
    assert "proxy.example" not in str(caught.value)
