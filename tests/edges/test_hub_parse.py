"""What the Hub's JSON becomes."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import ParseError
from bot.core.model import Result, Source
from bot.hub.parse import (
    MAX_EXTRA,
    MAX_ITEMS,
    MAX_MALFORMED,
    MAX_TASKS,
    MAX_TEXT,
    MAX_VALUES,
    parse,
)

RECORDED = Path(__file__).parents[1] / "data" / "hub" / "swe_bench_verified.json"


def row(**fields: Any) -> dict[str, Any]:
    return {"rank": 1, "modelId": "a/b", "value": 76.4, "verified": False} | fields


def only(**fields: Any) -> Result:
    answer = parse(json.dumps([row(**fields)]).encode())[None]
    assert answer.malformed == 0
    return answer.results[0]


def malformed(*rows: Any) -> int:
    body = json.dumps([*rows, row(modelId="good/one")]).encode()
    answer = parse(body)[None]
    assert [result.model for result in answer.results] == ["good/one"]
    return answer.malformed


def test_a_recorded_answer_is_read_whole() -> None:
    """Every field of a board as the Hub gives it lands in its place."""
    answer = parse(RECORDED.read_bytes())[None]

    assert answer.malformed == 0
    assert [result.score for result in answer.results] == [
        Decimal("80.6"),
        Decimal("80.2"),
        Decimal(79),
        Decimal(74),
    ]
    assert answer.results[2] == Result(
        rank=3,
        model="deepseek-ai/DeepSeek-V4-Flash",
        score=Decimal(79),
        verified=False,
        filename=".eval_results/swe.yaml",
        source=Source(name="Model card"),
        pull_request=12,
    )
    assert answer.results[3].notes == "With tools"


@pytest.mark.parametrize(
    "fields",
    [
        {"rank": 0},
        {"rank": True},
        {"rank": 1.0},
        {"rank": "1"},
        {"rank": 2**31},
        {"rank": None},
        {"modelId": ""},
        {"modelId": " "},
        {"modelId": "\x00"},
        {"modelId": "a/\x1b[31m"},
        {"modelId": "a" * 201},
        {"modelId": 7},
        {"value": True},
        {"value": "76.4"},
        {"value": None},
        {"value": float("nan")},
        {"value": float("inf")},
        {"value": 10**400},
        {"verified": 1},
        {"verified": None},
        {"filename": 1},
        {"source": "Model Card"},
        {"source": {"name": 1}},
        {"source": {"url": []}},
        {"pullRequest": 0},
        {"pullRequest": "12"},
        {"notes": {}},
        {"taskId": 3},
    ],
)
def test_a_row_with_a_wrong_value_is_skipped_and_counted(fields: dict[str, Any]) -> None:
    """One row that cannot be read costs itself, never the board."""
    assert malformed(row(**fields)) == 1


@pytest.mark.parametrize("missing", ["rank", "modelId", "value"])
def test_a_row_without_a_needed_field_is_skipped_and_counted(missing: str) -> None:
    """Rank, model and value have no default."""
    assert malformed({key: value for key, value in row().items() if key != missing}) == 1


def test_a_row_that_does_not_say_whether_it_is_verified_is_not() -> None:
    """The Hub leaves the flag out where it is false."""
    without = {key: value for key, value in row().items() if key != "verified"}
    (result,) = parse(json.dumps([without]).encode())[None].results
    assert result == only(verified=False)


@pytest.mark.parametrize("thing", [1, None, "text", [], {}])
def test_what_is_no_row_is_counted(thing: object) -> None:
    """A list may hold anything."""
    assert malformed(thing) == 1


@pytest.mark.parametrize("text", ["1e999", '"\\x"', "1" * 5000, '{"a":' * 200 + "1" + "}" * 200])
def test_a_value_that_no_reader_takes_costs_its_row(text: str) -> None:
    """Numbers without end and the like stay inside their row."""
    body = f'[{{"rank":1,"modelId":"a/b","value":{text},"verified":true}},{json.dumps(row())}]'
    if text.startswith('"'):
        with pytest.raises(ParseError, match="not JSON"):
            parse(body.encode())
    else:
        assert parse(body.encode())[None].malformed == 1


@pytest.mark.parametrize(
    ("value", "score"),
    [
        (76.4, "76.4"),
        (79.0, "79"),
        (79, "79"),
        (0.1, "0.1"),
        (0, "0"),
        (-0.0, "0"),
        (-12.5, "-12.5"),
        (100, "100"),
        (1e-7, "1E-7"),
        (1e22, "1E+22"),
    ],
)
def test_a_score_is_the_decimal_that_was_written(value: float, score: str) -> None:
    """Scores are compared in decimal, and whole ones carry no ``.0``."""
    assert str(only(value=value).score) == score


def test_absent_null_and_blank_texts_are_null() -> None:
    """Nothing said is said in one way."""
    nothing = only(filename=None, source=None, pullRequest=None, notes=" \n", taskId=None)

    assert nothing == only() == only(source={}, notes="")


def test_a_source_keeps_only_links_to_the_web() -> None:
    """A link that is not http or https is dropped, its name stays."""
    for url in (
        "javascript:alert(1)",
        "ftp://x/y",
        "https://",
        "https://a b",
        "https://" + "a" * 3000,
    ):
        assert only(source={"name": "n", "url": url}).source == Source(name="n")
    assert only(source={"url": "HTTPS://x/y"}).source == Source(url="HTTPS://x/y")


def test_long_texts_are_cut() -> None:
    """Strangers' texts have a limit, the row stays."""
    result = only(notes="n" * 9999, source={"name": "s" * 9999}, filename="f" * 9999)

    assert result.notes == "n" * MAX_TEXT
    assert result.source == Source(name="s" * MAX_TEXT)
    assert result.filename == "f" * 500


def test_nuls_and_lone_surrogates_are_removed_everywhere() -> None:
    """What no database takes is gone, and what only looks like it stays."""
    text = "a\\ud800b\\udc00c\\u0000d\\ud83d\\ude00e\\\\ud800\\\\u0000"
    body = (
        f'[{{"rank":1,"modelId":"a/b","value":1,"verified":true,"notes":"{text}",'
        f'"author":{{"na\\u0000me":"{text}"}}}}]'
    )

    result = parse(body.encode())[None].results[0]

    assert result.notes == "abcd😀e\\ud800\\u0000"
    assert json.loads(result.extra) == {"author": {"name": "abcd😀e\\ud800\\u0000"}}


def test_other_keys_are_kept_as_canonical_json() -> None:
    """New fields are no failure and their order says nothing."""
    first = only(
        zeta=[1, {"b": 1, "a": 2}], author={"name": "x"}, source={"name": "n", "user": "u"}
    )
    second = only(
        source={"user": "u", "name": "n"}, author={"name": "x"}, zeta=[1, {"a": 2, "b": 1}]
    )

    assert first == second
    assert first.extra == '{"author":{"name":"x"},"source":{"user":"u"},"zeta":[1,{"a":2,"b":1}]}'


def test_other_keys_without_measure_are_dropped() -> None:
    """What is only kept must not fill the database."""
    assert only(author={"name": "x" * MAX_EXTRA}).extra == "{}"


def test_rows_that_are_equal_in_every_field_are_one() -> None:
    """Order of keys, nulls and the way a number is written make no difference."""
    rows = [
        row(value=79, author={"a": 1, "b": 2}),
        {"author": {"b": 2, "a": 1}} | row(value=79.0, notes=None),
        row(value=79, author={"a": 1, "b": 3}),
    ]

    assert len(parse(json.dumps(rows).encode())[None].results) == 2


def test_tasks_make_answers_of_their_own() -> None:
    """``taskId`` and ``task_id`` split the answer; what is malformed counts for all."""
    rows = [row(taskId="diamond"), row(task_id="main"), row(), row(taskId="main"), 7]

    answers = parse(json.dumps(rows).encode())

    assert {task: len(answer.results) for task, answer in answers.items()} == {
        "diamond": 1,
        "main": 2,
        None: 1,
    }
    assert all(answer.malformed == 1 for answer in answers.values())


def test_an_empty_list_is_an_empty_answer() -> None:
    """No rows is something the Hub may say."""
    assert parse(b" [ ] ")[None].results == ()


def test_a_list_without_one_readable_row_is_no_answer() -> None:
    """Then it is the format that changed, not the board."""
    with pytest.raises(ParseError, match="none of the 2 rows could be read"):
        parse(b"[1, {}]")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<!doctype html><p>Sign in", "HTML, not JSON"),
        (b"oops", "not JSON"),
        (b"[1, 2", "not JSON"),
        (b'[{"rank": NaN}', "not JSON"),
        (b'{"error": "x"}', "not a list"),
        (b"null", "not a list"),
        (b'"x"', "not a list"),
        (b"[" * 200_000, "nested too deeply"),
        (b'[{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}]", "nested too deeply"),
        ("[]".encode("utf-16"), "not UTF-8"),
        ("[]".encode("utf-16-le"), "not UTF-8"),
        ('["é"]'.encode("latin-1"), "not UTF-8"),
        (b'[{"a":0' + b',"a":0' * MAX_VALUES + b',"a":0}]', "more values"),
        (b"[" + b"0," * MAX_ITEMS + b"0,0]", "more values"),
        (b"[" + b"{}," * (MAX_ITEMS // 2) + b"{},{}]", "more values"),
        (b"[" + b'{"":0},' * MAX_ITEMS + b"{},{}]", "more values"),
        (b"[" + b"0," * MAX_ITEMS + b"0]", "more than 10000 rows"),
        (json.dumps([row(), *[{}] * (MAX_MALFORMED + 1)]).encode(), "more than 10000 rows"),
        (json.dumps([row(taskId=f"t{n}") for n in range(MAX_TASKS + 1)]).encode(), "more tasks"),
    ],
)
def test_what_is_no_list_is_refused_with_its_reason(body: bytes, says: str) -> None:
    """A broken answer is one clear sentence, never a crash."""
    with pytest.raises(ParseError, match=says):
        parse(body)


def test_a_byte_order_mark_is_no_matter() -> None:
    """Some servers put one in front."""
    assert parse(b"\xef\xbb\xbf[]")[None].results == ()


def test_a_row_of_a_megabyte_is_malformed() -> None:
    """A row has a size that rows have."""
    assert malformed(row(author="x" * 1_000_001)) == 1


def test_a_hundred_thousand_rows_are_read() -> None:
    """A board may be large."""
    more = {f"k{n}": n for n in range(15)}
    one = json.dumps(row(notes="n" * 150 + ",,,:::", author={"name": "x"} | more))
    body = ",".join(one.replace("a/b", f"a/{n}") for n in range(100_000))

    assert len(parse(f"[{body}]".encode())[None].results) == 100_000


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("rank", "modelId", "value", "verified", "filename", "source", "notes", "taskId"), VALUES
    ),
)


@given(st.lists(st.builds(lambda fields, more: row() | fields | more, FIELDS, FIELDS) | VALUES))
def test_whatever_the_list_holds_every_row_is_read_or_counted(rows: list[Any]) -> None:
    """Nothing in a list of JSON crashes the reader or slips through it."""
    try:
        answers = parse(json.dumps([*rows, row(modelId="good/one")]).encode())
    except ParseError as error:
        assert "not JSON" in error.reason  # noqa: PT017  # a digit too many for Python's reader
        return
    found = sum(len(answer.results) for answer in answers.values())
    skipped = next(iter(answers.values())).malformed
    assert 1 <= found <= len(rows) + 1 - skipped
    for answer in answers.values():
        for result in answer.results:
            json.loads(result.extra)
            assert "\0" not in f"{result}"
            f"{result}".encode()


@given(st.text())
def test_any_text_is_refused_or_read(text: str) -> None:
    """Any text at all gives an answer or a ``ParseError``."""
    try:
        parse(text.encode("utf-8", "surrogatepass"))
    except ParseError as error:
        assert error.reason  # noqa: PT017  # either is right
