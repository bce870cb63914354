"""What goes wrong on the way out, told apart by what may have arrived.

* ``NetError``: no whole answer came.

  * ``NotSentError``: nothing was sent.

    * ``AddressError``: the address is none that HTTP can ask.
    * ``RefusedAddressError``: the host has no address that may be connected to.
    * ``SetupError``: a proxy or certificates that the environment names cannot be used.

  * ``AnswerError``: what was sent may have arrived.

    * ``StaleError``: a connection that had answered before gave no answer that is surely ours.
    * ``UnreadableError``: the answer is too large, damaged, or compressed in an unknown way.
"""

from __future__ import annotations


class NetError(Exception):
    """A request got no whole answer; its text may quote what a library or the other side says.

    ``why`` says it in words for people, without a word of the other side's. ``late`` tells whether
    the request's time was over.
    """

    def __init__(
        self, text: str = "", *, why: str = "the connection failed", late: bool = False
    ) -> None:
        super().__init__(text)
        self.why = why
        self.late = late


class NotSentError(NetError):
    """Not a byte of the request was sent."""


class AddressError(NotSentError):
    """The address is none that HTTP can ask."""


class RefusedAddressError(NotSentError):
    """The host has no address that may be connected to."""


class SetupError(NotSentError):
    """A proxy or certificates that the environment names cannot be used; its text says which."""


class AnswerError(NetError):
    """The request may have arrived, and no whole answer came back."""


class StaleError(AnswerError):
    """A connection that had answered before gave no answer that is surely this request's.

    It was closed as the request came, or bytes that nobody asked for stood before or behind the
    answer. What may be asked twice can be asked again with ``fresh``, on a new connection.
    """


class UnreadableError(AnswerError):
    """The answer is too large, damaged, or compressed in a way that is not known; as text says."""
