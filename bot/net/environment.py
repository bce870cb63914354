"""What the environment says of the way out: its proxies, and whom to trust."""

from __future__ import annotations

import importlib.util
import ssl
from functools import cache
from ipaddress import ip_address
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from bot.net.addresses import is_ip
from bot.net.errors import SetupError


def certificates() -> ssl.SSLContext:
    """Return the certificates that httpx trusts, or those that ``SSL_CERT_FILE`` names.

    Raises:
        SetupError: they cannot be read.
    """
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        told = "the certificates that SSL_CERT_FILE names cannot be read"
        raise SetupError(told) from error


@cache
def machine_certificates() -> ssl.SSLContext:
    """Return the certificates that the machine trusts: a proxy's may be among them."""
    return ssl.create_default_context()


def system_proxy(url: httpx.URL, *kinds: str) -> httpcore.Proxy | None:
    """Return the first of these kinds of proxy that is named, None for a host that needs none.

    Raises:
        SetupError: the proxy is of a kind that cannot be used.
    """
    named = getproxies()
    found = next(filter(None, map(named.get, kinds)), None)
    if not found or _is_loopback(url.host) or proxy_bypass(url.host):
        return None
    try:
        proxy = httpx.Proxy(found if "://" in found else f"http://{found}")
    except (ValueError, httpx.InvalidURL) as error:
        raise SetupError("the proxy named in the environment cannot be used") from error
    if proxy.url.scheme.startswith("socks") and not importlib.util.find_spec("socksio"):
        raise SetupError("the SOCKS proxy named in the environment needs: pip install socksio")
    return httpcore.Proxy(url=str(proxy.url), auth=proxy.raw_auth, headers=proxy.headers.raw)


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (is_ip(host) and ip_address(host).is_loopback)
