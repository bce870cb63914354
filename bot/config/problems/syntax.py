"""What to write where a text is no TOML: ``tomllib`` names the place, and little more."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct

from bot.config.problems.excerpt import excerpt, line_of, whole_line
from bot.config.problems.places import STRING, Span
from bot.config.problems.problem import plain
from bot.config.tables import shown_keys
from bot.core.secret import looks_secret

Said = tuple[str, str]
"""What is wrong, and what to do."""

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_PAIR = re.compile(r"\s*(?:export\s+)?([\w.\"'-]+)\s*([=:]?)\s*")
_REFERENCE = re.compile(r"(?:env|file):[\w./-]+", re.ASCII)
_TEXT = re.compile(STRING, re.DOTALL)
_HEADER = re.compile(r"\s*(\[\[?)\s*([\w-]+)\.([^\"'\]]+?)\s*\]")
_NOT_CLOSED = 'Expected "\'"'
_OPENED = re.compile(r"^[^'\"#\n]*'[^'\n]*$", re.MULTILINE)
_UNQUOTED = "text must stand in quotes"
_BOOLEANS = {"true", "false", "yes", "no", "on", "off"}
_NOTHING = {"none", "null", "nil", "undefined"}
_CURLY = "\u201c\u201d\u201e\u2018\u2019\u201a\u00ab\u00bb\u00b4`"
_NUMBER = re.compile(r"[+-]?(\d*)[.,](\d+)")


class _Mistake(Struct, frozen=True, kw_only=True):
    """A place in a line that is no TOML; ``value`` is what stands behind the key's ``=``.

    ``hidden`` is how many characters at the end of the line may be a secret's.
    """

    message: str
    line: str
    column: int
    key: str
    value: str | None
    hidden: int

    @property
    def rest(self) -> str:
        """The line from the place on."""
        return self.line[self.column :]


def told(name: str, text: str, message: str) -> tuple[str, str]:
    """Return what is wrong as one line, and with the line of ``text`` and a mark.

    ``message`` is tomllib's, which has the place in it.
    """
    place = _place(text, message)
    line = whole_line(text, place)
    mistake = _mistake(text, line, place, _PLACE.sub("", message))
    what, advice = _explained(mistake)
    mark = (place, place + 1)
    if what == _UNQUOTED and mistake.value:
        mark = line[0] + len(mistake.line) - len(mistake.value or ""), line[1]
    elif mistake.message.startswith("Cannot"):
        mark = line[0] + len(mistake.line) - len(mistake.line.lstrip()), line[1]
    where = ":".join(map(str, line_of(text, mark[0])))
    statement = f"{name}:{where}: {plain(what)}"
    hidden = [(line[0] + len(mistake.line) - mistake.hidden, line[1])] if mistake.hidden else []
    shown = excerpt(text, mark, line, hidden, plain(advice))
    return f"{statement}; {plain(advice)}" if advice else statement, f"{statement}\n{shown}"


def _place(text: str, message: str) -> int:
    """Return where the mistake is; at the end of the text, behind what is written there."""
    found = _PLACE.search(message)
    if message.startswith(_NOT_CLOSED) and (opened := _OPENED.search(text)):
        return opened.end()  # tomllib looks for the end in later lines
    if found is None or found[1] is None:
        return len(text.rstrip())
    lines = text.split("\n")[: int(found[1]) - 1]
    return min(sum(len(line) + 1 for line in lines) + int(found[2]) - 1, len(text))


def _mistake(text: str, line: Span, place: int, message: str) -> _Mistake:
    written = text[slice(*line)].rstrip()
    pair = _pair(written)
    key = pair[1] if pair else _listed_by(text[: line[0]], message)
    rest = written[pair.end() :] if pair else written
    is_header = written.lstrip().startswith("[") and not re.search("[\"']", written)
    is_known = is_header or _last(key) in shown_keys()
    is_plain = is_known and not looks_secret(written) and "#" not in written
    return _Mistake(
        message=message,
        line=written,
        column=place - line[0],
        key=key,
        value=rest if pair and "=" in written else None,
        hidden=0 if is_plain or _REFERENCE.fullmatch(rest) else len(rest),
    )


def _listed_by(above: str, message: str) -> str:
    """Return the key whose list goes on in the line below; "" where none does."""
    if not (above.rstrip().endswith(("[", ",")) or message.startswith("Unclosed array")):
        return ""
    return next(iter(re.findall(r"^\s*([^=\s#]+)\s*=", above, re.MULTILINE)[-1:]), "")


def _pair(written: str) -> re.Match[str] | None:
    """Return the key that a line begins with, and its sign; None where it may be none."""
    pair = _PAIR.match(written)
    if pair is None or looks_secret(pair[1]) or not (pair[2] or _last(pair[1]) in shown_keys()):
        return None
    return pair


def _last(key: str) -> str:
    return key.rpartition(".")[2].strip("\"'")


def _explained(mistake: _Mistake) -> Said:
    """Return what is wrong and what to write; tomllib's words for what is not known."""
    for start, explain in _EXPLAINED.items():
        if mistake.message.startswith(start) and (said := explain(mistake)):
            return said
    return mistake.message, ""


def _of_value(mistake: _Mistake) -> Said | None:
    """Explain a value that is none, or that something follows."""
    if mistake.value is None:
        item = "…" if mistake.hidden else re.split(r"[,\]]", mistake.rest)[0].strip()
        return (_UNQUOTED, f'write "{item}"') if mistake.key else None
    value = mistake.value.partition(" #")[0].strip()
    if not value:
        return f"{mistake.key} has no value", "write one behind the =, or leave the key out"
    if text := _TEXT.match(value):
        return _behind(value[text.end() :].strip())
    if value[0] == "[" and (rest := value.rpartition("]")[2].strip()):
        return _behind(rest)
    return _of_word(value) or (_UNQUOTED, _quoted(mistake, value))


def _of_word(value: str) -> Said | None:
    """Explain a value that was meant to be none, or no text."""
    if value.lower() in _BOOLEANS:
        return "the value is neither true nor false", "write true or false, in small letters"
    if value.lower() in _NOTHING:
        return "TOML has no such value", "leave the key out"
    if value.strip("[ ")[:1] in _CURLY:
        return "curly quotes are no quotes to TOML", 'write straight ones: "'
    if number := _NUMBER.fullmatch(value):
        return "the value is no number", f"write {number[1] or 0}.{number[2]}"
    return None


def _behind(rest: str) -> Said:
    """Explain what stands behind a value that has ended."""
    if "=" in rest:
        return "each key has a line of its own", "begin a new line"
    if rest[:1] in ("", ",", ";"):
        return "nothing stands behind a value", f"leave out the {rest[:1]}"
    if rest[0] in "\"'":
        return "several texts are a list", 'write ["…", "…"]'
    return "the text has ended before", "put a text with a ' in it in double quotes"


def _quoted(mistake: _Mistake, value: str) -> str:
    if mistake.hidden or '"' in value:
        return f'write {mistake.key} = "…"'
    if value.startswith("["):
        items = [f'"{item.strip()}"' for item in value.strip("[]").split(",") if item.strip()]
        return f"write {mistake.key} = [{', '.join(items)}]"
    return f'write {mistake.key} = "{value}"'


def _of_key(mistake: _Mistake) -> Said:
    if mistake.line.lstrip().startswith("export "):
        return "this is no shell", "leave out export"
    if mistake.rest.strip() == ":":
        return "this is YAML, not TOML", "leaderboard-bot init writes a file to begin with"
    if mistake.rest[:1] == ":":
        return "a key and its value are joined by =", "write = for the colon"
    return "an = is missing behind the key", 'write key = "value"'


def _of_header(mistake: _Mistake) -> Said:
    closing = "]]" if "]]" in mistake.message else "]"
    if header := _HEADER.match(mistake.line):
        name = f'{header[1]}{header[2]}."{header[3]}"{"]" * len(header[1])}'
        return (
            "a name with such signs must stand in quotes",
            f"write {name}",
        )
    return "the name of a table is not closed", f"write {closing} behind it"


def _of_list(mistake: _Mistake) -> Said:
    if mistake.rest[:1].strip(" #[") and mistake.column > 0:
        return "a comma is missing between two items of a list", "put it before this one"
    return "a list is not closed", "write ] at its end"


def _twice(mistake: _Mistake) -> Said:
    name = mistake.line.strip("[] \t")
    if name == "watch":
        return "there are several watches", "write each as [[watch]]"
    if mistake.line.lstrip().startswith("["):
        return f"[{name}] is there already", "put all its keys below one of them"
    return f"{mistake.key} is set already", "keep one of the two"


def _of_statement(mistake: _Mistake) -> Said | None:
    if mistake.rest.startswith("{"):
        return "this is JSON, not TOML", "leaderboard-bot init writes a file to begin with"
    if mistake.rest.startswith(("/", ";")):
        return "comments begin with #", "write # for it"
    return ("a key is missing before the =", "name it") if mistake.rest[:1] == "=" else None


def _not_closed(_: _Mistake) -> Said:
    return "a text is not closed", "write its quotes at the end of the line"


def _of_escape(_: _Mistake) -> Said:
    return (
        "a \\ in double quotes begins an escape",
        "put the text in single quotes, or write \\\\",
    )


def _of_braces(_: _Mistake) -> Said:
    return "a table in braces is not closed on its line", "write } at its end, or use a [table]"


_EXPLAINED: dict[str, Callable[[_Mistake], Said | None]] = {
    "Invalid value": _of_value,
    "Expected newline": _of_value,
    "Expected '='": _of_key,
    "Expected ']": _of_header,
    "Unclosed array": _of_list,
    "Unclosed inline table": _of_braces,
    "Unterminated string": _not_closed,
    _NOT_CLOSED: _not_closed,
    "Illegal character '\\n'": _not_closed,
    "Unescaped '\\'": _of_escape,
    "Invalid hex value": _of_escape,
    "Cannot declare": _twice,
    "Cannot overwrite": _twice,
    "Invalid statement": _of_statement,
}
