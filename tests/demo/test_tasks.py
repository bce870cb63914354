"""The sample Hub's tasks: one board each, asked for by id, named by an eval.yaml."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
import pytest
import yaml

from bot.demo.benchmark import evaluation_file
from bot.demo.hub import EVAL_FILE
from tests.support.hub.asking import get
from tests.support.hub.fake_hub import SampleHub, board, entry

BENCH = "org/bench"
FILE = f"{BENCH}/{EVAL_FILE}"
MEAN = board(("a/x", 80.0), ("a/y", 70.0))
TABLE = board(("a/y", 60.0), ("a/x", 50.0))

IDS = [
    "mean",
    "swe_bench_%_resolved",
    "MathArena/aime_2026",
    "MTEB(Multilingual, v2)",
    "a&b=c;d",
    "x#y?z",
    "1+1",
    " blanks ",
    "[0-9]*",
    "50%25",
    "null",
    "3.0",
    "yes: no",
    'say "it"\\n',
    "数学",
    "e\u0301",
    "\u202eright",
    "\x07bell",
    "\x7f\x85\u2028",
    "..",
    "x" * 600,
]


def ask(hub: SampleHub, task: str | None = None, more: str = "", **headers: str) -> httpx.Response:
    query = "" if task is None else f"task_id={quote(task, safe='')}"
    address = f"{hub.url}/api/datasets/{BENCH}/leaderboard?{query}{more}"
    return get(address, headers=headers)


def names(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200
    return [row["modelId"] for row in answer.json()]


def read(
    hub: SampleHub, headers: dict[str, str] | None = None, *, follow: bool = True
) -> httpx.Response:
    address = f"{hub.url}/datasets/{BENCH}/resolve/main/eval.yaml"
    return get(address, headers=headers, follow_redirects=follow)


def tasks(hub: SampleHub) -> list[Any]:
    return [task["id"] for task in yaml.safe_load(read(hub).content)["tasks"]]


def test_each_task_is_a_board_and_the_bare_address_is_the_first(hub: SampleHub) -> None:
    """Rows say nothing of their task."""
    hub.set_tasks(BENCH, {"mean": MEAN, "table": TABLE})
    assert names(ask(hub)) == names(ask(hub, "mean")) == ["a/x", "a/y"]
    assert names(ask(hub, "table")) == ["a/y", "a/x"]
    assert ask(hub, "table").json() == TABLE


@pytest.mark.parametrize("task", IDS, ids=lambda task: ascii(task)[:30])
def test_an_id_may_hold_anything(hub: SampleHub, task: str) -> None:
    """It comes out of the eval.yaml as it was given, and back in percent-encoded."""
    hub.set_tasks(BENCH, {"first": MEAN, task: TABLE})
    assert tasks(hub) == ["first", task]
    assert names(ask(hub, task, "&base_model=false")) == ["a/y", "a/x"]


def test_an_id_that_is_not_encoded_is_another_one(hub: SampleHub) -> None:
    """As for any server, a plus is a blank and an ampersand ends it."""
    hub.set_tasks(BENCH, {"1+1": MEAN, "a&b": MEAN})
    for raw in ("task_id=1+1", "task_id=a&b"):
        address = f"{hub.url}/api/datasets/{BENCH}/leaderboard?{raw}"
        assert get(address).status_code == 404


def test_tasks_are_put_in_another_order_join_and_leave(hub: SampleHub) -> None:
    """The bare address follows the order, and what has left is unknown."""
    hub.set_tasks(BENCH, {"mean": MEAN, "table": TABLE})
    hub.set_tasks(BENCH, {"table": TABLE, "mean": MEAN})
    assert names(ask(hub)) == ["a/y", "a/x"]
    assert tasks(hub) == ["table", "mean"]
    hub.set(BENCH, board(("a/z", 1.0)), task="chart")
    hub.set(BENCH, [], task="table")
    assert tasks(hub) == ["table", "mean", "chart"]
    assert (names(ask(hub, "chart")), names(ask(hub))) == (["a/z"], [])
    hub.set_tasks(BENCH, {"mean": MEAN})
    assert ask(hub, "table").status_code == 404


def test_a_mapping_of_rows_is_one_of_tasks() -> None:
    """Wherever rows are given."""
    with SampleHub({BENCH: {"a": MEAN, "b": TABLE}}) as hub:
        assert tasks(hub) == ["a", "b"]
        hub.set(BENCH, {"c": MEAN})
        assert tasks(hub) == ["c"]
        hub.add_benchmark(BENCH, {"d": MEAN}, name="The Bench")
        assert yaml.safe_load(read(hub).text)["name"] == "The Bench"
        assert hub.benchmarks == (BENCH,)


def test_a_benchmark_of_plain_rows_has_no_tasks_and_no_file(hub: SampleHub) -> None:
    """It can be given some later, and lose them again."""
    hub.set(BENCH, MEAN)
    assert names(ask(hub)) == ["a/x", "a/y"]
    assert ask(hub, "mean").status_code == 404
    assert (read(hub).status_code, read(hub).headers["X-Error-Code"]) == (404, "EntryNotFound")
    hub.set(BENCH, TABLE, task="table")
    assert (names(ask(hub)), tasks(hub)) == (["a/y", "a/x"], ["table"])
    hub.set(BENCH, MEAN)
    assert read(hub).status_code == 404


@pytest.mark.parametrize(("status", "body"), [(404, None), (400, None), (200, [])])
def test_what_an_unknown_task_answers_can_be_chosen(
    hub: SampleHub, status: int, body: list[Any] | None
) -> None:
    """An error with a body, or no rows."""
    hub.set_tasks(BENCH, {"mean": MEAN})
    hub.unknown_task = status
    answer = ask(hub, "main")
    assert answer.status_code == status
    assert answer.json() == ({"error": "No such task"} if body is None else body)


def test_the_file_is_behind_a_redirect_within_the_hub(hub: SampleHub) -> None:
    """Its address names a revision, which is another one for another text."""
    hub.set_tasks(BENCH, {"mean": MEAN}, name="The Bench")
    first = read(hub, follow=False)
    assert first.status_code == 307
    path, _, query = first.headers["Location"].partition("?")
    *start, revision, name = path.split("/")
    assert "/".join(start) == f"/api/resolve-cache/datasets/{BENCH}"
    assert (len(bytes.fromhex(revision)), name) == (20, "eval.yaml")
    assert query
    file = yaml.safe_load(read(hub).text)
    assert list(file) == ["name", "description", "evaluation_framework", "tasks"]
    assert file["name"] == "The Bench"
    assert file["tasks"] == [{"id": "mean", "config": "default", "split": "test"}]
    hub.set_tasks(BENCH, {"main": MEAN})
    assert revision not in read(hub, follow=False).headers["Location"]
    assert yaml.safe_load(read(hub).text)["name"] == "bench"


def test_the_file_answers_304_to_its_etag(hub: SampleHub) -> None:
    """The ETag is a strong one; another text is answered whole."""
    hub.set_tasks(BENCH, {"mean": MEAN})
    etag = read(hub).headers["ETag"]
    assert etag.startswith('"')
    assert read(hub, {"If-None-Match": etag}).status_code == 304
    hub.set_tasks(BENCH, {"mean": MEAN, "table": TABLE})
    assert read(hub, {"If-None-Match": etag}).status_code == 200
    hub.etags = False
    assert "ETag" not in read(hub).headers


@pytest.mark.parametrize("text", ["tasks: [", b"\xff\xfe", "", "tasks:\n- id: odd"])
def test_the_files_text_can_be_anything(hub: SampleHub, text: str | bytes) -> None:
    """It is answered as it is until it is taken back, and no board changes for it."""
    hub.set_tasks(BENCH, {"mean": MEAN})
    usual = read(hub).content
    hub.set_eval_file(BENCH, text)
    assert read(hub).content == (text.encode() if isinstance(text, str) else text)
    assert names(ask(hub, "mean")) == ["a/x", "a/y"]
    hub.set_eval_file(BENCH, None)
    assert read(hub).content == usual


@pytest.mark.parametrize("status", [404, 400])
def test_a_file_may_name_tasks_that_the_hub_does_not_know(hub: SampleHub, status: int) -> None:
    """Then the bare address alone answers."""
    hub.set(BENCH, MEAN)
    hub.set_eval_file(BENCH, evaluation_file("The Bench", ["mean", "table"]))
    hub.unknown_task = status
    assert tasks(hub) == ["mean", "table"]
    assert ask(hub, "mean").status_code == status
    assert names(ask(hub)) == ["a/x", "a/y"]


def test_the_file_the_boards_and_one_board_fail_apart(hub: SampleHub) -> None:
    """Each leaves the others alone; the whole Hub's failure spares nothing."""

    def statuses() -> tuple[int, ...]:
        answers = (read(hub), ask(hub), ask(hub, "mean"), ask(hub, "table"))
        return tuple(answer.status_code for answer in answers)

    hub.set_tasks(BENCH, {"mean": MEAN, "table": TABLE})
    hub.fail(FILE, 500)
    assert statuses() == (500, 200, 200, 200)
    hub.recover(FILE)
    hub.fail(f"{BENCH}#mean", 502)
    assert statuses() == (200, 502, 502, 200)
    hub.recover(f"{BENCH}#mean")
    hub.fail(BENCH, 503)
    assert statuses() == (200, 503, 503, 503)
    hub.fail("*", 504)
    assert statuses() == (504, 504, 504, 504)


@pytest.mark.parametrize(("token", "status"), [(None, 401), ("hf_other", 403)])
def test_gated_files_leave_the_leaderboard_open(
    hub: SampleHub, token: str | None, status: int
) -> None:
    """Who has no access is refused the file alone."""
    hub.set_tasks(BENCH, {"mean": MEAN})
    hub.gate(BENCH, "hf_member", files_only=True)
    shown = {} if token is None else {"Authorization": f"Bearer {token}"}
    refused = read(hub, shown)
    assert (refused.status_code, refused.headers["X-Error-Code"]) == (status, "GatedRepo")
    assert names(ask(hub, "mean", **shown)) == ["a/x", "a/y"]
    member = {"Authorization": "Bearer hf_member"}
    assert read(hub, member).status_code == 200
    hub.gate(BENCH, "hf_member")
    assert ask(hub, "mean", **shown).headers["X-Error-Code"] == "GatedRepo"
    assert names(ask(hub, "mean", **member)) == ["a/x", "a/y"]


def test_each_task_can_have_derived_models_of_its_own(hub: SampleHub) -> None:
    """Named by benchmark and task; the benchmark alone names the first."""
    hub.set_tasks(BENCH, {"mean": MEAN, "table": TABLE})
    hub.derived[BENCH] = board(("me/mean", 1.0))
    derived = "&base_model=false"
    assert names(ask(hub, "mean", derived)) == names(ask(hub, None, derived)) == ["me/mean"]
    assert names(ask(hub, "table", derived)) == ["a/y", "a/x"]
    hub.derived[f"{BENCH}#table"] = board(("me/table", 1.0))
    assert names(ask(hub, "table", derived)) == ["me/table"]
    assert names(ask(hub, "table")) == ["a/y", "a/x"]


def test_what_is_unknown_has_no_file_either(hub: SampleHub) -> None:
    """Other files than the one of tasks are not there."""
    assert read(hub).headers["X-Error-Code"] == "RepoNotFound"
    hub.set_tasks(BENCH, {"mean": MEAN})
    other = get(f"{hub.url}/datasets/{BENCH}/resolve/main/README.md")
    assert other.headers["X-Error-Code"] == "EntryNotFound"


def test_rows_that_name_a_task_are_refused(hub: SampleHub) -> None:
    """By the Hub, wherever rows are given, and by the builder."""
    wrong = [entry("a/x", 1) | {"taskId": "mean"}]
    for give in (
        lambda: hub.set(BENCH, wrong),
        lambda: hub.set(BENCH, wrong, task="mean"),
        lambda: hub.set_tasks(BENCH, {"mean": MEAN, "table": wrong}),
        lambda: hub.add_benchmark(BENCH, wrong),
        lambda: entry("a/x", 1, taskId="mean"),
    ):
        with pytest.raises(ValueError, match="no taskId"):
            give()
    assert hub.benchmarks == ()
