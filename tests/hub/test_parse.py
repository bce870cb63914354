"""What the Hub's JSON becomes."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from bot.core.board import Answer, Result, Source
from bot.core.errors import ParseError
from bot.hub.parse import MAX_ITEMS, MAX_MALFORMED, MAX_TEXT, MAX_VALUES, parse

RECORDED = Path(__file__).parents[1] / "data" / "hub" / "swe_bench_verified.json"


def row(**fields: Any) -> dict[str, Any]:
    return {"rank": 1, "modelId": "a/b", "value": 76.4, "verified": False} | fields


def read(body: bytes) -> Answer:
    return parse(body).answer()


def digest(*rows: Any) -> str:
    return parse(json.dumps(rows).encode()).digest


def only(**fields: Any) -> Result:
    answer = read(json.dumps([row(**fields)]).encode())
    assert answer.malformed == 0
    return answer.results[0]


def malformed(*rows: Any) -> int:
    body = json.dumps([*rows, row(modelId="good/one")]).encode()
    answer = read(body)
    assert [result.model for result in answer.results] == ["good/one"]
    return answer.malformed


def test_a_recorded_answer_is_read_whole() -> None:
    """Every field of a board as the Hub gives it lands in its place."""
    answer = read(RECORDED.read_bytes())

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
        {"rank": "1"},
        {"rank": 2.5},
        {"rank": -1},
        {"rank": 2**31},
        {"rank": 1e300},
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
    (result,) = read(json.dumps([without]).encode()).results
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
        assert read(body.encode()).malformed == 1


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
    nothing = only(filename=None, source=None, pullRequest=None, notes=" \n")

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

    result = read(body.encode()).results[0]

    assert result.notes == "abcd😀e\\ud800\\u0000"


@pytest.mark.parametrize(
    ("fields", "read"),
    [
        ({"verified": 1}, {"verified": False}),
        ({"verified": "yes"}, {"verified": False}),
        ({"verified": None}, {"verified": False}),
        ({"filename": 1}, {"filename": "1"}),
        ({"filename": ["x"]}, {}),
        ({"notes": 5}, {"notes": "5"}),
        ({"notes": True}, {"notes": "true"}),
        ({"notes": {}}, {}),
        ({"source": "Model Card"}, {"source": Source(name="Model Card")}),
        ({"source": "https://x/y"}, {"source": Source(url="https://x/y")}),
        ({"source": {"name": 1}}, {"source": Source(name="1")}),
        ({"source": {"url": [], "name": "n"}}, {"source": Source(name="n")}),
        ({"source": {"url": " https://x/y\n"}}, {"source": Source(url="https://x/y")}),
        ({"source": 7}, {"source": Source(name="7")}),
        ({"source": []}, {}),
        ({"pullRequest": "12"}, {"pull_request": 12}),
        ({"pullRequest": 12.0}, {"pull_request": 12}),
        ({"pullRequest": 0}, {}),
        ({"pullRequest": 2.5}, {}),
        ({"pullRequest": "soon"}, {}),
        ({"num_parameters": 7e9}, {"parameters": 7_000_000_000}),
        ({"num_parameters": "8000"}, {"parameters": 8000}),
        ({"num_parameters": -1}, {}),
        ({"num_parameters": "7B"}, {}),
        ({"num_parameters": 10**400}, {}),
        ({"lower_is_better": "true"}, {}),
        ({"author": 7}, {}),
        ({"taskId": 3}, {}),
    ],
)
def test_a_decoration_never_costs_its_row(fields: dict[str, Any], read: dict[str, Any]) -> None:
    """What has another type than the Hub says is taken as its text, or as unknown."""
    plain = only()
    assert only(**fields) == structs.replace(plain, **read)


@pytest.mark.parametrize(("written", "rank"), [("3", 3), ("3.0", 3), ("3e0", 3), ("1e9", 10**9)])
def test_a_whole_rank_is_read_in_any_spelling(written: str, rank: int) -> None:
    """JSON has one kind of number."""
    body = f'[{{"rank":{written},"modelId":"a/b","value":1}}]'
    assert [one.rank for one in read(body.encode()).results] == [rank]


def test_rows_that_are_equal_in_what_counts_are_one() -> None:
    """Profiles, the order of keys and the way a number is written make no difference."""
    rows = [
        row(value=79, author={"a": 1, "b": 2}),
        {"author": {"b": 2, "a": 1}} | row(value=79.0, notes=None),
        row(value=79, author={"a": 1, "b": 3}, num_parameters=7),
        row(value=79, notes="other"),
    ]
    found = read(json.dumps(rows).encode()).results
    assert [result.notes for result in found] == [None, "other"]


@pytest.mark.parametrize(
    ("said", "higher"),
    [
        ((), None),
        ((None, None), None),
        ((True,), False),
        ((False,), True),
        ((True, True, False), False),
        ((True, False), None),
        ((True, None, None), False),
        (("true", False), True),
    ],
)
def test_most_rows_that_say_the_direction_decide_it(said: tuple[Any, ...], higher: object) -> None:
    """Rows that say nothing, or nothing that can be read, have no vote."""
    rows = [
        row(modelId=f"a/{number}") | ({} if one is None else {"lower_is_better": one})
        for number, one in enumerate(said)
    ]
    assert read(json.dumps(rows).encode()).higher_is_better is higher


def test_the_digest_is_that_of_what_counts() -> None:
    """Profiles and the order of rows do not count; rows, direction and sizes do."""
    one, two = row(modelId="a/1", author={"followerCount": 1}), row(modelId="a/2")
    same = digest(one, two)
    assert digest(two, one | {"author": {"followerCount": 2}, "likes": 3}) == same
    assert digest(one | {"verified": False}, {**two, "rank": 1.0}) == same
    without = {key: value for key, value in one.items() if key != "verified"}
    assert digest(without, two) == same
    for other in (
        digest(one),
        digest(one, two, {}),
        digest(one, two | {"rank": 2}),
        digest(one, two | {"value": 1}),
        digest(one, two | {"verified": True}),
        digest(one, two | {"notes": "n"}),
        digest(one, two | {"filename": "f"}),
        digest(one, two | {"pullRequest": 1}),
        digest(one, two | {"source": {"url": "https://x/y", "isExternal": True}}),
        digest(one, two | {"lower_is_better": True}),
        digest(one, two | {"num_parameters": 7}),
    ):
        assert other != same


def test_an_empty_list_is_an_empty_answer() -> None:
    """No rows is something the Hub may say."""
    assert read(b" [ ] ").results == ()


def test_a_list_without_one_readable_row_is_no_answer() -> None:
    """Then it is the format that changed, not the board."""
    with pytest.raises(ParseError, match="none of the 2 rows could be read"):
        read(b"[1, {}]")


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
    ],
)
def test_what_is_no_list_is_refused_with_its_reason(body: bytes, says: str) -> None:
    """A broken answer is one clear sentence, never a crash."""
    with pytest.raises(ParseError, match=says):
        read(body)


def test_a_byte_order_mark_is_no_matter() -> None:
    """Some servers put one in front."""
    assert read(b"\xef\xbb\xbf[]").results == ()


def test_a_decoration_of_any_length_costs_no_row() -> None:
    """What is kept of it is cut; a profile is not looked at."""
    long = "x" * 1_500_000
    decorated = row(author=long, notes=long, filename=long, source={"name": long})
    mistyped = row(modelId="a/c", author=long, verified=long, lower_is_better=long)
    answer = read(json.dumps([decorated, mistyped]).encode())
    assert answer.malformed == 0
    assert [len(result.notes or "") for result in answer.results] == [2_000, 0]


def test_a_row_of_many_megabytes_is_read_where_its_types_are_right() -> None:
    """To look for what can be saved of one that is wrong would cost too much."""
    assert read(json.dumps([row(author="x" * 8_000_001)]).encode()).malformed == 0
    assert malformed(row(author="x" * 8_000_001, notes=[])) == 1


def test_a_hundred_thousand_rows_are_read() -> None:
    """A board may be large."""
    more = {f"k{n}": n for n in range(15)}
    one = json.dumps(row(notes="n" * 150 + ",,,:::", author={"name": "x"} | more))
    body = ",".join(one.replace("a/b", f"a/{n}") for n in range(100_000))

    assert len(read(f"[{body}]".encode()).results) == 100_000


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("rank", "modelId", "value", "verified", "filename", "source", "notes", "lower_is_better"),
        VALUES,
    ),
)


@given(st.lists(st.builds(lambda fields, more: row() | fields | more, FIELDS, FIELDS) | VALUES))
def test_whatever_the_list_holds_every_row_is_read_or_counted(rows: list[Any]) -> None:
    """Nothing in a list of JSON crashes the reader or slips through it."""
    try:
        answer = read(json.dumps([*rows, row(modelId="good/one")]).encode())
    except ParseError as error:
        assert "not JSON" in error.reason  # noqa: PT017  # a digit too many for Python's reader
        return
    assert 1 <= len(answer.results) <= len(rows) + 1 - answer.malformed
    for result in answer.results:
        assert "\0" not in f"{result}"
        f"{result}".encode()


@pytest.mark.parametrize(
    ("fields", "unread"),
    [
        ({"value": "85.2%"}, ("org/bad",)),
        ({"rank": None}, ("org/bad",)),
        ({"rank": 0}, ("org/bad",)),
        ({"value": float("nan")}, ("org/bad",)),
        ({"modelId": 5}, ()),
        ({"modelId": " "}, ()),
        ({"modelId": "x" * 1_000, "value": "85.2%"}, ()),
    ],
)
def test_a_row_that_cannot_be_read_still_says_whose_it_is(
    fields: dict[str, Any], unread: tuple[str, ...]
) -> None:
    """Where its model can be."""
    bad = row(**{"modelId": "org/bad", **fields})
    answer = read(json.dumps([row(), bad]).encode())
    assert (answer.malformed, answer.unread) == (1, unread)
    assert answer.flaw.startswith("1 row is skipped: ")


def test_another_row_that_cannot_be_read_is_another_answer() -> None:
    """Although what can be read is the same."""
    one, other = (
        parse(json.dumps([row(), row(modelId=name, value="x")]).encode()).digest for name in "ab"
    )
    assert one != other
