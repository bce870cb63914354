"""What goes wrong on the way out, told apart by what may have arrived."""

from __future__ import annotations

UNKNOWN = "the connection failed"
"""Why, where nothing better is known."""

NOT_RESOLVED = "its name cannot be resolved"
UNTRUSTED = "its certificate is not trusted"
INSECURE = "no secure connection came about"


class NetError(Exception):
    """A request got no whole answer; the text may quote a library or the other side.

    ``why`` says it in words for people, without a word of the other side's. ``late`` tells whether
    the request's time was over.
    """

    def __init__(self, text: str = "", *, why: str = UNKNOWN, late: bool = False) -> None:
        super().__init__(text)
        self.why = why
        self.late = late


class NotSentError(NetError):
    """Not a byte of the request was sent."""


class AddressError(NotSentError):
    """The address is none that can be asked; the text says why."""


class RefusedAddressError(NotSentError):
    """The host has no address that may be connected to."""


class SetupError(NotSentError):
    """A proxy or certificates that the environment names cannot be used; the text says which."""


class AnswerError(NetError):
    """What was sent may have arrived, and no whole answer came back."""


class StaleError(AnswerError):
    """A connection that had answered before gave no answer that is surely this request's.

    It was closed as the request came, or bytes that nobody asked for stood before or behind the
    answer. What may be asked twice can be asked again with ``fresh``, on a new connection.
    """


class UnreadableError(AnswerError):
    """The answer is too large, damaged, or compressed in an unknown way; the text says which."""
