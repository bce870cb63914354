"""Which tasks a benchmark has, by its ``eval.yaml``."""

from __future__ import annotations

import time
from datetime import timedelta

import httpx
import pytest

from bot.core.board import BoardKey
from bot.core.errors import FetchError, GatedError, ParseError, UnknownBenchmarkError
from bot.core.secret import Secret
from bot.hub.answers import NotModified, TaskList
from bot.hub.client import HubClient
from bot.hub.tasks import MAX_ENTRIES, MAX_FILE, _problem, parse

FILE = """\
name: ParseBench
description: >
  Whole pages, whole tables.
evaluation_framework: inspect-ai
tasks:
  - id: mean
    config: default
    split: test
  - id: "MTEB(Multilingual, v2)"
    config: all
  - id: swe_bench_%_resolved
"""
PATH = "/datasets/Org/Bench_1.0/resolve/main/eval.yaml"


class Site:
    """Answers in turn, the last one again and again; remembers the requests."""

    def __init__(self, *answers: httpx.Response) -> None:
        self._answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def client(site: Site, endpoint: str = "https://hub.example") -> HubClient:
    transport = httpx.MockTransport(site)
    token, timeout = Secret("hf_sesame"), timedelta(seconds=20)
    return HubClient(endpoint, token, timeout, 4, time.monotonic, transport)


def read(site: Site, etag: str | None = None) -> TaskList | NotModified:
    return client(site).tasks("Org/Bench_1.0", etag=etag)


def ids(text: str) -> tuple[str, ...]:
    return parse(text.encode()).tasks


def refusal(text: str | bytes) -> str:
    with pytest.raises(ParseError) as caught:
        parse(text.encode() if isinstance(text, str) else text)
    return caught.value.reason


# --- the request ----------------------------------------------------------------------------------


def test_the_file_is_asked_of_the_endpoint() -> None:
    """On the main branch, with the token, and as what it is."""
    site = Site(httpx.Response(200, text=FILE))

    read(site)

    (request,) = site.requests
    assert str(request.url) == f"https://hub.example{PATH}"
    assert request.headers["authorization"] == "Bearer hf_sesame"
    assert request.headers["accept"] == "*/*"
    assert "if-none-match" not in request.headers


def test_tasks_come_in_the_files_order_with_its_name_and_etag() -> None:
    """The first one is the benchmark's first task."""
    assert read(Site(httpx.Response(200, text=FILE, headers={"ETag": '"1"'}))) == TaskList(
        tasks=("mean", "MTEB(Multilingual, v2)", "swe_bench_%_resolved"),
        name="ParseBench",
        etag='"1"',
    )


def test_a_known_file_is_not_read_again() -> None:
    """The Hub is shown the ETag and says that nothing has changed."""
    site = Site(httpx.Response(304))

    assert read(site, etag='"1"') == NotModified()
    assert site.requests[0].headers["if-none-match"] == '"1"'


@pytest.mark.parametrize(
    ("location", "asked"),
    [
        ("/api/resolve-cache/datasets/a/b/c/eval.yaml?x=1", "/api/resolve-cache/datasets/a/b/c/"),
        ("../../../New/resolve/main/eval.yaml?x=1", "/datasets/Org/New/resolve/main/"),
        ("https://hub.example/files/eval.yaml?x=1", "/files/"),
    ],
)
def test_a_file_that_moved_is_followed(location: str, asked: str) -> None:
    """To any path of the endpoint, with the address's own query."""
    moved = httpx.Response(307, headers={"Location": location})
    site = Site(moved, httpx.Response(200, text=FILE))

    assert isinstance(read(site, etag='"1"'), TaskList)
    assert str(site.requests[1].url) == f"https://hub.example{asked}eval.yaml?x=1"
    assert site.requests[1].headers["if-none-match"] == '"1"'


@pytest.mark.parametrize("location", ["https://files.example/eval.yaml", "http://hub.example/x"])
def test_a_file_elsewhere_is_not_asked_for(location: str) -> None:
    """The token goes to the endpoint alone."""
    site = Site(httpx.Response(302, headers={"Location": location}))

    with pytest.raises(FetchError, match="another address"):
        read(site)
    assert len(site.requests) == 1


def test_redirects_end_after_three() -> None:
    """A circle is cut."""
    site = Site(httpx.Response(302, headers={"Location": PATH}))

    with pytest.raises(FetchError, match="redirects without end"):
        read(site)
    assert len(site.requests) == 4


@pytest.mark.parametrize(
    ("response", "kind", "says"),
    [
        (httpx.Response(404), FetchError, "the benchmark has no eval.yaml"),
        (httpx.Response(403, headers={"X-Error-Code": "GatedRepo"}), GatedError, "no access"),
        (httpx.Response(500), FetchError, "the Hub answered 500"),
        (httpx.Response(200, content=b"#" * (MAX_FILE + 1)), FetchError, "larger than 1 MB"),
        (httpx.Response(200, text="<html>"), ParseError, "not a mapping"),
    ],
)
def test_what_is_no_file_says_why(response: httpx.Response, kind: type, says: str) -> None:
    """A missing file, a closed one and one that is none are failures of different kinds."""
    with pytest.raises(FetchError, match=says) as caught:
        read(Site(response))
    assert type(caught.value) is kind


def test_a_name_that_is_none_is_not_asked_for() -> None:
    """What cannot be a dataset's id makes no request."""
    site = Site(httpx.Response(200, text=FILE))

    with pytest.raises(UnknownBenchmarkError):
        client(site).tasks("a/../b")
    assert not site.requests


# --- the rate limits ------------------------------------------------------------------------------

SPENT = {"RateLimit": '"resolvers";r=0;t=100'}


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text=FILE, headers=SPENT),
        httpx.Response(429, headers={"Retry-After": "100"}),
    ],
)
def test_files_without_quota_hold_back_no_board(answer: httpx.Response) -> None:
    """The Hub counts them apart; the next file is not asked for."""
    site = Site(answer, httpx.Response(200, json=[]))
    hub = client(site)
    if answer.status_code == 200:
        hub.tasks("a/b")
    for _ in range(2):
        with pytest.raises(FetchError, match="rate limit is used up, wait"):
            hub.tasks("a/b")

    hub.leaderboard(BoardKey("a/b"))
    assert len(site.requests) == 2


def test_boards_without_quota_hold_back_no_file() -> None:
    """Nor the other way round."""
    spent = {"RateLimit": '"api";r=0;t=100'}
    site = Site(httpx.Response(200, json=[], headers=spent), httpx.Response(200, text=FILE))
    hub = client(site)
    hub.leaderboard(BoardKey("a/b"))

    assert isinstance(hub.tasks("a/b"), TaskList)
    with pytest.raises(FetchError, match="rate limit is used up, wait"):
        hub.leaderboard(BoardKey("a/b"))


# --- the file -------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", ["2024", "yes", "1e3", "null", "0x10", "2026-01-01", "a/b c"])
def test_every_scalar_is_text(task: str) -> None:
    """An id is what is written, whatever YAML would make of it."""
    assert ids(f"tasks: [{{id: {task}}}]") == (task,)


@pytest.mark.parametrize("text", ["\ufefftasks: [{id: a}]", "---\ntasks: [{id: a}]\n...\n"])
def test_a_mark_at_either_end_is_nothing(text: str) -> None:
    """Neither byte order mark nor document markers are part of the file."""
    assert ids(text) == ("a",)


def test_what_is_besides_is_passed_over() -> None:
    """Keys that are unknown, tagged or no text cost nothing."""
    assert ids("? [x]\n: y\nz: !!python/object:os.system {a: b}\ntasks: [{id: a, 7: 8}]") == ("a",)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("mean", "task 2 is left out: it has no id"),
        ("{config: x}", "task 2 is left out: it has no id"),
        ("{id: }", "task 2 is left out: it has no id"),
        ("{id: '  '}", "task 2 is left out: it has no id"),
        ("{id: [a]}", "task 2 is left out: its id is not text"),
        ("{id: {a: b}}", "task 2 is left out: its id is not text"),
        ("{id: " + "x" * 501 + "}", "task 2 is left out: its id has more than 500 characters"),
        ('{id: "a\\nb"}', "task 2 is left out: its id “a b” has control characters"),
        ('{id: "a\\x1b[31mb"}', "task 2 is left out: its id “ab” has control characters"),
        ('{id: "a\\u0085"}', "task 2 is left out: its id “a” has control characters"),
        ("{id: ' a'}", "task 2 is left out: its id “a” has blanks around it"),
        ('{id: "a\\u00a0"}', "task 2 is left out: its id “a” has blanks around it"),
        ("{id: good}", "task 2 is left out: “good” is there twice"),
    ],
)
def test_an_entry_that_cannot_be_used_is_left_out_and_said(entry: str, why: str) -> None:
    """The others are tasks all the same."""
    found = parse(f"tasks: [{{id: good}}, {entry}, {{id: last}}]".encode())

    assert found.tasks == ("good", "last")
    assert found.left_out == (why,)


def test_an_id_of_500_characters_is_taken() -> None:
    """That is the most."""
    assert ids("tasks: [{id: " + "x" * 500 + "}]") == ("x" * 500,)


def test_a_surrogate_that_stands_alone_is_in_no_id() -> None:
    """No database takes one; libyaml does not even read it."""
    assert _problem("a\ud800") == "its id “a\N{REPLACEMENT CHARACTER}” has control characters"


def test_no_more_than_ten_thousand_entries_are_read() -> None:
    """What is beyond is said."""
    found = parse(b"tasks:\n" + b"".join(b"- id: t%d\n" % n for n in range(MAX_ENTRIES + 5)))

    assert found.tasks[-1] == "t9999"
    assert found.left_out == ("the tasks after the first 10000 are left out",)


def test_what_is_left_out_is_told_in_few_sentences() -> None:
    """A file of junk fills no log."""
    found = parse(b"tasks:\n- id: a\n" + b"- {}\n" * 100)

    assert len(found.left_out) == 21
    assert found.left_out[-1] == "80 more tasks are left out"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Humanity's Last Exam", "Humanity's Last Exam"),
        ('"a\\x1b[31mb\\nc\\u202e"', "ab c"),
        ("x" * 300, "x" * 199 + "…"),
        ('" "', None),
        ("[a]", None),
        ("", None),
    ],
)
def test_the_name_is_one_short_line(name: str, kept: str | None) -> None:
    """It is a stranger's text."""
    assert parse(f"name: {name}\ntasks: [{{id: a}}]".encode()).name == kept


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "eval.yaml is not a mapping with tasks"),
        ("- id: a", "eval.yaml is not a mapping with tasks"),
        ("name: x", "eval.yaml has no tasks"),
        ("tasks:", "the tasks of eval.yaml are not a list"),
        ("tasks: {id: a}", "the tasks of eval.yaml are not a list"),
        ("tasks: []", "eval.yaml names no task that can be used"),
        ("tasks: [{}]", "names no task that can be used: task 1 is left out: it has no id"),
        ("name: x\ntasks: [", r"eval.yaml is not YAML (line "),
        ("tasks: [{id: a}]\n---\ntasks: [{id: b}]", "eval.yaml has more than one document"),
        ("tasks: &t [{id: a}]\nmore: *t", "eval.yaml has an alias"),
        ('"\\UFFFFFFFF"', "eval.yaml is not YAML"),
        (f"%YAML 1.{'9' * 5000}\n---\na", "eval.yaml is not YAML"),
        ("<!DOCTYPE html><html>", "eval.yaml is not a mapping with tasks"),
        (b"name: \xff", "eval.yaml is not UTF-8 text"),
        (b"name: \0", "eval.yaml is not YAML"),
    ],
)
def test_a_file_that_is_none_says_why(text: str | bytes, says: str) -> None:
    """With the line, where it is no YAML."""
    assert says in refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        b"[" * MAX_FILE,
        b"{" * MAX_FILE,
        b"- " * (MAX_FILE // 2),
        b"? " * (MAX_FILE // 2),
        b"".join(b" " * n + b"a:\n" for n in range(1000)),
        b"tasks: [" + b"a," * (MAX_FILE // 2 - 8) + b"]",
        b"a: &a [x]\n" + b"".join(b"b%d: [*a,*a,*a]\n" % n for n in range(1000)),
    ],
)
def test_a_file_made_to_cost_costs_little(text: bytes) -> None:
    """Depth, number and references are refused before anything is built of them."""
    before = time.process_time()

    refusal(text)

    assert time.process_time() - before < 10
