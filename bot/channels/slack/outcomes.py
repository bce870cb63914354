"""What Slack's answers mean."""

from __future__ import annotations

import re
from datetime import timedelta
from http import HTTPStatus

from msgspec import Struct
from msgspec.structs import replace

from bot.core.delivery import Delivered, InDoubt, Outcome, Rejected, RetryLater, Scope
from bot.net.excerpt import Quote

UNKNOWN_TRIES = 4
"""An error that we do not know is taken for a refusal of the message at this attempt."""

FIRST_WAIT = timedelta(minutes=1)
"""The wait where Slack is busy and does not say for how long; it doubles with each attempt."""

_RETRY = frozenset(
    {"ratelimited", "rate_limited", "service_unavailable", "message_limit_exceeded", "rollup_error"}
)
_IN_DOUBT = frozenset({"internal_error", "fatal_error", "request_timeout"})
_INVITE = "check the channel's id and invite the app into it"
_CREDENTIAL = "the token is not valid any more, or never was"
_HOOK = "the webhook or its app was removed or switched off"
_CHANNEL = {
    "channel_not_found": _INVITE,
    "not_in_channel": "invite the app into the channel",
    "is_archived": "the channel is archived",
    "channel_is_archived": "the channel is archived",
    "no_permission": "the app may not post there",
    "restricted_action": "the workspace does not let the app post there",
    "team_not_found": "the workspace is gone",
    "access_denied": "the app may not post there",
    "messages_tab_disabled": "the app takes no direct messages",
    "invalid_auth": _CREDENTIAL,
    "not_authed": _CREDENTIAL,
    "account_inactive": _CREDENTIAL,
    "token_revoked": _CREDENTIAL,
    "token_expired": _CREDENTIAL,
    "missing_scope": "give the app the scope chat:write and install it again",
    "not_allowed_token_type": "use the bot token, xoxb-…",
    "no_service": _HOOK,
    "no_service_id": _HOOK,
    "no_active_hooks": _HOOK,
    "invalid_token": _HOOK,
    "no_team": "the workspace is gone",
    "team_disabled": "the workspace is gone",
    "action_prohibited": "the workspace does not let the webhook post there",
    "posting_to_general_channel_denied": "the workspace does not let the webhook post there",
}
_MESSAGE = ("invalid_", "msg_", "metadata_", "no_text", "too_many_attachments", "markdown_text_")
_CODE = re.compile(r"[a-z][a-z0-9_]{1,79}")


def refuses_blocks(code: str) -> bool:
    """Tell whether the message may pass without its blocks."""
    return code.startswith("invalid_blocks") or code == "msg_blocks_too_long"


def remedy(code: str) -> str | None:
    """Return what to do about a broken destination or credential; None for other errors."""
    known = "restricted_action" if code.startswith("restricted_action") else code
    return _CHANNEL.get(known)


def is_known(code: str) -> bool:
    """Tell whether a text is a code of Slack's: any other may be an echo of what was sent."""
    listed = code in _RETRY | _IN_DOUBT or remedy(code) is not None
    return listed or (_CODE.fullmatch(code) is not None and code.startswith(_MESSAGE))


class Reply(Struct, frozen=True):
    """What Slack answered.

    ``code`` is its error code; "" is a success. ``odd`` says that the answer is not of Slack's
    form: a proxy's page, perhaps. ``raw`` is a code that Slack does not have, or no code at all:
    not to be shown before it is ``quoted``.
    """

    status: int
    code: str = ""
    wait: timedelta | None = None
    odd: bool = False
    raw: str | None = None

    def quoted(self, quoted: Quote) -> Reply:
        """Return the reply with an excerpt as its code where it has none of Slack's."""
        if self.raw is None:
            return self
        return replace(self, code=quoted(self.raw) or "no error code", raw=None)

    @property
    def succeeds(self) -> bool:
        """Whether its status says that all is well."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def redirects(self) -> bool:
        """Whether it only names another address."""
        return HTTPStatus.MULTIPLE_CHOICES <= self.status < HTTPStatus.BAD_REQUEST


def judged(reply: Reply, attempt: int) -> Outcome:
    """Return what a reply means for the message; ``attempt`` counts from 1."""
    code, status = reply.code, reply.status
    if not code:
        return Delivered()
    told = code if status == HTTPStatus.OK else f"HTTP {status}: {code}"
    if reply.redirects:
        told += " (redirects are not followed)"
    if status == HTTPStatus.TOO_MANY_REQUESTS or code in _RETRY or reply.redirects:
        return RetryLater(told, _asked(reply, attempt))
    if known := remedy(code):
        return Rejected(f"{code}: {known}", Scope.CHANNEL)
    if code in _IN_DOUBT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return InDoubt(told, reply.wait)
    if reply.odd:
        return _unreadable(told, reply)
    return _refused(told, reply, attempt)


def _asked(reply: Reply, attempt: int) -> timedelta | None:
    """Return how long to leave Slack alone; where it is busy, in any case for some time."""
    if reply.wait is None and reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        return FIRST_WAIT * float(2 ** (attempt - 1))
    return reply.wait


def _unreadable(told: str, reply: Reply) -> Outcome:
    """Judge an answer that is not Slack's own; a success may still have passed through Slack."""
    if reply.succeeds:
        return InDoubt(f"HTTP {reply.status}, but not Slack's answer: {told}", reply.wait)
    return RetryLater(told, reply.wait)


def _refused(told: str, reply: Reply, attempt: int) -> Outcome:
    if reply.code.startswith(_MESSAGE):
        return Rejected(told)
    if attempt >= UNKNOWN_TRIES:
        return Rejected(f"{told} (after {attempt} tries)")
    return RetryLater(told, reply.wait)
