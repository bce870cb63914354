"""A strict Slack on loopback: its Web API and incoming webhooks, its refusals and its bad days."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from bot.demo.server import LoopbackServer, Reply, Request
from tests.support.slack import slack_rules
from tests.support.slack.slack_rules import Json, RefusedError

TOKEN = "xoxb-1234567890-s3cr3t"
CHANNEL = "C0123456789"
HOOK = "/services/T0000000/B0000000/s3cr3thook"
SCOPES = ("chat:write", "channels:history", "channels:read")
PAGE = b"<!DOCTYPE html><html><body>Please sign in to the network.</body></html>"


class Post(NamedTuple):
    """A message that the channel shows; ``read`` is what people see of it."""

    ts: str
    channel: str
    text: str
    read: str
    metadata: Json | None
    blocks: list[Any] | None

    @property
    def delivery(self) -> object:
        """The delivery's id, where the metadata has one."""
        return (self.metadata or {}).get("event_payload", {}).get("delivery_id")


Accept = Callable[[], Reply]
Fault = Callable[[Accept], Reply]
"""What goes wrong with one post: it may let Slack take the message, or not."""


class FakeSlack(LoopbackServer):
    """Use as a context manager. ``faults`` befall the next posts, one each.

    Attributes to change under way: ``token``, ``scopes``, ``rooms`` (the state of each channel:
    "" where the app may post, else Slack's error code).
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__(self._take)
        self.token = TOKEN
        self.scopes: tuple[str, ...] = SCOPES
        self.rooms = {CHANNEL: ""}
        self.faults: deque[Fault] = deque()
        self.history_faults: deque[Fault] = deque()
        self.page_size = 100
        self.newest_first = True
        self.posts: list[Post] = []
        self.refusals: list[str] = []
        self.calls: list[str] = []
        self.closing = threading.Event()
        self._clock = clock
        self._lock = threading.Lock()

    def __exit__(self, *exception: object) -> None:
        self.closing.set()
        super().__exit__(*exception)

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    @property
    def webhook_url(self) -> str:
        return f"{self.url}{HOOK}"

    def late(self, accept: Accept) -> Reply:
        """Take the message, and answer when nobody waits any more; a ``Fault``."""
        reply = accept()
        self.closing.wait(30)
        return reply

    # --- requests ----------------------------------------------------------------------------

    def _take(self, request: Request) -> Reply:
        path = request.path.partition("?")[0]
        with self._lock:
            self.calls.append(path.rpartition("/")[2] if path.startswith("/api/") else "webhook")
        if path == HOOK or path.startswith("/services/"):
            return self._hooked(path, request)
        method = _METHODS.get(path.removeprefix("/api/"))
        if method is None:
            return refused("unknown_method")
        try:
            self._authorize(request)
            return method(self, _arguments(request))
        except RefusedError as error:
            self.refusals.append(str(error))
            return refused(error.code)

    def _authorize(self, request: Request) -> None:
        sent = request.headers.get("authorization", "")
        if not sent:
            raise RefusedError("not_authed", "no token")
        if sent != f"Bearer {self.token}":
            raise RefusedError("invalid_auth", "another token")

    def _room(self, channel: object) -> None:
        state = self.rooms.get(str(channel), "channel_not_found")
        if state:
            raise RefusedError(state, str(channel))

    def _scope(self, *any_of: str) -> None:
        if not set(any_of) & set(self.scopes):
            raise RefusedError("missing_scope", any_of[0])

    # --- methods -----------------------------------------------------------------------------

    def _post_message(self, sent: Json) -> Reply:
        def accept() -> Reply:
            self._scope("chat:write")
            self._room(sent.get("channel"))
            slack_rules.check(sent)
            post = self._keep(str(sent["channel"]), sent)
            return told({"ok": True, "channel": post.channel, "ts": post.ts, "message": {}})

        return _befallen(self.faults, accept)

    def _history(self, sent: Json) -> Reply:
        def accept() -> Reply:
            self._scope("channels:history", "groups:history")
            self._room(sent.get("channel"))
            return told(self._page(sent))

        return _befallen(self.history_faults, accept)

    def _page(self, sent: Json) -> dict[str, Any]:
        """Return messages in this Slack's order, as many as were asked for and fit a page."""
        oldest, latest = float(sent.get("oldest") or 0), float(sent.get("latest") or "inf")
        with_metadata = str(sent.get("include_all_metadata")) in ("1", "true", "True")
        with self._lock:
            found = [post for post in self.posts if post.channel == sent["channel"]]
        found = [post for post in found if oldest < float(post.ts) < latest]
        found = found[::-1] if self.newest_first else found
        start, size = int(sent.get("cursor") or 0), min(int(sent["limit"]), self.page_size)
        messages = [_message(post, with_metadata) for post in found[start : start + size]]
        more = start + size < len(found)
        following = {"next_cursor": str(start + size) if more else ""}
        return {"ok": True, "messages": messages, "has_more": more, "response_metadata": following}

    def _test(self, _: Json) -> Reply:
        reply = told({"ok": True, "team": "acme", "user": "leaderboard-bot"})
        return reply._replace(headers={**reply.headers, "X-OAuth-Scopes": ", ".join(self.scopes)})

    def _info(self, sent: Json) -> Reply:
        self._scope("channels:read", "groups:read")
        state = self.rooms.get(str(sent.get("channel")))
        if state is None or state == "channel_not_found":
            return refused("channel_not_found")
        room = {"id": sent["channel"], "is_archived": state == "is_archived"}
        return told({"ok": True, "channel": room})

    # --- incoming webhooks -------------------------------------------------------------------

    def _hooked(self, path: str, request: Request) -> Reply:
        def accept() -> Reply:
            if path != HOOK:
                return Reply(404, b"no_service")
            try:
                sent = json.loads(request.body)
                self._room(CHANNEL)
                slack_rules.check(sent)
            except RefusedError as error:
                self.refusals.append(str(error))
                return Reply(*_HOOK_CODES.get(error.code, (400, error.code.encode())))
            self._keep(CHANNEL, {**sent, "metadata": None})
            return Reply(200, b"ok")

        return _befallen(self.faults, accept)

    def _keep(self, channel: str, sent: Json) -> Post:
        with self._lock:
            blocks = sent.get("blocks")
            ts = f"{self._clock():.6f}"
            read = slack_rules.shown(blocks) or str(sent["text"])
            metadata = sent.get("metadata")
            post = Post(ts, channel, str(sent["text"]), read, metadata, blocks)
            self.posts.append(post)
            return post


_METHODS: Mapping[str, Callable[[FakeSlack, Json], Reply]] = {
    "chat.postMessage": FakeSlack._post_message,
    "conversations.history": FakeSlack._history,
    "conversations.info": FakeSlack._info,
    "auth.test": FakeSlack._test,
}
_HOOK_CODES = {
    "is_archived": (410, b"channel_is_archived"),
    "channel_not_found": (404, b"channel_not_found"),
    "not_in_channel": (403, b"action_prohibited"),
}


# --- faults ----------------------------------------------------------------------------------


def busy(seconds: int) -> Fault:
    """Return HTTP 429, and nothing posted."""
    reply = refused("ratelimited")._replace(status=429)
    return lambda _: reply._replace(headers={**reply.headers, "Retry-After": str(seconds)})


def refuses(code: str) -> Fault:
    """Return an error code with HTTP 200, and nothing posted."""
    return lambda _: refused(code)


def page(status: int = 200) -> Fault:
    """Return a page of HTML instead of Slack's answer, and nothing posted."""
    return lambda _: Reply(status, PAGE, {"Content-Type": "text/html"})


def lost_before(_: Accept) -> Reply:
    """Cut the connection with nothing posted."""
    raise ConnectionResetError


def lost_after(accept: Accept) -> Reply:
    """Post the message, and cut the connection before the answer."""
    accept()
    raise ConnectionResetError


def told_wrongly(accept: Accept) -> Reply:
    """Post the message, and answer with HTTP 500."""
    accept()
    return Reply(500, PAGE, {"Content-Type": "text/html"})


def refused(code: str) -> Reply:
    """Return the Web API's refusal: HTTP 200 with ``ok: false``."""
    return told({"ok": False, "error": code})


def told(body: Json) -> Reply:
    """Return an answer of the Web API."""
    return Reply(200, json.dumps(body).encode(), {"Content-Type": "application/json"})


def _befallen(faults: deque[Fault], accept: Accept) -> Reply:
    return faults.popleft()(accept) if faults else accept()


def _message(post: Post, with_metadata: bool) -> dict[str, Any]:
    shown = {"type": "message", "ts": post.ts, "text": post.text, "blocks": post.blocks}
    return {**shown, "metadata": post.metadata} if with_metadata else shown


def _arguments(request: Request) -> Json:
    """Return a method's arguments, which come as JSON or as a form."""
    if request.headers.get("content-type", "").startswith("application/json"):
        sent = json.loads(request.body or b"{}")
    else:
        sent = dict(parse_qsl(request.body.decode()))
    parsed = {
        name: json.loads(value) if isinstance(value, str) else value
        for name, value in sent.items()
        if name in ("blocks", "metadata")
    }
    return {**sent, **parsed}
