"""What the sample rows say of models and their authors, as the Hub's JSON."""

from __future__ import annotations

import hashlib
from typing import Any

Json = dict[str, Any]

SAMPLE_URL = "https://example.org/sample-data"
SAMPLE_NAMESPACE = "sample-lab"
"""Invented models; their results come from a person, all others from an organization."""


def author(model: str) -> Json:
    """Return the whole profile of the organization or person whose model it is."""
    namespace = model.partition("/")[0]
    return person(namespace) if namespace == SAMPLE_NAMESPACE else organization(namespace)


def organization(name: str) -> Json:
    """Return the whole profile of an organization; the same name gives the same one."""
    return _profile(name, "org")


def person(name: str) -> Json:
    """Return the whole profile of a user; the same name gives the same one."""
    return _profile(name, "user") | {"isPro": False}


def flag(model: str, *, verified: bool) -> dict[str, bool]:
    """Return a row's flag; where it is false, the rows of some models leave it out."""
    silent = hashlib.sha256(_bytes(model)).digest()[1] % 2
    return {"verified": verified} if verified or not silent else {}


def drifted(value: Any, by: int) -> Any:
    """Return a copy of any JSON in which every profile has ``by`` followers more."""
    if isinstance(value, list):
        return [drifted(item, by) for item in value]
    if not isinstance(value, dict):
        return value
    copied = {key: drifted(item, by) for key, item in value.items()}
    if isinstance(copied.get("followerCount"), int):
        copied["followerCount"] += by
    return copied


def _profile(name: str, kind: str) -> Json:
    digest = hashlib.sha256(_bytes(name)).hexdigest()
    return {
        "_id": digest[:24],
        "avatarUrl": f"{SAMPLE_URL}/{digest[:8]}.png",
        "fullname": name,
        "name": name,
        "type": kind,
        "isHf": False,
        "isHfAdmin": False,
        "isMod": False,
        "followerCount": int(digest[:4], 16),
    }


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
