"""``run`` from the outside: tells a change within its interval, ends in order, reloads."""

from __future__ import annotations

import signal
from functools import partial

from tests.support.hub.fake_hub import board
from tests.support.process.fork_server import Forked
from tests.support.process.installation import BENCH, Installation
from tests.support.waiting import until

ABC = (("acme/a", 80.0), ("acme/b", 70.0), ("acme/c", 60.0))
WATCH = f'name = "all"\nbenchmarks = ["{BENCH}"]\nevents = "all"\nevery = "1s"'
END_WITHIN = 10


def polls(installation: Installation, benchmark: str = BENCH) -> int:
    return sum(f"{benchmark}/leaderboard" in request.path for request in installation.hub.requests)


def polled_beyond(installation: Installation, seen: int) -> bool:
    return polls(installation) > seen


def end(process: Forked, sent: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
    """Tell the daemon to end, and return its exit status and what it logged."""
    process.send_signal(sent)
    _, errors = process.communicate(timeout=END_WITHIN)
    return process.wait(), errors


def test_a_change_is_told_within_its_interval_and_the_end_is_orderly(
    installation: Installation,
) -> None:
    """The daemon polls, delivers, and ends with exit status 0 on SIGTERM."""
    installation.configure(WATCH)
    installation.hub.set(BENCH, board(*ABC))
    with installation.daemon() as process:
        assert until(lambda: polls(installation) >= 2)
        installation.hub.set(BENCH, board(("acme/n", 90.0), *ABC))
        assert installation.receiver.wait(1, seconds=10)
        status, errors = end(process)
    assert status == 0, errors
    assert "Traceback" not in errors
    assert [event["model"] for event in installation.events()] == ["acme/n"]


def test_sigint_ends_it_too(installation: Installation) -> None:
    """As a person at the terminal expects."""
    installation.configure(WATCH)
    installation.hub.set(BENCH, board(*ABC))
    with installation.daemon() as process:
        assert until(lambda: polls(installation) >= 1)
        assert end(process, signal.SIGINT)[0] == 0


def test_a_failed_delivery_is_sent_again_by_itself(installation: Installation) -> None:
    """After some five seconds, with the same id."""
    installation.configure(WATCH)
    installation.hub.set(BENCH, board(*ABC))
    with installation.daemon() as process:
        assert until(lambda: polls(installation) >= 1)
        installation.receiver.status = 503
        installation.hub.set(BENCH, board(("acme/n", 90.0), *ABC))
        assert installation.receiver.wait(1)
        installation.receiver.status = 200
        assert installation.receiver.wait(2)
        assert end(process)[0] == 0
    first, second = installation.receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


def test_sighup_reloads_and_a_bad_file_keeps_the_old_configuration(
    installation: Installation,
) -> None:
    """The bad one is reported; the good one takes over without a restart."""
    installation.configure(WATCH)
    installation.hub.set(BENCH, board(*ABC))
    installation.hub.set("acme/other", board(*ABC))
    with installation.daemon() as process:
        assert until(lambda: polls(installation) >= 1)
        good = installation.config.read_text()
        installation.config.write_text(good + "\n[hubb]\n")
        process.send_signal(signal.SIGHUP)
        seen = polls(installation)
        assert until(lambda: polls(installation) > seen + 1)
        installation.config.write_text(good.replace(f'["{BENCH}"]', f'["{BENCH}", "acme/other"]'))
        process.send_signal(signal.SIGHUP)
        assert until(lambda: polls(installation, "acme/other") >= 1)
        status, errors = end(process)
    assert status == 0
    assert "hubb" in errors


def test_a_second_daemon_on_the_same_file_refuses_to_start(installation: Installation) -> None:
    """``poll`` beside it is safe all the same."""
    installation.configure(WATCH)
    installation.hub.set(BENCH, board(*ABC))
    with installation.daemon() as process:
        assert until(lambda: polls(installation) >= 1)
        second = installation.run("run")
        assert second.returncode == 1
        assert "Traceback" not in second.stderr
        assert installation.poll()["boards"]["polled"] == 1
        assert end(process)[0] == 0


def test_the_heart_beats_while_it_runs(installation: Installation) -> None:
    """``healthcheck`` says so, and says no before the first start and after an orderly end."""
    installation.configure(WATCH)
    installation.hub.set(BENCH, board(*ABC))
    assert installation.run("healthcheck").returncode == 1
    with installation.daemon() as process:
        assert until(lambda: polls(installation) >= 1)
        assert installation.run("healthcheck").returncode == 0
        assert end(process)[0] == 0
    assert installation.run("healthcheck").returncode == 1


def test_a_failing_board_is_told_once_and_its_recovery_once(installation: Installation) -> None:
    """After the failures that the configuration asks for."""
    installation.configure(WATCH, extra='[health]\nnotify = ["hook"]\nafter_failures = 2')
    installation.hub.set(BENCH, board(*ABC))
    with installation.daemon() as process:
        assert until(lambda: polls(installation) >= 1)
        installation.hub.fail(BENCH, 502)
        assert installation.receiver.wait(1)
        failing = polls(installation)
        assert until(lambda: polls(installation) > failing + 2)
        installation.hub.recover()
        assert installation.receiver.wait(2)
        assert end(process)[0] == 0
    assert [body["type"] for body in installation.receiver.bodies] == [
        "health.failing",
        "health.recovered",
    ]
    data = installation.receiver.bodies[0]["data"]
    assert data["subject"] == "board"
    assert [one["benchmark"] for one in data["boards"]] == [BENCH]
    assert data["failures"] >= 2
    assert "502" in data["error"]


def test_an_unreachable_hub_does_not_end_the_daemon(installation: Installation) -> None:
    """It goes on, and polls when the Hub is there."""
    installation.configure('name = "w"\nbenchmarks = ["official"]\nevery = "1s"')
    installation.hub.fail("*", 503)
    with installation.daemon() as process:
        assert until(lambda: len(installation.hub.requests) >= 1)
        assert process.poll() is None
        assert end(process)[0] == 0


def test_an_end_at_any_moment_loses_nothing(installation: Installation) -> None:
    """Whether it polls, commits, sends or records: exit status 0, and each change told once."""
    installation.configure(WATCH)
    installation.hub.set(BENCH, board(*ABC))
    moments = (0.0, 0.2, 0.5, 0.9)
    for number, moment in enumerate(moments):
        with installation.daemon() as process:
            seen = polls(installation)
            assert until(partial(polled_beyond, installation, seen))
            newer = [(f"acme/n{n}", 81.0 + n) for n in range(number + 1)]
            installation.hub.set(BENCH, board(*newer, *ABC))
            until(bool, moment)
            status, errors = end(process)
            assert status == 0, errors
    for delivery in installation.json("deliveries", "--state", "pending"):
        installation.run("deliveries", "retry", delivery["id"])
    installation.poll()
    once = {request.headers["webhook-id"]: request for request in installation.receiver.requests}
    told = [
        e["model"]
        for r in once.values()
        for e in installation.receiver.verified(r)["data"]["events"]
    ]
    assert sorted(told) == [f"acme/n{n}" for n in range(len(moments))]


def test_a_database_that_is_gone_is_told_once_and_once_that_it_is_back(
    installation: Installation,
) -> None:
    """However often the daemon looks for it; then it goes on where it was."""
    installation.configure(WATCH)
    installation.hub.set(BENCH, board(*ABC))
    away = installation.database.with_name("away.db")
    with installation.daemon() as process:
        assert until(lambda: polls(installation) >= 2)
        installation.database.rename(away)
        assert until(lambda: polls_rest(installation))
        installation.hub.set(BENCH, board(("acme/n", 90.0), *ABC))
        away.rename(installation.database)
        assert installation.receiver.wait(1)
        status, errors = end(process)
    assert status == 0, errors
    assert errors.count("The database file is not where it was") == 1
    assert errors.count("the database can be used again") == 1


def polls_rest(installation: Installation) -> bool:
    """Tell whether some seconds go by without a poll."""
    seen = polls(installation)
    return not until(lambda: polled_beyond(installation, seen), 3)
