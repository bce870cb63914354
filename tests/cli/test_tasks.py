"""Tasks of a benchmark as the commands know them: each is a board of its own."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from msgspec.structs import replace

from tests.support.commands import Commands
from tests.support.hub.fake_hub import Json, board
from tests.support.receiver import Receiver
from tests.support.store import reads
from tests.support.store.units import (
    incidents,
    known_tasks,
    last_list,
    save_list,
    save_tasks,
)

PARSE = "llamaindex/ParseBench"
MEAN = board(("acme/a", 60), ("acme/b", 50))
TABLE = board(("acme/b", 70), ("acme/a", 40))
CHART = board(("acme/c", 30))
THREE = {"mean": MEAN, "table": TABLE, "chart": CHART}
HOSTILE = ("MTEB(Multilingual, v2)", "swe_bench_%_resolved", "a/b #1?&=é", "x" * 300, "[z]*")


def asked(commands: Commands) -> list[str | None]:
    """Return the tasks of the leaderboards that were asked for, null for the bare address."""
    found = (urlsplit(one.path) for one in commands.hub.requests)
    return [
        parse_qs(address.query).get("task_id", [None])[0]
        for address in found
        if address.path.endswith("/leaderboard")
    ]


def watch(*benchmarks: str, name: str = "w", more: str = "") -> str:
    listed = ", ".join(f'"{one}"' for one in benchmarks)
    return f'name = "{name}"\nbenchmarks = [{listed}]\nevents = "all"\n{more}'


def an_hour_later(commands: Commands) -> None:
    """Let the list and every reading of tasks be older than an hour."""
    with commands.store() as store:
        for name, known in known_tasks(store).items():
            older = replace(known, asked_at=known.asked_at - timedelta(hours=2))
            save_tasks(store, name, known, older)
        listed = last_list(store)
        if listed is not None:
            save_list(store, listed, replace(listed, at=listed.at - timedelta(hours=2)))


def boards(commands: Commands) -> list[str]:
    with commands.store() as store:
        return [view.key.name for view in reads.boards(store) if view.watched]


def told(commands: Commands) -> list[tuple[str, str | None, str | None]]:
    """Return what was found, as (kind, task, model)."""
    return [
        (one["kind"], one["board"]["task"], one["model"])
        for one in commands.json("events")
        if one["kind"] != "rank_shift"
    ]


def test_a_bare_name_is_the_first_task_asked_by_its_id(commands: Commands) -> None:
    """One request, one answer, one board."""
    commands.hub.add_benchmark(PARSE, THREE)
    commands.configure(watch(PARSE))
    commands.run("poll")
    assert asked(commands) == ["mean"]
    assert boards(commands) == [f"{PARSE}#mean"]


def test_a_glob_of_tasks_watches_each_as_a_board(commands: Commands) -> None:
    """With its own leader, and one message a board."""
    commands.hub.add_benchmark(PARSE, THREE)
    commands.configure(watch(f"{PARSE}#*"))
    commands.run("poll")
    assert sorted(map(str, asked(commands))) == ["chart", "mean", "table"]
    commands.hub.set(PARSE, board(("acme/n", 90), ("acme/b", 70), ("acme/a", 40)), task="table")
    commands.run("poll")
    assert told(commands) == [("new_leader", "table", "acme/n")]
    with commands.store() as store:
        assert len(reads.deliveries(store)) == 1
    url = f"{commands.hub.url}/datasets/{PARSE}?eval_result=acme/n&leaderboard_task_id=table"
    assert commands.json("events")[0]["url"] == url


@pytest.mark.parametrize(
    ("entry", "tasks"),
    [
        (f"{PARSE}#table", ["table"]),
        (f"{PARSE}#TABLE", ["table"]),
        (f"{PARSE}#t*", ["table"]),
        (f"{PARSE}#[mt]*", ["mean", "table"]),
        (f"{PARSE}#nothing*", []),
        ("official", ["mean"]),
        ("official#*", ["chart", "mean", "table"]),
        ("llama*#chart", ["chart"]),
        (
            "https://huggingface.co/datasets/llamaindex/ParseBench?leaderboard_task_id=chart",
            ["chart"],
        ),
    ],
)
def test_an_entry_names_its_tasks(commands: Commands, entry: str, tasks: list[str]) -> None:
    """An id before any glob; case is ignored; an address does as well."""
    commands.hub.add_benchmark(PARSE, THREE)
    commands.configure(watch(entry))
    commands.run("poll")
    assert sorted(map(str, asked(commands))) == tasks


@pytest.mark.parametrize("task", HOSTILE)
def test_ids_of_any_letters_hold_everywhere(commands: Commands, task: str) -> None:
    """In requests, links, arguments, tables and filters."""
    commands.hub.add_benchmark(PARSE, {"mean": MEAN, task: TABLE})
    commands.configure(watch(f"{PARSE}#*"))
    commands.run("poll")
    assert sorted(map(str, asked(commands))) == sorted(["mean", task])
    commands.hub.set(PARSE, board(("acme/n", 90), ("acme/b", 70)), task=task)
    commands.run("poll", f"{PARSE}#{task}")
    (event,) = commands.json("events", "--benchmark", f"{PARSE}#{task}", "--kind", "new_leader")
    query = parse_qs(urlsplit(event["url"]).query)
    assert query == {"leaderboard_task_id": [task], "eval_result": ["acme/n"]}
    assert commands.json("show", f"{PARSE}#{task}")["board"]["task"] == task
    assert commands.json("show", event["url"])["board"]["task"] == task
    points = commands.json("history", f"{PARSE}#{task}")
    assert {point["task"] for point in points} == {task}


def test_one_task_that_fails_harms_no_other(commands: Commands) -> None:
    """500, 404 and an empty list: nothing is removed, and the failed ones are named."""
    commands.hub.add_benchmark(PARSE, THREE)
    commands.configure(watch(f"{PARSE}#*"))
    commands.run("poll")
    commands.hub.fail(f"{PARSE}#mean", 500)
    commands.hub.fail(f"{PARSE}#table", 200, body=b"[]")
    commands.hub.set(PARSE, board(("acme/c", 31)), task="chart")
    done = commands.run("poll", status=1)
    assert f"{PARSE}#mean: the Hub answered 500" in done.stderr
    assert f"{PARSE}#table: the answer has no rows, where 2 were before" in done.stderr
    commands.hub.fail(f"{PARSE}#table", 404)
    commands.run("poll", status=1)
    commands.hub.fail(f"{PARSE}#table", 400)
    commands.run("poll", status=1)
    commands.hub.recover()
    commands.run("poll")
    assert told(commands) == [("score_change", "chart", "acme/c")]


def test_a_first_task_that_fails_is_not_filled_with_anothers_rows(commands: Commands) -> None:
    """Where the file is sorted anew, the address without an id may be another task's."""
    commands.hub.add_benchmark(PARSE, THREE)
    commands.configure(watch(PARSE))
    commands.hub.fail(f"{PARSE}#mean", 500)
    commands.run("poll", status=1)
    commands.hub.set_tasks(PARSE, {"table": TABLE, "chart": CHART, "mean": MEAN})
    commands.hub.fail(f"{PARSE}#mean", 404)
    an_hour_later(commands)
    assert "the Hub has no leaderboard of this task" in commands.run("poll", status=1).stderr
    commands.hub.recover()
    commands.run("poll")
    assert told(commands) == []
    assert commands.json("show", PARSE)["rows"][0]["model"] == "acme/a"


def test_a_task_called_as_the_glob_takes_no_board_away(commands: Commands) -> None:
    """``#*`` is every task, whatever a stranger calls one."""
    commands.hub.add_benchmark(PARSE, THREE)
    commands.configure(watch(f"{PARSE}#*"))
    commands.run("poll")
    commands.hub.set_tasks(PARSE, {**THREE, "*": MEAN})
    an_hour_later(commands)
    commands.run("poll")
    assert len(boards(commands)) == 4
    assert [kind for kind, _, _ in told(commands)] == ["new_benchmark"]


def test_a_board_whose_task_is_no_longer_listed_keeps_its_name(commands: Commands) -> None:
    """It is not the one board that is left, in no alert, table or link."""
    commands.hub.add_benchmark(PARSE, THREE)
    commands.configure(watch(PARSE, f"{PARSE}#table"))
    commands.run("poll")
    commands.hub.set_eval_file(PARSE, "tasks: [{id: mean}]")
    for _ in range(2):
        an_hour_later(commands)
        commands.run("poll")
    commands.hub.set(PARSE, board(("acme/n", 99)), task="table")
    for _ in range(2):
        commands.run("poll")
    (event,) = commands.json("events", "--kind", "new_leader")
    assert event["board"]["task"] == "table"
    assert "leaderboard_task_id=table" in event["url"]
    assert f"{PARSE}#table" in commands.run("show", f"{PARSE}#table").stdout


@pytest.mark.parametrize("file", [b"[", b"tasks: {a: 1}"])
def test_a_file_that_cannot_be_used_is_said_once(commands: Commands, file: bytes) -> None:
    """Where an entry names a task, or tasks were known; the boards go on."""
    commands.hub.add_benchmark(PARSE, THREE)
    commands.configure(watch(f"{PARSE}#*"))
    commands.run("poll")
    commands.hub.set_eval_file(PARSE, file)
    an_hour_later(commands)
    assert f"the tasks of {PARSE} cannot be read: " in commands.run("poll").stderr
    an_hour_later(commands)
    assert "cannot be read" not in commands.run("poll").stderr
    assert len(boards(commands)) == 3


def test_a_glob_that_no_task_meets_is_said(commands: Commands) -> None:
    """By ``poll`` and by ``validate``, online or not."""
    commands.hub.add_benchmark(PARSE, THREE)
    commands.configure(watch(f"{PARSE}#zz*"))
    assert f"no task of {PARSE} is watched: nothing to poll" in commands.run("poll").stderr
    for options in ([], ["--offline"]):
        done = commands.run("validate", *options)
        assert f"watch[0].benchmarks[0]: zz* stands for no task of {PARSE}" in done.stderr


def test_a_task_that_nobody_watches_is_not_said_to_be_none(commands: Commands) -> None:
    """The watched ones are named."""
    commands.hub.add_benchmark(PARSE, THREE)
    commands.configure(watch(f"{PARSE}#table"))
    commands.run("poll")
    done = commands.run("show", f"{PARSE}#chart", status=2)
    assert f"{PARSE}#chart: no watch looks at this task; there is {PARSE}#table" in done.stderr


def test_a_file_that_is_sorted_anew_changes_nothing(commands: Commands) -> None:
    """The first task is the one that was first when the bot first read them."""
    commands.hub.add_benchmark(PARSE, THREE)
    commands.configure(watch(PARSE))
    commands.run("poll")
    commands.hub.set_tasks(PARSE, {"chart": CHART, "table": TABLE, "mean": MEAN})
    an_hour_later(commands)
    commands.run("poll")
    assert told(commands) == []
    assert asked(commands) == ["mean", "mean"]


def test_the_board_without_a_task_becomes_the_first_tasks(commands: Commands) -> None:
    """When its tasks can be read at last: rows, history and events go on, without a word."""
    commands.hub.add_benchmark(PARSE, MEAN)
    commands.configure(watch(PARSE))
    commands.run("poll")
    assert boards(commands) == [PARSE]
    changed = board(("acme/n", 90), ("acme/a", 60), ("acme/b", 50))
    commands.hub.set(PARSE, changed)
    commands.run("poll")
    before = told(commands)
    commands.hub.set_tasks(PARSE, {"mean": changed, "table": TABLE})
    an_hour_later(commands)
    commands.run("poll")
    assert boards(commands) == [f"{PARSE}#mean"]
    assert before == [("new_leader", None, "acme/n")]
    assert told(commands) == [("new_leader", "mean", "acme/n")]
    assert {point["task"] for point in commands.json("history", "acme/a")} == {"mean"}
    commands.hub.set(PARSE, board(("acme/m", 95), ("acme/n", 90), ("acme/a", 60)), task="mean")
    commands.run("poll")
    assert told(commands)[-1] == ("new_leader", "mean", "acme/m")


def test_what_fails_keeps_failing_under_its_new_name(commands: Commands) -> None:
    """The incident of a board that gets its task's name ends when that board works again."""
    commands.hub.add_benchmark(PARSE, MEAN)
    commands.configure(watch(PARSE), extra="[health]\nnotify = []\nafter_failures = 1\n")
    commands.run("poll")
    commands.hub.fail(PARSE, 500)
    commands.run("poll", status=1)
    commands.hub.recover()
    commands.hub.set_tasks(PARSE, {"mean": MEAN})
    commands.hub.fail(f"{PARSE}#mean", 500)
    an_hour_later(commands)
    commands.run("poll", status=1)
    with commands.store() as store:
        assert [(one.name, one.failures) for one in incidents(store)] == [(f"{PARSE}#mean", 2)]
    commands.hub.recover()
    commands.run("poll")
    with commands.store() as store:
        assert incidents(store) == ()


def test_a_first_task_that_the_hub_does_not_know_by_id_is_asked_without(
    commands: Commands,
) -> None:
    """Once it was answered by its id, a 404 is a failure; the log says so."""
    commands.hub.add_benchmark(PARSE, {"mean": MEAN})
    commands.hub.set_eval_file(PARSE, "tasks: [{id: other}]")
    commands.configure(watch(PARSE))
    for unknown in (404, 400, 200):
        commands.hub.unknown_task = unknown
        done = commands.run("--log-level", "info", "poll")
        assert "nothing under the task's id" in done.stderr
    assert asked(commands) == ["other", None] * 3
    assert boards(commands) == [f"{PARSE}#other"]
    commands.hub.set_tasks(PARSE, {"other": MEAN})
    commands.run("poll")
    commands.hub.fail(f"{PARSE}#other", 404)
    commands.run("poll", status=1)
    assert asked(commands)[-2:] == ["other", "other"]
    assert told(commands) == []


@pytest.mark.parametrize("unknown", [404, 400, 200])
def test_validate_and_a_live_board_ask_as_polls_do(commands: Commands, unknown: int) -> None:
    """The rows of a first task that the Hub does not know by its id are those without one."""
    commands.hub.add_benchmark(PARSE, {"mean": MEAN})
    commands.hub.set_eval_file(PARSE, "tasks: [{id: other}]")
    commands.configure(watch(PARSE))
    commands.hub.unknown_task = unknown
    assert "has no rows" not in commands.run("validate").stderr
    assert commands.json("show", "--live", PARSE)["board"]["rows"] == 2


def test_a_task_that_joins_or_leaves_is_told(commands: Commands) -> None:
    """As soon as it is there, and when as many readings lack it as confirm a removal."""
    commands.hub.add_benchmark(PARSE, {"mean": MEAN, "table": TABLE})
    commands.configure(watch(f"{PARSE}#*"))
    commands.run("poll")
    commands.hub.set_tasks(PARSE, {"mean": MEAN, "chart": CHART, "text": CHART})
    an_hour_later(commands)
    done = commands.run("poll", status=1)  # the Hub has no board of the other one any more
    assert told(commands) == [("new_benchmark", "chart", None), ("new_benchmark", "text", None)]
    shown = [line for line in done.stdout.splitlines() if "is a new benchmark" in line]
    assert [line.split(" is ")[0] for line in shown] == [
        f"+ {PARSE} (chart)",
        f"+ {PARSE} (text)",
    ]
    with commands.store() as store:
        assert len(reads.deliveries(store)) == 1
    an_hour_later(commands)
    commands.run("poll", status=1)
    assert told(commands)[2:] == [("benchmark_gone", "table", None)]
    commands.run("poll")
    assert f"{PARSE}#table" not in boards(commands)


def test_programs_hear_of_each_board_apart(commands: Commands) -> None:
    """People get one message of boards that join together, webhooks one a board."""
    commands.hub.add_benchmark(PARSE, {"mean": MEAN})
    with Receiver() as receiver:
        channels = (
            f'[channels.hook]\ntype = "webhook"\nurl = "{receiver.url}"\nallow_private = true\n'
        )
        commands.configure(watch(f"{PARSE}#*"), channels=channels)
        commands.run("poll")
        commands.hub.set_tasks(PARSE, THREE)
        an_hour_later(commands)
        commands.run("poll")
        heard: list[Json] = [json.loads(one.body)["data"] for one in receiver.received]
    assert sorted(data["board"]["task"] for data in heard) == ["chart", "table"]
    assert all(data["board"]["task_count"] == 3 for data in heard)
    assert all("task" not in event for data in heard for event in data["events"])


def test_messages_carry_the_benchmarks_own_name(commands: Commands) -> None:
    """Of rows that moved, of a task that joined and of a benchmark that left."""
    commands.hub.add_benchmark(PARSE, {"mean": MEAN}, name="The one")
    with Receiver() as receiver:
        channels = (
            f'[channels.hook]\ntype = "webhook"\nurl = "{receiver.url}"\nallow_private = true\n'
        )
        commands.hub.add_benchmark("acme/other", MEAN)
        commands.hub.add_benchmark("acme/third", MEAN)
        commands.configure(watch("official#*"), channels=channels)
        commands.run("poll")
        changed = board(("acme/n", 90), ("acme/a", 60), ("acme/b", 50))
        commands.hub.set_tasks(PARSE, {"mean": changed, "table": TABLE}, name="The one")
        an_hour_later(commands)
        commands.run("poll")
        commands.hub.remove_benchmark(PARSE)
        for _ in range(2):
            an_hour_later(commands)
            commands.run("poll", status=None)
        heard: list[Json] = [json.loads(one.body)["data"] for one in receiver.received]
    assert {data["events"][0]["kind"] for data in heard} == {
        "new_leader", "new_benchmark", "benchmark_gone",
    }  # fmt: skip
    assert {data["board"]["name"] for data in heard} == {"The one"}


def test_a_first_task_that_leaves_makes_room_for_the_next(commands: Commands) -> None:
    """One gone, one new: what the bare name stands for is another board from then on."""
    commands.hub.add_benchmark(PARSE, {"mean": MEAN, "table": TABLE, "chart": CHART})
    commands.configure(watch(PARSE))
    commands.run("poll")
    commands.hub.set_tasks(PARSE, {"table": TABLE, "chart": CHART})
    for _ in range(2):
        an_hour_later(commands)
        commands.run("poll", status=None)
    assert told(commands) == [("benchmark_gone", "mean", None), ("new_benchmark", "table", None)]
    assert boards(commands) == [f"{PARSE}#table"]


@pytest.mark.parametrize(
    "text",
    [None, "[", "x" * 2_000_000, b"\xff\xfe\x00"],
    ids=["gone", "broken", "huge", "binary"],
)
def test_a_file_that_cannot_be_read_changes_nothing(
    commands: Commands, text: str | bytes | None
) -> None:
    """Boards that are known go on; of one that never was, the bare address is asked."""
    commands.hub.add_benchmark(PARSE, THREE)
    commands.hub.add_benchmark("acme/new", MEAN)
    commands.configure(watch(f"{PARSE}#*"), watch("acme/new", name="n"))
    commands.run("poll")
    known = boards(commands)
    commands.hub.set_eval_file("acme/new", text if text is not None else "tasks: []")
    commands.hub.set_eval_file(PARSE, text if text is not None else "tasks: []")
    if text is None:
        commands.hub.fail(f"{PARSE}/eval.yaml", 404)
    an_hour_later(commands)
    commands.run("poll")
    assert boards(commands) == known == ["acme/new", *(f"{PARSE}#{t}" for t in sorted(THREE))]
    assert told(commands) == []


def test_a_bare_argument_is_the_first_task_where_that_is_watched(commands: Commands) -> None:
    """Else the only one; else the question is which, and they are listed."""
    commands.hub.add_benchmark(PARSE, THREE)
    commands.configure(watch(f"{PARSE}#*"))
    commands.run("poll")
    shown = commands.run("show", PARSE)
    assert shown.stdout.startswith(f"ParseBench ({PARSE}#mean): 2 rows")
    assert f"others: '{PARSE}#chart', '{PARSE}#table'" in shown.stderr
    commands.configure(watch(f"{PARSE}#table"))
    commands.run("poll")
    assert commands.json("show", PARSE)["board"]["task"] == "table"
    commands.configure(watch(f"{PARSE}#table", f"{PARSE}#chart"))
    commands.run("poll")
    for command in ("show", "poll"):
        done = commands.run(command, PARSE, status=2)
        assert f"which task? There are {PARSE}#chart, {PARSE}#table" in done.stderr
        done = commands.run(command, f"{PARSE}#tables", status=2)
        assert f"no such task; did you mean {PARSE}#table?" in done.stderr


def test_the_option_that_named_a_task_says_how_it_is_named_now(commands: Commands) -> None:
    """``show --task`` is ``show NAME#TASK``."""
    done = commands.run("show", PARSE, "--task", "table", status=2)
    assert f"{PARSE}#table" in done.stderr


def test_people_see_no_task_where_there_is_but_one(commands: Commands) -> None:
    """Nor does its link carry it; data has it all the same."""
    commands.hub.add_benchmark(PARSE, {"mean": MEAN})
    commands.configure(watch(PARSE))
    commands.run("poll")
    commands.hub.set(PARSE, board(("acme/n", 90), ("acme/a", 60), ("acme/b", 50)), task="mean")
    done = commands.run("poll")
    assert done.stdout.startswith(f"ParseBench · {PARSE}\n")
    assert f"\n{commands.hub.url}/datasets/{PARSE}\n" in done.stdout
    info = commands.json("show", PARSE)["board"]
    assert (info["task"], info["task_count"]) == ("mean", 1)
    assert info["url"] == f"{commands.hub.url}/datasets/{PARSE}"


def test_benchmarks_lists_tasks_in_the_files_order(commands: Commands) -> None:
    """With the name that the benchmark has for itself; null where nobody tells."""
    commands.hub.add_benchmark(PARSE, THREE, name="ParseBench, the one")
    commands.hub.add_benchmark("acme/plain", MEAN)
    assert commands.json("benchmarks") == [
        {"id": "acme/plain", "name": None, "gated": False, "tasks": None},
        {
            "id": PARSE,
            "name": "ParseBench, the one",
            "gated": False,
            "tasks": ["mean", "table", "chart"],
        },
    ]
    shown = commands.run("benchmarks", columns=120).stdout
    assert "ParseBench, the one" in shown
    assert "mean, table, chart" in shown


@pytest.mark.parametrize("live", [(), ("--live",)])
def test_a_board_is_shown_with_its_benchmarks_own_name(
    commands: Commands, live: tuple[str, ...]
) -> None:
    """People see it before the id, harmless; programs as the board's name."""
    commands.hub.add_benchmark(PARSE, THREE, name="ParseBench,\nthe \x1b[1mone")
    commands.configure(watch(PARSE))
    commands.run("poll")
    shown = commands.run("show", PARSE, *live).stdout
    assert shown.startswith(f"ParseBench, the one ({PARSE}#mean): 2 rows")
    assert commands.json("show", PARSE, *live)["board"]["name"] == "ParseBench, the one"


def test_validate_tells_tasks_empty_boards_and_absent_models(commands: Commands) -> None:
    """What is watched, what else there is, and what looks like an oversight."""
    commands.hub.add_benchmark(PARSE, THREE)
    commands.hub.add_benchmark("acme/empty", ())
    commands.hub.derived[f"{PARSE}#table"] = board(("acme/b", 70), ("tuned/x", 50))
    models = 'models = ["acme/b", "tuned/*", "nobody/else", "acme/aa"]'
    commands.configure(
        watch(f"{PARSE}#table", more=models), watch("acme/empty", f"{PARSE}#x*", name="e")
    )
    done = commands.run("validate", columns=120)
    assert f"{PARSE}#table" in done.stdout
    assert f"other tasks of {PARSE}: mean, chart" in done.stderr
    assert "acme/empty has no rows" in done.stderr
    assert f"watch[1].benchmarks[1]: x* stands for no task of {PARSE}" in done.stderr
    assert "watch[0].models[1]: tuned/* stands on these boards only with include_derived" in (
        done.stderr
    )
    assert "watch[0].models[2]: nobody/else stands on none of these boards now" in done.stderr
    assert (
        "watch[0].models[3]: acme/aa stands on none of these boards now; did you mean acme/a?"
        in (done.stderr)
        or "watch[0].models[3]" in done.stderr
    )
    assert "models[0]" not in done.stderr


def test_validate_refuses_a_task_that_the_hub_does_not_have(commands: Commands) -> None:
    """With its place, and the one that was meant."""
    commands.hub.add_benchmark(PARSE, THREE)
    commands.configure(watch(f"{PARSE}#tables"))
    done = commands.run("validate", status=2)
    assert "watch[0].benchmarks[0]: " in done.stderr
    assert f"did you mean {PARSE}#table?" in done.stderr


def test_a_benchmark_that_never_had_a_row_is_named_once(commands: Commands) -> None:
    """By ``poll``, and by ``show`` whenever it is asked for; its first rows are its baseline."""
    commands.hub.add_benchmark("acme/empty", ())
    commands.configure(watch("acme/empty"))
    assert "acme/empty: has no rows" in commands.run("poll").stderr
    assert "acme/empty: has no rows" not in commands.run("poll").stderr
    assert "has no rows" in commands.run("show", "acme/empty", status=1).stderr
    commands.hub.set("acme/empty", MEAN)
    commands.run("poll")
    assert told(commands) == []
    assert commands.json("show", "acme/empty")["board"]["rows"] == 2


@pytest.mark.parametrize("said", [{}, {"lower_is_better": True}])
def test_lower_is_better_where_it_is_said(commands: Commands, said: dict[str, Any]) -> None:
    """By the rows, or by the configuration; the footer says so."""
    name = "hf-audio/open-asr-leaderboard"
    rows = [row | said for row in board(("acme/a", 4.76))]
    commands.hub.add_benchmark(name, rows)
    extra = "" if said else f'[benchmarks."{name}"]\nhigher_is_better = false\n'
    commands.configure(watch(name), extra=extra)
    commands.run("poll")
    better = [row | said for row in board(("acme/n", 4.5), ("acme/a", 4.76))]
    commands.hub.set(name, better)
    done = commands.run("poll")
    assert told(commands) == [("new_leader", None, "acme/n")]
    assert "lower is better" in done.stdout
    assert "lower is better" in commands.run("show", name).stdout
    assert commands.json("show", name)["board"]["lower_is_better"] is True


def test_profiles_that_drift_are_no_work(commands: Commands) -> None:
    """Another answer, byte by byte, with the same rows: nothing is compared or written."""
    commands.hub.drift = True
    commands.hub.add_benchmark(PARSE, THREE)
    commands.configure(watch(PARSE))
    commands.run("poll")
    with commands.store() as store:
        before = reads.boards(store)
    summary = commands.json("poll")
    assert summary["boards"]["unchanged"] == 1
    with commands.store() as store:
        assert [view.rows for view in reads.boards(store)] == [view.rows for view in before]


def test_sizes_come_from_the_rows(commands: Commands) -> None:
    """And no model is asked for then."""
    rows = [row | {"num_parameters": 7_000_000_000} for row in MEAN]
    commands.hub.add_benchmark(PARSE, {"mean": rows})
    commands.configure(watch(PARSE))
    commands.run("poll")
    commands.hub.set(PARSE, [*rows, *board(("acme/n", 1))], task="mean")
    new = board(("acme/a", 60), ("acme/b", 50), ("acme/n", 40))
    commands.hub.set(PARSE, [row | {"num_parameters": 8e9} for row in new], task="mean")
    done = commands.run("poll")
    assert "8B parameters" in done.stdout
    assert [row["parameters"] for row in commands.json("show", PARSE)["rows"]] == [
        8_000_000_000
    ] * 3
    assert not [one for one in commands.hub.requests if one.path.startswith("/api/models/")]
