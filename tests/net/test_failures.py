"""What the libraries raise, as errors of ours."""

from __future__ import annotations

import httpcore
import httpx
import pytest

from bot.net.errors import AddressError, AnswerError, NotSentError
from bot.net.failures import LIBRARIES, translated


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
