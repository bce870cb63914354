"""Benchmarks that the Hub calls otherwise: one board goes on under the new id."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.support.commands import Commands
from tests.support.hub.fake_hub import board
from tests.support.store import reads
from tests.support.store.units import known_tasks, last_list, save_list, save_tasks

OLD, NEW = "acme/old", "new-org/new"
ROWS = board(("acme/a", 60), ("acme/b", 50))
LED = board(("acme/n", 90), ("acme/a", 60), ("acme/b", 50))
MOVED = f"{OLD} is {NEW} on the Hub now"


def watch(*benchmarks: str, name: str = "w") -> str:
    return f'name = "{name}"\nbenchmarks = {list(benchmarks)}\nevents = "all"\n'


def later(commands: Commands) -> None:
    """Let the list and what was read of each benchmark be older than an hour."""
    with commands.store() as store:
        for name, known in known_tasks(store).items():
            save_tasks(store, name, known, replace(known, asked_at=known.asked_at - HOURS))
        if listed := last_list(store):
            save_list(store, listed, replace(listed, at=listed.at - HOURS))


HOURS = timedelta(hours=2)


def boards(commands: Commands) -> list[str]:
    with commands.store() as store:
        return [view.key.name for view in reads.boards(store) if view.watched]


def told(commands: Commands) -> list[tuple[str, str, str | None]]:
    """Return what was found, as (kind, benchmark, model)."""
    return [
        (one["kind"], one["board"]["benchmark"], one["model"])
        for one in commands.json("events")
        if one["kind"] != "rank_shift"
    ]


@pytest.mark.parametrize("tasks", [False, True])
def test_a_renamed_benchmark_goes_on_under_its_new_id(commands: Commands, *, tasks: bool) -> None:
    """Rows, history and events go along, said once, and nothing of it is news."""
    task = "#mean" if tasks else ""
    commands.hub.set(OLD, {"mean": ROWS} if tasks else ROWS)
    commands.configure(watch(OLD))
    commands.run("poll")
    commands.hub.set(OLD, {"mean": LED} if tasks else LED)
    commands.run("poll")
    commands.hub.rename(OLD, NEW)
    later(commands)
    assert MOVED in commands.run("poll").stderr
    assert boards(commands) == [f"{NEW}{task}"]
    assert told(commands) == [("new_leader", NEW, "acme/n")]
    commands.hub.set(NEW, {"mean": ROWS} if tasks else ROWS)
    for _ in range(2):
        later(commands)
        assert MOVED not in commands.run("poll").stderr
    assert told(commands)[-1] == ("removed", NEW, "acme/n")
    assert {one["benchmark"] for one in commands.json("history", "acme/n")} == {NEW}


def test_two_names_of_one_benchmark_are_one_board(commands: Commands) -> None:
    """The list has the new one, a watch the old one: each change is told once."""
    commands.hub.add_benchmark(OLD, ROWS)
    commands.hub.rename(OLD, NEW)
    commands.configure(watch("official"), watch(OLD, name="x"))
    commands.run("poll")
    assert boards(commands) == [NEW]
    commands.hub.set(NEW, LED)
    done = commands.run("poll")
    assert done.stdout.count("acme/n takes the lead") == 1
    assert commands.json("events")[0]["watches"] == ["w", "x"]


def test_boards_that_were_stored_under_both_names_become_one(commands: Commands) -> None:
    """The new one stays; of the old one's end nothing is told."""
    commands.hub.add_benchmark(NEW, ROWS)
    commands.hub.set(OLD, ROWS)
    commands.configure(watch(OLD, NEW))
    commands.run("poll")
    assert boards(commands) == [OLD, NEW]
    commands.hub.remove_benchmark(OLD)
    commands.hub.redirect(OLD, NEW)
    later(commands)
    commands.run("poll")
    assert boards(commands) == [NEW]
    assert told(commands) == []


@pytest.mark.parametrize("entry", ["official", "acme/*", "ACME/Old"])
def test_a_benchmark_that_the_list_calls_otherwise_is_no_news(
    commands: Commands, entry: str
) -> None:
    """Neither new nor gone, whatever stands for it; its history goes on."""
    commands.hub.add_benchmark(OLD, ROWS)
    commands.hub.add_benchmark("acme/other", ROWS)
    commands.configure(watch(entry, "acme/oth*"))
    commands.run("poll")
    commands.hub.rename(OLD, NEW)
    for expected in (1, 0, 0):
        later(commands)
        assert commands.run("poll").stderr.count(MOVED) == expected
    assert boards(commands) == ["acme/other", NEW]
    assert told(commands) == []
    commands.hub.set(NEW, LED)
    commands.run("poll")
    assert told(commands) == [("new_leader", NEW, "acme/n")]


def test_commands_know_the_former_id(commands: Commands) -> None:
    """As the name of a board and as a filter."""
    commands.hub.add_benchmark(OLD, ROWS)
    commands.hub.rename(OLD, NEW)
    commands.configure(watch(OLD))
    commands.run("poll", OLD)
    commands.hub.set(NEW, LED)
    commands.run("poll", OLD)
    for live in ((), ("--live",)):
        assert commands.json("show", OLD, *live)["board"]["benchmark"] == NEW
    assert commands.json("history", OLD)[-1]["benchmark"] == NEW
    for name in (OLD, "acme/ol*", NEW):
        (event,) = commands.json("events", "--benchmark", name, "--kind", "new_leader")
        assert event["board"]["benchmark"] == NEW
    assert commands.run("benchmarks").stdout.splitlines()[-1].split() == [NEW, "w"]


@pytest.mark.parametrize("options", [(), ("--offline",)])
def test_validate_hints_at_the_new_id(commands: Commands, options: tuple[str, ...]) -> None:
    """With the place of the old one in the file; what is said of its direction still holds."""
    commands.hub.add_benchmark(OLD, ROWS)
    commands.hub.rename(OLD, NEW)
    commands.configure(watch(OLD), extra=f'[benchmarks."{OLD}"]\nhigher_is_better = false\n')
    commands.run("poll")
    done = commands.run("validate", *options)
    assert f"{commands.config}:10:15: watch[0].benchmarks[0]: {MOVED}" in done.stderr
    assert f'benchmarks."{OLD}": {MOVED}' in done.stderr
    assert commands.json("show", NEW)["board"]["lower_is_better"] is True


def test_an_id_that_another_benchmark_takes_is_that_one(commands: Commands) -> None:
    """It is watched anew, from a baseline on; the renamed one goes on where it is watched."""
    commands.hub.add_benchmark(OLD, ROWS)
    commands.hub.rename(OLD, NEW)
    commands.configure(watch(OLD), watch(NEW, name="x"))
    commands.run("poll")
    assert boards(commands) == [NEW]
    commands.hub.set(OLD, LED)
    later(commands)
    commands.run("poll")
    assert boards(commands) == [OLD, NEW]
    assert told(commands) == []


def test_a_list_that_lacks_what_the_hub_cannot_tell_of_is_asked_for_again(
    commands: Commands,
) -> None:
    """A name that may be another's is neither new nor gone until the Hub says."""
    commands.hub.add_benchmark(OLD, ROWS)
    commands.hub.add_benchmark("acme/other", ROWS)
    commands.configure(watch("official"))
    commands.run("poll")
    commands.hub.rename(OLD, NEW)
    commands.hub.fail(OLD, 500)
    later(commands)
    commands.run("poll", status=None)
    assert told(commands) == []
    commands.hub.recover()
    commands.run("poll")
    assert (boards(commands), told(commands)) == (["acme/other", NEW], [])


@pytest.mark.parametrize(("status", "hours"), [(451, 0), (500, 6)])
def test_a_benchmark_that_is_never_told_of_holds_no_list_back(
    commands: Commands, status: int, hours: int
) -> None:
    """It counts as gone: at once where the Hub will not say, else after some hours."""
    commands.hub.add_benchmark(OLD, ROWS)
    commands.hub.add_benchmark("acme/other", ROWS)
    commands.configure(watch("official"))
    commands.run("poll")
    commands.hub.remove_benchmark(OLD)
    commands.hub.fail(OLD, status)
    for _ in range(2 + hours // 2):
        later(commands)
        commands.run("poll", status=None)
    assert told(commands) == [("benchmark_gone", OLD, None)]
