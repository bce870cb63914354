"""An address below which every request stays, wherever an answer points."""

from __future__ import annotations

from typing import TypeAlias

import httpx

from bot.net.client import checked, port_of
from bot.net.errors import AddressError

URL: TypeAlias = httpx.URL


class Endpoint:
    """The place of a service: its origin, and the path below which it lies."""

    def __init__(self, address: str) -> None:
        """Take an address without account, query and fragment.

        Raises:
            AddressError: it is none; the text says why.
        """
        url = checked(address.rstrip("/"))
        if url.userinfo or url.query or url.fragment:
            raise AddressError("must hold no user name, password, query or fragment")
        self.url = url
        self._base = str(url).rstrip("/")

    def __str__(self) -> str:
        return self._base

    def at(self, path: str, query: str = "") -> URL:
        """Return the address of a path below the endpoint."""
        return URL(f"{self._base}{path}{f'?{query}' if query else ''}")

    def holds(self, url: URL) -> bool:
        """Tell whether an address is of the endpoint's origin, and holds no account."""
        return _origin(url) == _origin(self.url) and not url.userinfo

    def path(self, url: URL) -> str:
        """Return the path of an address below the endpoint, as it is sent."""
        return _path(url).removeprefix(_path(self.url).rstrip("/"))

    def home(self, address: str, path: str) -> URL:
        """Return the address of ``path`` here where ``address`` names it elsewhere, else that.

        ``address`` may be relative.

        Raises:
            AddressError: it is no address.
        """
        try:
            url = URL(address)
        except (httpx.InvalidURL, ValueError):
            raise AddressError("is no address") from None
        if _origin(url) == _origin(self.url) or not _path(url).endswith(path):
            return url
        return self.at(path).copy_with(query=url.query or None)


def joined(url: URL, location: str) -> URL:
    """Return where an answer from ``url`` leads, without a fragment.

    Raises:
        AddressError: to no address.
    """
    try:
        return url.join(location).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError):
        raise AddressError("is no address") from None


def _path(url: URL) -> str:
    return url.raw_path.partition(b"?")[0].decode("ascii")


def _origin(url: URL) -> tuple[str, bytes, int]:
    return url.scheme, url.raw_host, port_of(url)
