"""What the libraries raise, as errors of ours."""

from __future__ import annotations

import errno
import socket
from datetime import timedelta

import httpcore
import httpx
import pytest

from bot.hub.failures import not_reached
from bot.net.deadline import Deadline
from bot.net.errors import AddressError, AnswerError, NotSentError
from bot.net.failures import LATE_NAME, LIBRARIES, translated


@pytest.mark.parametrize("library", [httpx, httpcore])
@pytest.mark.parametrize(
    ("name", "kind", "late"),
    [
        ("ConnectError", NotSentError, False),
        ("ConnectTimeout", NotSentError, True),
        ("PoolTimeout", NotSentError, True),
        ("ProxyError", NotSentError, False),
        ("UnsupportedProtocol", AddressError, False),
        ("WriteError", AnswerError, False),
        ("WriteTimeout", AnswerError, True),
        ("ReadError", AnswerError, False),
        ("ReadTimeout", AnswerError, True),
        ("RemoteProtocolError", AnswerError, False),
        ("LocalProtocolError", AnswerError, False),
    ],
)
def test_an_error_tells_whether_anything_was_sent(
    library: object, name: str, kind: type, *, late: bool
) -> None:
    """Before the request there is no doubt; during and after it there is."""
    raised = getattr(library, name)("text")
    found = translated(raised)
    assert isinstance(raised, LIBRARIES)
    assert (type(found), found.late, str(found)) == (kind, late, "text")
    assert str(translated(getattr(library, name)(""))) == name


def test_an_address_that_httpx_cannot_read_was_not_asked() -> None:
    """It is the configuration's fault."""
    assert type(translated(httpx.InvalidURL("s3cr3t"))) is AddressError


def test_what_a_proxy_stands_before_is_not_said_to_be_away() -> None:
    """The name that cannot be resolved is the proxy's; what it refuses itself is told as that."""
    raised = httpx.ConnectError("x")
    raised.__cause__ = socket.gaierror(socket.EAI_NONAME, "unknown")
    assert translated(raised).why == "its name cannot be resolved"
    by_proxy = translated(raised, by_proxy=True).why
    assert by_proxy == "the proxy cannot be reached: its name cannot be resolved"
    assert translated(httpx.ProxyError("403"), by_proxy=True).why == "the proxy refused"


def test_a_failure_without_words_of_ours_is_told_in_the_machine_s() -> None:
    """Wherever it stands behind the library's error: its cause, or what it came up in."""
    raised = httpx.ConnectError("x")
    raised.__context__ = OSError(errno.ENETUNREACH, "unreachable: 10.0.0.7")
    assert translated(raised).why == "network is unreachable"
    refused = httpx.ConnectError("y")
    refused.__cause__ = raised
    raised.__context__ = ConnectionRefusedError(errno.ECONNREFUSED, "10.0.0.7")
    assert translated(refused).why == "connection refused"


def test_a_name_that_takes_too_long_is_said_to_be_the_reason() -> None:
    """Not that no answer came."""
    late = translated(httpcore.ConnectTimeout(LATE_NAME))
    assert (late.late, late.why) == (True, LATE_NAME)
    told = not_reached(late, Deadline(timedelta(seconds=20), lambda: 0.0))
    assert str(told) == "cannot reach the Hub: its name was not resolved in time"
