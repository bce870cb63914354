"""Which token the Hub is asked with: where it is found, and what the Hub thinks of it."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from msgspec import Struct

from bot.core.errors import FetchError
from bot.core.incidents import TOKEN_REFUSED
from bot.core.secret import Secret
from bot.hub.answers import TokenReport

logger = logging.getLogger("bot.hub")

FRESH_FOR_S = 5.0
"""How long a token that was found is used without looking again. A new login is seen after it."""

FILE = "hub.token in the file"
LOGIN = "the login that huggingface_hub keeps"
_VARIABLES = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
_REMEDIES = {FILE: "set hub.token", LOGIN: "log in again with: hf auth login"}

_TOKEN = re.compile(r"[\x21-\x7e]+")
_TRUE = ("1", "on", "yes", "true")

_said: set[tuple[str, Secret | None]] = set()
_saying = Lock()


class Token(Struct, frozen=True):
    """A token, and in words for people where it came from. It may be none that can be sent."""

    secret: Secret
    source: str


class Tokens:
    """The token that requests carry; safe in several threads.

    ``find`` looks for it, at most once in ``FRESH_FOR_S`` by ``clock``. One that cannot be sent, or
    that the Hub refuses, is said once a process, and used no more until another one is found.
    """

    def __init__(self, find: Callable[[], Token | None], clock: Callable[[], float]) -> None:
        self._find = find
        self._clock = clock
        self._lock = Lock()
        self._looked_at: float | None = None
        self._found: Token | None = None
        self._unusable: str | None = None
        self._refused: Token | None = None
        self._works = False

    def current(self) -> Token | None:
        """Return the token to send now; None without one that is good."""
        with self._lock:
            if self._looked_at is None or self._clock() >= self._looked_at + FRESH_FOR_S:
                self._look()
                self._looked_at = self._clock()
            return None if self._found == self._refused else self._found

    def refuse(self, token: Token) -> None:
        """Note that the Hub refuses the token: what it is asked without it, it answers."""
        with self._lock:
            self._refused = token
        _say(_refusal(token), token.secret)

    def accept(self, token: Token | None) -> None:
        """Note that the Hub answers requests with this token, or without any."""
        with self._lock:
            self._works = token == self._found

    def report(self) -> TokenReport | None:
        """Return what is known of the token; None as long as nothing is."""
        with self._lock:
            if self._unusable:
                return TokenReport(problem=self._unusable)
            if self._found is not None and self._found == self._refused:
                return TokenReport(problem=_refusal(self._found), refused=True)
            return TokenReport() if self._works else None

    def _look(self) -> None:
        try:
            found = self._find()
        except FetchError as error:
            self._forget(f"{error}; until then boards are asked without a token", None)
            return
        if found is not None and not _TOKEN.fullmatch(found.secret.reveal()):
            self._forget(_unusable(found), found.secret)
            return
        if found != self._found:
            self._works = False
        self._found, self._unusable = found, None

    def _forget(self, why: str, token: Secret | None) -> None:
        self._found, self._unusable, self._works = None, why, False
        _say(why, token)


def configured(token: Secret) -> Callable[[], Token]:
    """Return what finds the token of the configuration."""
    found = Token(token, FILE)
    return lambda: found


def ecosystem() -> Token | None:
    """Return the token of the ecosystem: ``HF_TOKEN``, else the login that is cached here.

    Where neither is, huggingface_hub is not loaded to say so.

    Raises:
        FetchError: there is one, but it cannot be read.
    """
    if os.environ.get("HF_HUB_DISABLE_IMPLICIT_TOKEN", "").lower() in _TRUE:
        return None
    if os.environ.get("HF_OIDC_RESOURCE"):
        return _kept("HF_OIDC_RESOURCE")
    for name in _VARIABLES:
        if text := os.environ.get(name, "").strip():
            return Token(Secret(text), name)
    return _login()


def _login() -> Token | None:
    try:
        text = _login_file().read_bytes().decode().strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError):
        raise FetchError(
            "the token that huggingface_hub keeps cannot be read: set hub.token"
        ) from None
    # The library joins lines, and so makes another token of two.
    return _kept(LOGIN) if _TOKEN.fullmatch(text) else Token(Secret(text), LOGIN) if text else None


def _kept(source: str) -> Token | None:
    from bot.hub.huggingface import kept_token  # loads huggingface_hub, which may renew the login

    found = kept_token()
    return Token(found, source) if found else None


def _login_file() -> Path:
    """Return where the login is cached, as huggingface_hub works it out."""
    cache = os.environ.get("XDG_CACHE_HOME", str(Path("~", ".cache")))
    home = os.environ.get("HF_HOME", str(Path(cache, "huggingface")))
    named = os.environ.get("HF_TOKEN_PATH", str(Path(_expanded(home), "token")))
    return Path(_expanded(named))


def _expanded(path: str) -> str:
    return os.path.expandvars(os.path.expanduser(path))  # noqa: PTH111 - what Path lacks, ~ unknown


def _refusal(token: Token) -> str:
    return (
        f"{TOKEN_REFUSED} from {token.source}: boards are asked without it; make a new one in the"
        f" Hub's settings, and {_remedy(token)}"
    )


def _unusable(token: Token) -> str:
    return (
        f"the token from {token.source} holds a space, a line break or a letter that no token has:"
        f" boards are asked without it; {_remedy(token)}"
    )


def _remedy(token: Token) -> str:
    return _REMEDIES.get(token.source, f"set {token.source} to the token alone")


def _say(sentence: str, token: Secret | None) -> None:
    with _saying:
        if (sentence, token) in _said:
            return
        _said.add((sentence, token))
    logger.warning("%s", sentence)
