"""What went wrong, in words for people: no URL, no token, no text of a stranger."""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct

from bot.core.errors import FetchError, GatedError, QuotaError, UnknownBenchmarkError
from bot.hub.tokens import Token
from bot.net.deadline import Deadline
from bot.net.errors import NetError, RefusedAddressError, UnreadableError
from bot.net.failures import LATE_NAME

NO_ACCESS = (401, 403)


HUB = "the Hub"
STORAGE = "the storage that the Hub leads to"


def not_reached(error: NetError, deadline: Deadline, what: str = HUB) -> FetchError:
    """Return the error for a request that got no complete answer; ``what`` was asked."""
    if isinstance(error, UnreadableError):
        return FetchError(str(error))
    if isinstance(error, RefusedAddressError):
        return FetchError(f"{what} has no public address")
    if error.late and not error.why.endswith(LATE_NAME):
        of_whom = "" if what == HUB else f" of {what}"
        seconds = f"{deadline.limit.total_seconds():g} s"
        return FetchError(f"no complete answer{of_whom} within {seconds}")
    return FetchError(f"cannot reach {what}: {error.why}")


class Refusal(Struct, frozen=True):
    """An answer whose status is not the wanted one. Header names are lower case.

    ``wait`` is how long the Hub asks to be left alone, if it does.
    """

    status: int
    headers: dict[str, str]
    wait: timedelta | None

    @property
    def doubts_token(self) -> bool:
        """Whether it may be the token that is refused, whatever was asked for."""
        code = self.headers.get("x-error-code", "")
        return self.status == 401 and code not in ("GatedRepo", "RepoNotFound")  # noqa: PLR2004

    @property
    def is_final(self) -> bool:
        """Whether it is about what was asked for, and not about the Hub's state."""
        return self.status < 500 and self.status != 429  # noqa: PLR2004  # plainer than names


def refused(refusal: Refusal, token: Token | None, missing: str | None) -> FetchError:
    """Return the error for a status that is not the wanted one.

    ``token`` is what was sent, ``missing`` why there was none although there is one.
    """
    error = FetchError(f"the Hub answered {refusal.status}")
    if refusal.status in NO_ACCESS:
        error = _no_access(refusal, token, missing)
    elif refusal.status == 404:  # noqa: PLR2004 - plainer than a name
        error = UnknownBenchmarkError("the Hub knows no such benchmark, or it has no leaderboard")
    elif refusal.status == 429:  # noqa: PLR2004 - plainer than a name
        error = _used_up(refusal.wait)
    elif refusal.status == 503:  # noqa: PLR2004 - plainer than a name
        error.retry_after = refusal.wait
    error.status = refusal.status
    return error


def _used_up(wait: timedelta | None) -> FetchError:
    return QuotaError(wait) if wait else FetchError("the Hub's rate limit is used up")


def _no_access(refusal: Refusal, token: Token | None, missing: str | None) -> FetchError:
    code = refusal.headers.get("x-error-code", "")
    # The Hub answers 401 for what does not exist, too, to those without a token.
    if code == "RepoNotFound":
        return UnknownBenchmarkError("the Hub knows no such benchmark, or it is private")
    if token is None and missing:
        return GatedError(f"the benchmark is gated, and {missing}")
    if token is None:
        return GatedError(
            "the benchmark is gated: accept the conditions on its page and set hub.token"
        )
    if refusal.doubts_token:
        return GatedError("the Hub does not accept the token: check hub.token")
    return GatedError(
        "the token has no access: accept the conditions on the benchmark's page with its account"
    )
