"""What Slack refuses in a message, as its documentation has it; stricter where that is vague."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Json = Mapping[str, Any]

MAX_TEXT = 4_000
MAX_BLOCKS = 50
MAX_CHARS = 13_200
"""Over all of a message's blocks."""
MAX_METADATA = 8_000

_RAW = re.compile(r"[<>]|&(?!(?:amp|lt|gt);)")
_FORMAT = re.compile(r"[^{}<>|^]*(?:\{[a-z_]+\}[^{}<>|^]*)+")
_DATE = re.compile(rf"<!date\^\d{{1,10}}\^{_FORMAT.pattern}\|[^<>|]+>")
_EVENT_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,254}")
_EMOJI = re.compile(r"[a-z0-9_+'-]+")
_URL = re.compile(r"https?://[!-~]{1,2990}")
_STYLES = {"bold", "italic", "strike", "code"}


class RefusedError(Exception):
    """Slack would refuse the message; ``code`` is its error code."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(f"{code}: {why}")
        self.code = code


def check(message: Json) -> None:
    """Raise ``RefusedError`` where Slack would refuse the message.

    Slack truncates a long ``text`` and reads raw ``<``, ``>``, ``&`` as markup: both are refused
    here, since nothing that the program posts may come to that.
    """
    check_text(message.get("text"))
    check_blocks(message.get("blocks"))
    check_metadata(message.get("metadata"))


def check_text(text: object) -> None:
    """Check the text that phones show: there, short enough, nothing in it that is markup."""
    if not isinstance(text, str) or not text.strip():
        raise RefusedError("no_text", "a message needs a text")
    if len(text) > MAX_TEXT:
        raise RefusedError("msg_too_long", f"{len(text)} characters")
    if _RAW.search(text):
        raise RefusedError("invalid_arguments", "raw markup in text")
    _characters(text, "invalid_arguments")


def check_metadata(metadata: object) -> None:
    """Check a message's metadata: a type, and flat facts."""
    if metadata is None:
        return
    known = isinstance(metadata, dict) and set(metadata) == {"event_type", "event_payload"}
    if not isinstance(metadata, dict) or not known:
        raise RefusedError("invalid_metadata_format", "event_type and event_payload")
    if not _EVENT_TYPE.fullmatch(str(metadata["event_type"])):
        raise RefusedError("invalid_metadata_format", "event_type")
    facts = metadata["event_payload"]
    if not isinstance(facts, dict) or any(isinstance(fact, dict) for fact in facts.values()):
        raise RefusedError("invalid_metadata_schema", "event_payload")
    if len(json.dumps(metadata)) > MAX_METADATA:
        raise RefusedError("metadata_too_large", "")


def check_blocks(blocks: object) -> None:
    """Check blocks, each and together."""
    if blocks is None:
        return
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise RefusedError("invalid_blocks_format", "not a list of objects")
    _need(len(blocks) <= MAX_BLOCKS, f"{len(blocks)} blocks")
    for block in blocks:
        kind = block.get("type")
        _need(kind in _BLOCKS, f"unknown type {kind!r}")
        _need(len(block.get("block_id", "")) <= 255, "block_id")
        _BLOCKS[kind](block)
    _need(sum(block["type"] == "table" for block in blocks) <= 1, "two tables")
    total = sum(len(part) for part in strings(blocks))
    if total > MAX_CHARS:
        raise RefusedError("msg_blocks_too_long", f"{total} characters")


def strings(value: object) -> Iterator[str]:
    """Return every text and address in blocks, in their order."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            if isinstance(part, str) and key in ("text", "url", "name", "value", "alt_text"):
                yield part
            else:
                yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)


def shown(blocks: object) -> str:
    """Return what people read in blocks, a block a line."""
    return "\n".join(_shown(block) for block in blocks) if isinstance(blocks, list) else ""


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "".join(map(_shown, value))
    if value.get("type") == "emoji":
        return f":{value['name']}:"
    if value.get("type") == "date":
        return str(value["fallback"])
    inner = value.get("text", value.get("elements", ""))
    return _DATE.sub(_fallback, inner) if isinstance(inner, str) else _shown(inner)


def _fallback(date: re.Match[str]) -> str:
    return date[0].rpartition("|")[2].removesuffix(">")


def _need(true: object, why: str) -> None:
    if not true:
        raise RefusedError("invalid_blocks", why)


def _characters(text: str, code: str) -> None:
    """Refuse what cannot be shown or sent: controls, halves of characters."""
    if any(ord(char) < 32 and char not in "\n\t" for char in text) or "\x7f" in text:
        raise RefusedError(code, "a control character")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise RefusedError(code, "half a character") from None


def _text(value: object, limit: int, *, kinds: Sequence[str] = ("plain_text", "mrkdwn")) -> None:
    """Check a text object."""
    _need(isinstance(value, dict), "a text object is missing")
    assert isinstance(value, dict)
    kind, text = value.get("type"), value.get("text")
    _need(kind in kinds, f"text of type {kind!r}")
    _need(set(value) <= {"type", "text", "emoji" if kind == "plain_text" else "verbatim"}, "fields")
    _need(isinstance(text, str) and 0 < len(text) <= limit, f"text of 1 to {limit} characters")
    assert isinstance(text, str)
    _characters(text, "invalid_blocks")
    marked = _DATE.sub("", text)
    _need(kind == "plain_text" or not _RAW.search(marked), "raw markup in mrkdwn")


def _elements(block: Json, most: int) -> list[Any]:
    found = block.get("elements")
    _need(isinstance(found, list) and 0 < len(found) <= most, f"1 to {most} elements")
    assert isinstance(found, list)
    _need(all(isinstance(one, dict) for one in found), "elements that are objects")
    return found


def _section(block: Json) -> None:
    _need("text" in block or "fields" in block, "a section has text or fields")
    if "text" in block:
        _text(block["text"], 3_000)
    fields = block.get("fields", [])
    _need(isinstance(fields, list) and len(fields) <= 10, "at most 10 fields")
    for one in fields:
        _text(one, 2_000)


def _context(block: Json) -> None:
    for element in _elements(block, 10):
        _text(element, 3_000)


def _actions(block: Json) -> None:
    for element in _elements(block, 25):
        _need(element.get("type") == "button", "only buttons are known here")
        _text(element.get("text"), 75, kinds=("plain_text",))
        _need(len(element.get("value", "")) <= 2_000, "value")
        _need(len(element.get("url", "")) <= 3_000, "url")
        _need(len(element.get("action_id", "")) <= 255, "action_id")


def _table(block: Json) -> None:
    rows = block.get("rows")
    _need(isinstance(rows, list) and 0 < len(rows) <= 100, "1 to 100 rows")
    assert isinstance(rows, list)
    for row in rows:
        _need(isinstance(row, list) and 0 < len(row) <= 20, "1 to 20 cells")
        for cell in row:
            _need(cell.get("type") in ("raw_text", "rich_text"), "a cell")
            if cell["type"] == "rich_text":
                _rich(cell)


def _rich(block: Json) -> None:
    for part in _elements(block, 1_000):
        kind = part.get("type")
        _need(kind in ("rich_text_section", "rich_text_quote", "rich_text_preformatted"), str(kind))
        for element in _elements(part, 1_000):
            _rich_element(element)


def _rich_element(element: Json) -> None:
    kind = element.get("type")
    _need(kind in ("text", "link", "emoji", "date"), f"unknown element {kind!r}")
    if kind == "date":
        known = {"type", "timestamp", "format", "fallback", "url", "style"}
        _need(set(element) <= known and isinstance(element.get("timestamp"), int), "a date")
        _need(_FORMAT.fullmatch(str(element.get("format"))), "a date has a format")
        return
    style = element.get("style", {})
    _need(isinstance(style, dict) and set(style) <= _STYLES, "style")
    if kind == "emoji":
        _need(_EMOJI.fullmatch(str(element.get("name"))), "an emoji has a name")
        return
    if kind == "link":
        _need(_URL.fullmatch(str(element.get("url"))), "a link has an http(s) url")
    if kind == "text" or "text" in element:
        text = element.get("text")
        _need(isinstance(text, str) and 0 < len(text) <= 3_000, "text of 1 to 3,000 characters")
        _characters(str(text), "invalid_blocks")


_BLOCKS: dict[object, Callable[[Json], None]] = {
    "rich_text": _rich,
    "section": _section,
    "context": _context,
    "header": lambda block: _text(block.get("text"), 150, kinds=("plain_text",)),
    "divider": lambda _: None,
    "actions": _actions,
    "table": _table,
}
