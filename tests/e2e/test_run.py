"""``run`` from the outside: tells a change within its interval, ends in order, reloads."""

from __future__ import annotations

import signal
from functools import partial

from tests.support.fake_hub import board
from tests.support.process.fork_server import Forked
from tests.support.process.installation import BENCH, Installation
from tests.support.waiting import until

ABC = (("acme/a", 80.0), ("acme/b", 70.0), ("acme/c", 60.0))
WATCH = f'name = "all"\nbenchmarks = ["{BENCH}"]\nevents = "all"\nevery = "1s"'
END_WITHIN = 10


def polls(world: Installation, benchmark: str = BENCH) -> int:
    return sum(f"{benchmark}/leaderboard" in request.path for request in world.hub.requests)


def polled_beyond(world: Installation, seen: int) -> bool:
    return polls(world) > seen


def end(process: Forked, sent: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
    """Tell the daemon to end, and return its exit status and what it logged."""
    process.send_signal(sent)
    _, errors = process.communicate(timeout=END_WITHIN)
    return process.wait(), errors


def test_a_change_is_told_within_its_interval_and_the_end_is_orderly(world: Installation) -> None:
    """The daemon polls, delivers, and ends with exit status 0 on SIGTERM."""
    world.configure(WATCH)
    world.hub.set(BENCH, board(*ABC))
    with world.daemon() as process:
        assert until(lambda: polls(world) >= 2)
        world.hub.set(BENCH, board(("acme/n", 90.0), *ABC))
        assert world.receiver.wait(1, seconds=10)
        status, errors = end(process)
    assert status == 0, errors
    assert "Traceback" not in errors
    assert [event["model"] for event in world.events()] == ["acme/n"]


def test_sigint_ends_it_too(world: Installation) -> None:
    """As a person at the terminal expects."""
    world.configure(WATCH)
    world.hub.set(BENCH, board(*ABC))
    with world.daemon() as process:
        assert until(lambda: polls(world) >= 1)
        assert end(process, signal.SIGINT)[0] == 0


def test_a_failed_delivery_is_sent_again_by_itself(world: Installation) -> None:
    """After some five seconds, with the same id."""
    world.configure(WATCH)
    world.hub.set(BENCH, board(*ABC))
    with world.daemon() as process:
        assert until(lambda: polls(world) >= 1)
        world.receiver.status = 503
        world.hub.set(BENCH, board(("acme/n", 90.0), *ABC))
        assert world.receiver.wait(1)
        world.receiver.status = 200
        assert world.receiver.wait(2)
        assert end(process)[0] == 0
    first, second = world.receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


def test_sighup_reloads_and_a_bad_file_keeps_the_old_configuration(world: Installation) -> None:
    """The bad one is reported; the good one takes over without a restart."""
    world.configure(WATCH)
    world.hub.set(BENCH, board(*ABC))
    world.hub.set("acme/other", board(*ABC))
    with world.daemon() as process:
        assert until(lambda: polls(world) >= 1)
        good = world.config.read_text()
        world.config.write_text(good + "\n[hubb]\n")
        process.send_signal(signal.SIGHUP)
        seen = polls(world)
        assert until(lambda: polls(world) > seen + 1)
        world.config.write_text(good.replace(f'["{BENCH}"]', f'["{BENCH}", "acme/other"]'))
        process.send_signal(signal.SIGHUP)
        assert until(lambda: polls(world, "acme/other") >= 1)
        status, errors = end(process)
    assert status == 0
    assert "hubb" in errors


def test_a_second_daemon_on_the_same_file_refuses_to_start(world: Installation) -> None:
    """``poll`` beside it is safe all the same."""
    world.configure(WATCH)
    world.hub.set(BENCH, board(*ABC))
    with world.daemon() as process:
        assert until(lambda: polls(world) >= 1)
        second = world.run("run")
        assert second.returncode == 1
        assert "Traceback" not in second.stderr
        assert world.poll()["boards"]["polled"] == 1
        assert end(process)[0] == 0


def test_the_heart_beats_while_it_runs(world: Installation) -> None:
    """``healthcheck`` says so, and says no before the first start and after an orderly end."""
    world.configure(WATCH)
    world.hub.set(BENCH, board(*ABC))
    assert world.run("healthcheck").returncode == 1
    with world.daemon() as process:
        assert until(lambda: polls(world) >= 1)
        assert world.run("healthcheck").returncode == 0
        assert end(process)[0] == 0
    assert world.run("healthcheck").returncode == 1


def test_a_failing_board_is_told_once_and_its_recovery_once(world: Installation) -> None:
    """After the failures that the configuration asks for."""
    world.configure(WATCH, extra='[health]\nnotify = ["hook"]\nafter_failures = 2')
    world.hub.set(BENCH, board(*ABC))
    with world.daemon() as process:
        assert until(lambda: polls(world) >= 1)
        world.hub.fail(BENCH, 502)
        assert world.receiver.wait(1)
        failing = polls(world)
        assert until(lambda: polls(world) > failing + 2)
        world.hub.recover()
        assert world.receiver.wait(2)
        assert end(process)[0] == 0
    assert [body["type"] for body in world.receiver.bodies] == [
        "health.failing",
        "health.recovered",
    ]
    data = world.receiver.bodies[0]["data"]
    assert data["subject"] == "board"
    assert [one["benchmark"] for one in data["boards"]] == [BENCH]
    assert data["failures"] >= 2
    assert "502" in data["error"]


def test_an_unreachable_hub_does_not_end_the_daemon(world: Installation) -> None:
    """It goes on, and polls when the Hub is there."""
    world.configure('name = "w"\nbenchmarks = ["official"]\nevery = "1s"')
    world.hub.fail("*", 503)
    with world.daemon() as process:
        assert until(lambda: len(world.hub.requests) >= 1)
        assert process.poll() is None
        assert end(process)[0] == 0


def test_an_end_at_any_moment_loses_nothing(world: Installation) -> None:
    """Whether it polls, commits, sends or records: exit status 0, and each change told once."""
    world.configure(WATCH)
    world.hub.set(BENCH, board(*ABC))
    moments = (0.0, 0.2, 0.5, 0.9)
    for number, moment in enumerate(moments):
        with world.daemon() as process:
            seen = polls(world)
            assert until(partial(polled_beyond, world, seen))
            newer = [(f"acme/n{n}", 81.0 + n) for n in range(number + 1)]
            world.hub.set(BENCH, board(*newer, *ABC))
            until(bool, moment)
            status, errors = end(process)
            assert status == 0, errors
    for delivery in world.json("deliveries", "--state", "pending"):
        world.run("deliveries", "retry", delivery["id"])
    world.poll()
    once = {request.headers["webhook-id"]: request for request in world.receiver.requests}
    told = [e["model"] for r in once.values() for e in world.receiver.verified(r)["data"]["events"]]
    assert sorted(told) == [f"acme/n{n}" for n in range(len(moments))]
