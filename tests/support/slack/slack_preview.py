"""Draws Block Kit about as Slack does, for the pictures in the documentation."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest

from bot.core.render.slack import SlackPayload

WIDTH = 700
PHONE = 390
_EMOJI = {
    "trophy": (
        '<svg class="emoji" viewBox="0 0 22 22">'
        '<path fill="#e8a713" d="M5 2h12v6a6 6 0 0 1-12 0z"/>'
        '<path fill="none" stroke="#e8a713" stroke-width="2" '
        'd="M5 4H2c0 4 1 6 4 6M17 4h3c0 4-1 6-4 6"/>'
        '<path fill="#c98a08" d="M10 13h2v4h-2zM6 17h10v3H6z"/></svg>'
    ),
    "new": (
        '<svg class="emoji" viewBox="0 0 22 22">'
        '<rect width="22" height="22" rx="4" fill="#3b88c3"/>'
        '<text x="11" y="14.5" font-size="8.5" font-weight="bold" fill="#fff" '
        'text-anchor="middle" font-family="Liberation Sans">NEW</text></svg>'
    ),
}
_LOGO = (
    '<svg class="logo" viewBox="0 0 36 36"><rect width="36" height="36" rx="6" fill="#1d3557"/>'
    '<path fill="#f4b942" d="M14 8h8v20h-8z"/><path fill="#e9eef5" d="M5 15h8v13H5z"/>'
    '<path fill="#c98f6b" d="M23 19h8v9h-8z"/></svg>'
)
_STYLE = """
body { margin: 0; background: #fff; color: #1d1c1d;
       font: 15px/1.47 "Liberation Sans", "DejaVu Sans", sans-serif; }
.channel { border-bottom: 1px solid #ddd; font-weight: bold; padding: 10px 20px; }
.message { display: flex; gap: 9px; padding: 10px 20px 8px; }
.caption { color: #616061; font: 13px "Liberation Mono", monospace; padding: 12px 20px 0; }
.bare { border-bottom: 1px solid #eee; padding: 2px 20px 4px; }
.logo { width: 36px; height: 36px; flex: none; }
.sender { font-weight: bold; }
.app { background: #e8e8e8; border-radius: 2px; color: #616061; font-size: 10px;
       padding: 1px 3px; vertical-align: 2px; }
.at { color: #616061; font-size: 12px; }
.block { white-space: pre-wrap; overflow-wrap: anywhere; margin: 2px 0 6px; }
.context { color: #616061; font-size: 13px; margin: 2px 0 4px; }
a { color: #1264a3; text-decoration: none; }
.lock { background: #5b6b82; padding: 14px 10px; }
.banner { background: #f4f4f6; border-radius: 16px; padding: 10px 14px; font-size: 14px; }
.banner b { display: block; }
.mail { padding: 14px 20px; }
.mail h1 { font-size: 20px; font-weight: normal; margin: 0 0 10px; }
.emoji { width: 18px; height: 18px; vertical-align: -3px; }
"""


def document(payload: SlackPayload, channel: str) -> str:
    """Return a page that shows a message in a channel."""
    return _page(
        f'<div class="channel"># {escape(channel)}</div><div class="message">{_LOGO}<div>'
        '<span class="sender">Leaderboard Bot</span> <span class="app">APP</span> '
        f'<span class="at">10:00</span>{"".join(map(_block, payload.blocks))}</div></div>'
    )


def phone(payload: SlackPayload, channel: str) -> str:
    """Return a page that shows a message on a phone: what its notification says, then all of it."""
    text = unescape(payload.text)
    banner = f'<div class="banner"><b># {escape(channel)}</b>{escape(text)}</div>'
    return _page(f'<div class="lock">{banner}</div>') + document(payload, channel)


def mail(subject: str, html: str) -> str:
    """Return a page that shows a mail."""
    return _page(f'<div class="mail"><h1>{escape(subject)}</h1>{html}</div>')


def sheet(payloads: Mapping[str, SlackPayload]) -> str:
    """Return a page that shows what is between the head and the foot of each message."""
    return _page(
        "".join(
            f'<div class="caption">{escape(caption)}</div>'
            f'<div class="bare">{"".join(map(_block, payload.blocks[1:-1]))}</div>'
            for caption, payload in payloads.items()
        )
    )


def _page(body: str) -> str:
    return f'<!doctype html><meta charset="utf-8"><style>{_STYLE}</style>{body}'


def _block(block: Mapping[str, Any]) -> str:
    kind = "context" if block["type"] == "context" else "block"
    sections = block["elements"]
    if kind == "block":
        sections = [element for section in sections for element in section["elements"]]
    return f'<div class="{kind}">{"".join(map(_element, sections))}</div>'


def _element(element: Mapping[str, Any]) -> str:
    if element["type"] == "emoji":
        return _EMOJI[element["name"]]
    if element["type"] == "date":
        return _local(element["timestamp"])
    if element["type"] == "mrkdwn":
        return re.sub(r"<!date\^(\d+)\^[^>]*>", lambda date: f" {_local(date[1])}", element["text"])
    text = escape(element["text"])
    if element["type"] == "link":
        text = f'<a href="{escape(element["url"])}">{text}</a>'
    return f"<b>{text}</b>" if element.get("style", {}).get("bold") else text


def _local(timestamp: int | str) -> str:
    """Return a time as Slack shows it to a reader in London on that day."""
    return f"today at {datetime.fromtimestamp(int(timestamp), UTC):%H:%M}"


def chromium() -> str:
    """Return the browser's path; skips the test where there is none, unless it is required."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None and os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail("Chromium is required and not there")
    if found is None:
        pytest.skip("Chromium is not there")
    return found


def picture(html: str, into: Path, width: int = WIDTH) -> Path:
    """Draw a page as a PNG of its whole height."""
    page = into / "page.html"
    page.write_text(
        f"{html}<style>html {{ width: {width}px }}</style>"
        "<script>document.title = document.documentElement.offsetHeight</script>",
        encoding="utf-8",
    )
    shown = _browse(into, page, f"--window-size={width},600", "--dump-dom")
    height = re.search(r"<title>(\d+)</title>", shown)
    assert height, "the page tells no height"
    png = into / "page.png"
    _browse(into, page, f"--window-size={width},{height[1]}", f"--screenshot={png}")
    return png


def _browse(into: Path, page: Path, *options: str) -> str:
    command = [
        chromium(),
        "--headless",
        "--no-sandbox",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-gpu",
        "--disable-lcd-text",
        "--hide-scrollbars",
        f"--user-data-dir={into / 'profile'}",
        *options,
        page.as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout
