"""``poll`` from the outside: a Hub on loopback in, a webhook receiver out."""

from __future__ import annotations

import json
import re
import sqlite3

import pytest

from tests.support.hub.fake_hub import board, entry
from tests.support.process.installation import BENCH, Installation

ABC = (("acme/a", 80.0), ("acme/b", 70.0), ("acme/c", 60.0))


def kinds(installation: Installation) -> list[tuple[str, str]]:
    return [(event["kind"], event["model"]) for event in installation.events()]


def baseline(installation: Installation, *rows: tuple[str, float]) -> None:
    """Take the silent baseline of a board."""
    installation.hub.set(BENCH, board(*(rows or ABC)))
    installation.poll()
    assert installation.receiver.requests == []


def test_the_first_poll_is_a_silent_baseline(installation: Installation) -> None:
    """It counts as changed, stores the board, and tells nothing."""
    installation.hub.set(BENCH, board(*ABC))
    assert installation.poll() == {
        "boards": {"polled": 1, "unchanged": 0, "changed": 1, "failed": 0, "deferred": 0},
        "events": 0,
        "deliveries": {"sent": 0, "pending": 0, "failed": 0},
    }
    assert installation.receiver.requests == []
    assert [row["model"] for row in installation.json("show", BENCH)["rows"]] == [m for m, _ in ABC]


def test_an_unchanged_board_tells_nothing(installation: Installation) -> None:
    """Nor does one whose rows come in another order, or whose level rows swap places."""
    level = [entry("acme/a", 80.0, 1), entry("acme/b", 80.0, 2), entry("acme/c", 60.0, 3)]
    installation.hub.set(BENCH, level)
    installation.poll()
    swapped = [entry("acme/b", 80.0, 1), entry("acme/a", 80.0, 2), entry("acme/c", 60.0, 3)]
    for rows in (level, level[::-1], swapped):
        installation.hub.set(BENCH, rows)
        assert installation.poll()["boards"]["unchanged"] == 1
    assert installation.receiver.requests == []
    assert installation.json("events") == []


def test_a_new_first_place_is_told_once(installation: Installation) -> None:
    """One signed message, whose body is what the contract shows."""
    baseline(installation)
    installation.hub.set(BENCH, board(("acme/n", 84.2), *ABC))
    assert installation.poll()["events"] == 1
    assert installation.poll()["boards"]["unchanged"] == 1
    (body,) = installation.receiver.bodies
    data = body["data"]
    assert body["type"] == "leaderboard.changed"
    assert data["watches"] == ["all"]
    assert data["board"] == {
        "benchmark": BENCH,
        "name": None,
        "task": None,
        "task_count": None,
        "include_derived": False,
        "lower_is_better": False,
        "rows": 4,
        "url": f"{installation.hub.url}/datasets/{BENCH}",
        "decimals": 0,
    }
    assert data["shifted"] == {"down": 3, "up": 0}
    assert (data["part"], data["parts"], data["schema_version"]) == (1, 1, 1)
    assert data["previous_snapshot_at"] < data["snapshot_at"] == body["timestamp"]
    (event,) = data["events"]
    assert event["kind"] == "new_leader"
    assert event["previous_leader"] == {"model": "acme/a", "variant": None, "score": 80}
    assert event["rank"] == {"before": None, "after": 1}
    assert event["score"] == {"before": None, "after": 84.2, "delta": None}
    assert event["verified"] == {"before": None, "after": False}
    assert (event["margin"], event["gap"], event["pushed_down"], event["new"]) == (4.2, 0, 3, True)
    assert event["url"] == f"{installation.hub.url}/datasets/{BENCH}?eval_result=acme/n"


def test_variants_of_a_model_are_kept_apart(installation: Installation) -> None:
    """The row whose score changed is told, under its own name."""
    plain = entry("acme/m", 70.0, 2, filename=".eval_results/hle.yaml")
    tools = entry("acme/m", 80.0, 1, filename=".eval_results/hle_tools.yaml", notes="With tools")
    installation.hub.set(BENCH, [tools, plain])
    installation.poll()
    installation.hub.set(BENCH, [tools, plain | {"value": 75.0}])
    installation.poll()
    (event,) = installation.events()
    assert (event["kind"], event["variant"]) == ("score_change", "hle.yaml")


def test_a_mover_names_whom_it_passed(installation: Installation) -> None:
    """Those it passed are told only to watches that name them."""
    installation.configure(
        f'name = "all"\nbenchmarks = ["{BENCH}"]\nevents = "all"',
        f'name = "mine"\nbenchmarks = ["{BENCH}"]\nmodels = ["acme/b"]',
    )
    baseline(installation)
    installation.hub.set(BENCH, board(("acme/a", 80.0), ("acme/c", 75.0), ("acme/b", 70.0)))
    installation.poll()
    (body,) = installation.receiver.bodies
    mover, moved = body["data"]["events"]
    assert body["data"]["watches"] == ["all", "mine"]
    assert (mover["kind"], mover["watches"]) == ("rank_change", ["all"])
    assert mover["cause"]["overtook"] == [{"model": "acme/b", "variant": None}]
    assert (moved["kind"], moved["watches"]) == ("rank_shift", ["mine"])
    assert moved["cause"]["overtaken_by"] == [{"model": "acme/c", "variant": None}]
    assert moved["rank"] == {"before": 2, "after": 3}


def test_a_watch_without_models_never_gets_a_message_of_shifts_alone(
    installation: Installation,
) -> None:
    """A removal that is not wanted leaves only shifts, which are stored and listed."""
    installation.configure(f'name = "w"\nbenchmarks = ["{BENCH}"]\nevents = ["new_entry"]')
    baseline(installation)
    installation.hub.set(BENCH, board(*(row for row in ABC if row[0] != "acme/b")))
    installation.poll()
    installation.poll()
    assert installation.receiver.requests == []
    listed = [(event["kind"], event["model"]) for event in installation.json("events")]
    assert sorted(listed) == [("rank_shift", "acme/c"), ("removed", "acme/b")]


def test_verification_and_provenance_are_told(installation: Installation) -> None:
    """A community result that is merged and verified gives an event for each."""
    community = entry("acme/a", 80.0, 1, pullRequest=7)
    installation.hub.set(BENCH, [community])
    installation.poll()
    installation.hub.set(BENCH, [entry("acme/a", 80.0, 1, verified=True)])
    installation.poll()
    assert kinds(installation) == [("verified", "acme/a"), ("provenance_change", "acme/a")]
    provenance = installation.events()[1]["provenance"]
    assert provenance["before"]["pull_request"] == 7
    assert provenance["after"]["pull_request"] is None


def test_a_removal_is_told_on_the_second_poll(installation: Installation) -> None:
    """And the row that comes back later is returned."""
    baseline(installation)
    installation.hub.set(BENCH, board(*ABC[:2]))
    assert installation.poll()["boards"]["unchanged"] == 1
    assert installation.poll()["boards"]["changed"] == 1
    assert kinds(installation) == [("removed", "acme/c")]
    installation.hub.set(BENCH, board(*ABC))
    installation.poll()
    assert kinds(installation)[1:] == [("returned", "acme/c")]
    removed, returned = json.loads(installation.run("events", "--json").stdout)
    assert returned["removed_at"] == removed["at"]
    assert "acme/c is back at #3" in installation.run("events").stdout


def test_an_answer_without_rows_removes_nothing(installation: Installation) -> None:
    """However often it comes it is a failure, and the board that returns is not news."""
    baseline(installation)
    installation.hub.set(BENCH, [])
    failed = {"polled": 1, "unchanged": 0, "changed": 0, "failed": 1, "deferred": 0}
    for _ in range(3):
        assert installation.poll(status=1)["boards"] == failed
    installation.hub.set(BENCH, board(*ABC))
    assert installation.poll()["boards"]["unchanged"] == 1
    assert installation.receiver.requests == []


def test_a_failed_delivery_is_sent_later_with_the_same_id(installation: Installation) -> None:
    """It waits for its time, then goes once."""
    baseline(installation)
    installation.receiver.status, installation.receiver.headers = 503, {"Retry-After": "600"}
    installation.hub.set(BENCH, board(("acme/n", 90.0), *ABC))
    assert installation.poll(status=1)["deliveries"] == {"sent": 0, "pending": 1, "failed": 0}
    installation.receiver.status = 200
    assert installation.poll()["deliveries"] == {"sent": 0, "pending": 1, "failed": 0}
    (delivery,) = installation.json("deliveries")
    assert delivery["state"] == "pending"
    assert [a["outcome"] for a in delivery["attempts"]] == ["retry"]
    assert installation.run("deliveries", "retry", delivery["id"]).returncode == 0
    assert installation.poll()["deliveries"] == {"sent": 1, "pending": 0, "failed": 0}
    first, second = installation.receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == delivery["id"]
    assert first.body == second.body
    assert installation.poll()["deliveries"]["sent"] == 0


def test_later_deliveries_of_a_channel_wait_for_an_earlier_one(installation: Installation) -> None:
    """Order holds while a delivery is within its first attempts."""
    baseline(installation)
    installation.receiver.status, installation.receiver.headers = 503, {"Retry-After": "600"}
    installation.hub.set(BENCH, board(("acme/n", 90.0), *ABC))
    installation.poll(status=1)
    installation.receiver.status = 200
    installation.hub.set(BENCH, board(("acme/o", 95.0), ("acme/n", 90.0), *ABC))
    assert installation.poll()["deliveries"] == {"sent": 0, "pending": 2, "failed": 0}
    installation.run("deliveries", "retry", installation.json("deliveries")[0]["id"])
    installation.poll()
    assert [model for _, model in kinds(installation)] == ["acme/n", "acme/n", "acme/o"]


def test_a_broken_channel_does_not_hold_up_another(installation: Installation) -> None:
    """The console gets its alert, the exit status tells of the other."""
    hook = '[channels.hook]\ntype = "webhook"\nurl = "http://127.0.0.1:9/x"\nallow_private = true'
    installation.configure(channels=f'{hook}\n[channels.screen]\ntype = "console"')
    installation.hub.add_benchmark(BENCH, board(*ABC))
    installation.poll()
    installation.hub.set(BENCH, board(("acme/n", 90.0), *ABC))
    done = installation.run("poll")
    assert done.returncode == 1
    assert "acme/n" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_failing_board_does_not_hold_up_another(installation: Installation) -> None:
    """It is counted, named on standard error, and changes nothing."""
    installation.configure('name = "w"\nbenchmarks = ["acme/bench", "acme/other"]')
    installation.hub.set("acme/other", board(*ABC))
    baseline(installation)
    installation.hub.fail("acme/other", 502)
    installation.hub.set(BENCH, board(("acme/n", 90.0), *ABC))
    done = installation.run("poll", "--json")
    assert done.returncode == 1
    assert '"failed":1' in done.stdout.replace(" ", "")
    assert "acme/other" in done.stderr
    assert kinds(installation) == [("new_leader", "acme/n")]
    installation.hub.recover()
    assert installation.poll()["boards"]["unchanged"] == 2


def test_dry_run_prints_what_would_be_sent_and_leaves_no_trace(installation: Installation) -> None:
    """Not a file changes, and the real poll afterwards tells the same."""
    baseline(installation)
    installation.hub.set(BENCH, board(("acme/n", 90.0), *ABC))
    before = {path.name: path.read_bytes() for path in installation.folder.iterdir()}
    done = installation.run("poll", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "acme/n" in done.stdout
    assert {path.name: path.read_bytes() for path in installation.folder.iterdir()} == before
    assert installation.receiver.requests == []
    installation.poll()
    assert kinds(installation) == [("new_leader", "acme/n")]


def test_dry_run_without_a_database_creates_none(installation: Installation) -> None:
    """The baseline would be silent."""
    installation.hub.set(BENCH, board(*ABC))
    assert installation.run("poll", "--dry-run").returncode == 0
    assert not installation.database.exists()


def test_a_named_benchmark_is_polled_alone(installation: Installation) -> None:
    """In any case; an unwatched one is a usage error with a suggestion."""
    installation.configure('name = "w"\nbenchmarks = ["acme/bench", "acme/other"]')
    installation.hub.set(BENCH, board(*ABC))
    installation.hub.set("acme/other", board(*ABC))
    assert installation.poll("ACME/Bench")["boards"]["polled"] == 1
    for wrong in ("acme/bensh", "ACME/BENSH"):
        done = installation.run("poll", wrong)
        assert done.returncode == 2
        assert BENCH in done.stderr


def test_a_board_that_was_not_watched_meanwhile_gets_a_new_baseline(
    installation: Installation,
) -> None:
    """Time spent down is no reason for one; a configuration without it is."""
    baseline(installation)
    changed = board(("acme/n", 90.0), *ABC)
    installation.hub.set("acme/other", board(*ABC))
    installation.configure('name = "w"\nbenchmarks = ["acme/other"]')
    installation.poll()
    installation.hub.set(BENCH, changed)
    installation.configure('name = "w"\nbenchmarks = ["acme/bench"]')
    assert installation.poll()["boards"]["changed"] == 1
    assert installation.receiver.requests == []


def test_a_benchmark_that_joins_is_told_to_watches_that_ask(installation: Installation) -> None:
    """Its board begins with a silent baseline."""
    installation.configure('name = "w"\nbenchmarks = ["official"]\nevents = "all"')
    installation.hub.add_benchmark(BENCH, board(*ABC))
    installation.poll()
    installation.hub.add_benchmark("acme/new", board(*ABC))
    _age_the_list(installation)
    done = installation.poll()
    assert (done["boards"]["changed"], done["events"]) == (1, 1)
    assert [event["kind"] for event in installation.events()] == ["new_benchmark"]
    (body,) = installation.receiver.bodies
    assert body["data"]["board"]["benchmark"] == "acme/new"


def test_an_empty_first_list_makes_no_benchmark_news(installation: Installation) -> None:
    """A Hub that lists nothing for a moment is asked again soon; what it lists then was there."""
    installation.configure('name = "w"\nbenchmarks = ["official"]\nevents = "all"')
    done = installation.run("poll")
    assert (done.returncode, "not believed yet" in done.stderr) == (0, True)
    assert "nothing to poll" in done.stderr
    installation.hub.add_benchmark(BENCH, board(*ABC))
    _age_the_list(installation)
    polled = installation.poll()
    assert (polled["boards"]["changed"], polled["events"]) == (1, 0)


def _age_the_list(installation: Installation) -> None:
    """Make the list of benchmarks as old as if the last hour had passed."""
    with sqlite3.connect(installation.database) as database:
        (body,) = database.execute("SELECT body FROM discoveries").fetchone()
        aged = re.sub('"at":"[^"]+"', '"at":"2020-01-01T00:00:00Z"', body)
        database.execute("UPDATE discoveries SET body = ?", (aged,))


@pytest.mark.parametrize("status", [401, 403])
def test_a_gated_board_says_what_to_do(installation: Installation, status: int) -> None:
    """No traceback; the exit status is that of a failure."""
    installation.hub.fail(BENCH, status, headers={"X-Error-Code": "GatedRepo"})
    done = installation.run("poll")
    assert done.returncode == 1
    assert "token" in done.stderr
    assert "Traceback" not in done.stderr
