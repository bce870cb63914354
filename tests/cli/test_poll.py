"""``poll``, also as a dry run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.cli.terminal.failures import name_hub
from tests.support.commands import BENCH, BOTH, LATER, QUIET_CHANNEL, START, Commands
from tests.support.hub.fake_hub import LISTING, SampleHub, board
from tests.support.process.fork_server import ForkServer
from tests.support.process.installation import environment
from tests.support.receiver import Answer, Receiver

CONSOLE = '[channels.screen]\ntype = "console"\n'
OTHER = "acme/other"


def files(folder: Path) -> dict[str, bytes]:
    """Return every file and what is in it."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_first_poll_is_a_silent_baseline(commands: Commands) -> None:
    """The first sight of a board counts as changed, and nothing is sent."""
    commands.hub.add_benchmark(BENCH, START)
    assert commands.json("poll") == {
        "boards": {"polled": 1, "unchanged": 0, "changed": 1, "failed": 0, "deferred": 0},
        "events": 0,
        "deliveries": {"sent": 0, "pending": 0, "failed": 0},
    }
    assert commands.json("poll")["boards"]["unchanged"] == 1


def test_alert_comes_before_the_summary(commands: Commands) -> None:
    """On a terminal people read the alert, then what the poll came to."""
    commands.polled(START)
    commands.hub.set(BENCH, LATER)
    shown = commands.run("poll").stdout
    assert shown.index("zai/delta takes the lead") < shown.index("acme/bench: 2 events")
    assert "1 board polled: 0 unchanged, 1 changed, 0 failed. 2 events.\n" in shown
    assert shown.endswith("Deliveries: 1 sent, 0 pending, 0 given up.\n")


def test_json_stands_alone_on_standard_output(commands: Commands) -> None:
    """With ``--json`` the console's alerts go to standard error."""
    commands.polled(START)
    commands.hub.set(BENCH, LATER)
    done = commands.run("poll", "--json")
    assert done.stdout.startswith('{"boards":')
    assert done.stdout.count("\n") == 1
    assert "zai/delta takes the lead" in done.stderr


def test_failed_board_has_status_1_and_is_named(commands: Commands) -> None:
    """One board's failure is told, and the others are polled."""
    commands.hub.add_benchmark(OTHER, START)
    commands.polled(START)
    commands.hub.fail(OTHER, 502)
    for options in ([], ["--log-level", "error"]):
        done = commands.run(*options, "poll", "--json", status=1)
        assert '"polled":2,"unchanged":1,"changed":0,"failed":1' in done.stdout
        assert "acme/other: the Hub answered 502" in done.stderr


def test_quiet_poll_says_nothing_where_nothing_was_found(commands: Commands) -> None:
    """Cron sends a mail for every line: neither stream has one, with ``--json`` neither."""
    commands.polled(START)
    for options in ([], ["--json"], ["--dry-run"]):
        done = commands.run("poll", "--quiet", *options)
        assert (done.stdout, done.stderr) == ("", "")


def test_quiet_poll_says_what_was_found_or_failed(commands: Commands) -> None:
    """A baseline and a change are found; with them stands which configuration was used."""
    commands.hub.add_benchmark(BENCH, START)
    done = commands.run("poll", "--quiet")
    assert "acme/bench: baseline stored" in done.stdout
    assert done.stderr.startswith(f"configuration: {commands.config}; database: ")
    commands.hub.set(BENCH, LATER)
    assert "2 events" in commands.run("poll", "--quiet").stdout
    commands.hub.fail(BENCH, 502)
    failed = commands.run("poll", "--quiet", status=1)
    assert "acme/bench: the Hub answered 502" in failed.stderr
    assert failed.stderr.startswith("configuration: ")


def test_what_the_rate_limit_leaves_is_deferred(commands: Commands) -> None:
    """The oldest good poll goes first; the others are named on standard error, and none failed."""
    commands.configure(BOTH)
    commands.config.write_text(
        commands.config.read_text().replace("[hub]", "[hub]\nconcurrency = 1")
    )
    commands.hub.add_benchmark("cais/other", START)
    commands.polled(START)
    commands.run("poll", "cais/other")
    commands.hub.remaining = 0
    told = commands.run("poll")
    assert "1 board polled: 1 unchanged, 0 changed, 0 failed. 1 deferred." in told.stdout
    assert "s: 1 board is deferred: cais/other\n" in told.stderr
    quiet = commands.run("poll", "--quiet")
    assert (quiet.stdout, quiet.stderr) == ("", "")
    quiet = commands.run("poll", "--quiet")
    assert (quiet.stdout, quiet.stderr) == ("", "")
    assert commands.json("poll")["boards"] == {
        "polled": 1,
        "unchanged": 1,
        "changed": 0,
        "failed": 0,
        "deferred": 1,
    }


def test_boards_that_all_fail_alike_are_one_line(commands: Commands) -> None:
    """The same text is said once, with the address that was asked, and nobody's password."""
    watch = f'name = "x"\nbenchmarks = ["{BENCH}", "{OTHER}"]'
    commands.configure(watch)
    commands.polled(START)
    commands.hub.add_benchmark(OTHER, START)
    commands.run("poll")
    closed = commands.config.read_text().replace(commands.hub.url, "http://127.0.0.1:9")
    commands.config.write_text(closed)
    for command in (["poll"], ["validate"]):
        told = commands.run(*command, status=1).stderr.splitlines()
        assert "leaderboard-bot: all 2 boards: cannot reach the Hub: connection refused" in told
        assert told[-1] == "the Hub was asked at 127.0.0.1:9 (hub.endpoint, else HF_ENDPOINT)"
        assert not any(BENCH in line for line in told)
    told = commands.run("benchmarks", status=1).stderr.splitlines()
    assert [line.partition(" at ")[2][:11] for line in told] == ["", "127.0.0.1:9"]
    assert "Hub was asked" not in commands.run("events").stderr


def test_named_hub_has_no_password(capsys: pytest.CaptureFixture[str]) -> None:
    """What stands before the host is nobody's business; the usual Hub needs no word."""
    name_hub("https://me:secret@hub.example:8443/path")
    name_hub("https://huggingface.co")
    told = "the Hub was asked at hub.example:8443 (hub.endpoint, else HF_ENDPOINT)\n"
    assert capsys.readouterr().err == told


def test_named_boards_alone_are_polled(commands: Commands) -> None:
    """A name, in whatever case, limits the poll to its boards."""
    commands.hub.add_benchmark(OTHER, START)
    commands.polled(START)
    commands.hub.fail(OTHER, 502)
    assert commands.json("poll", "ACME/bench")["boards"]["polled"] == 1


def test_a_hub_without_its_list_is_a_failure_that_holds_up_nothing_else(
    commands: Commands,
) -> None:
    """The document is there, due deliveries are tried, and health is told: once, and once after."""
    health = '[health]\nnotify = ["gone"]\nafter_failures = 2\n'
    commands.configure(
        'name = "x"\nbenchmarks = ["official"]', channels=QUIET_CHANNEL, extra=health
    )
    commands.hub.fail(LISTING, 502)
    for _ in range(3):
        done = commands.run("poll", "--json", status=1)
        assert '"polled":0,"unchanged":0,"changed":0,"failed":0' in done.stdout
        assert "cannot list the official benchmarks: the Hub answered 502" in done.stderr
        assert commands.run("poll", BENCH, "--json", status=1).stdout
    commands.hub.recover()
    commands.hub.add_benchmark(BENCH, START)
    commands.run("poll", status=None)
    commands.run("poll", status=None)
    told = commands.json("deliveries")
    assert [one["type"] for one in told] == ["health.failing", "health.recovered"]
    assert all(one["attempts"] for one in told[:1])


def test_a_benchmark_that_joined_within_the_hour_can_be_named(commands: Commands) -> None:
    """The list is asked for again before a name is called unknown."""
    commands.configure('name = "x"\nbenchmarks = ["official"]\nevents = "all"')
    commands.polled(START)
    commands.hub.add_benchmark(OTHER, START)
    assert commands.json("poll")["boards"]["polled"] == 1
    done = commands.json("poll", OTHER)
    assert (done["boards"]["changed"], done["events"]) == (1, 1)


def test_what_waits_for_a_channel_that_is_gone_is_told_of(commands: Commands) -> None:
    """It is sent when the channel is back; until then ``validate`` says why it waits."""
    commands.configure(channels=QUIET_CHANNEL)
    commands.polled(START, LATER)
    commands.configure(channels=CONSOLE)
    told = commands.run("validate").stderr
    assert "channels: 1 delivery waits for gone, which is not configured any more" in told


def test_unwatched_name_has_status_2(commands: Commands) -> None:
    """A name that no watch looks at is told with the nearest one that is watched."""
    commands.polled()
    done = commands.run("poll", "acme/bnech", status=2)
    assert "acme/bnech" in done.stderr
    assert "did you mean acme/bench?" in done.stderr


def test_failed_attempt_has_status_1(commands: Commands) -> None:
    """A delivery that does not arrive waits for its next attempt, and is told."""
    commands.configure(channels=QUIET_CHANNEL)
    commands.polled(START)
    commands.hub.set(BENCH, LATER)
    done = commands.run("poll", "--json", status=1)
    assert '"deliveries":{"sent":0,"pending":1,"failed":0}' in done.stdout
    assert "gone: msg_" in done.stderr


def test_dry_run_tells_what_would_be_sent_and_changes_no_file(commands: Commands) -> None:
    """Every delivery is shown with its channel; the folder stays as it is."""
    commands.configure(channels=QUIET_CHANNEL + CONSOLE)
    commands.polled(START)
    commands.hub.set(BENCH, LATER)
    before = files(commands.folder)
    shown = commands.run("poll", "--dry-run").stdout
    assert {line for line in shown.splitlines() if line.startswith("[")} <= {
        f"[{number}] to {name}: acme/bench" for number in (1, 2) for name in ("gone", "screen")
    }
    assert shown.count("zai/delta takes the lead") == 2
    assert "2 deliveries would be sent" in shown
    assert files(commands.folder) == before
    assert commands.json("events") == []


def test_dry_run_counts_what_waits_and_sends_nothing(commands: Commands) -> None:
    """Its JSON is the summary with nothing sent, and the bodies that would be."""
    commands.configure(channels=CONSOLE)
    commands.polled(START)
    commands.hub.set(BENCH, LATER)
    document = commands.json("poll", "--dry-run")
    assert document["deliveries"] == {"sent": 0, "pending": 1, "failed": 0}
    (one,) = document["would_send"]
    assert (one["channel"], one["type"]) == ("screen", "leaderboard.changed")
    assert one["body"]["data"]["events"][0]["model"] == "zai/delta"


def test_dry_run_shows_due_deliveries_of_before(commands: Commands) -> None:
    """What waited before the dry run would be sent, too."""
    commands.configure(channels=QUIET_CHANNEL)
    commands.polled(START, LATER)
    commands.run("deliveries", "retry", commands.json("deliveries")[0]["id"])
    assert len(commands.json("poll", "--dry-run")["would_send"]) == 1


def test_dry_run_makes_no_database(commands: Commands) -> None:
    """Where there is none, the dry run ends without one."""
    commands.hub.add_benchmark(BENCH, START)
    assert commands.json("poll", "--dry-run")["boards"]["changed"] == 1
    assert sorted(commands.folder.iterdir()) == [commands.config]


def test_dry_run_of_a_failing_board_has_status_1(commands: Commands) -> None:
    """It ends as the poll would."""
    commands.hub.add_benchmark(BENCH, board(("a/b", 1)))
    commands.hub.fail(BENCH, 500)
    assert "acme/bench: the Hub answered 500" in commands.run("poll", "--dry-run", status=1).stderr


def test_a_poll_says_which_configuration_and_database_it_uses(commands: Commands) -> None:
    """At its start, on standard error; so does whoever finds no database."""
    commands.hub.add_benchmark(BENCH, START)
    told = f"configuration: {commands.config}; database: sqlite:///{commands.database}\n"
    assert commands.run("events", status=1).stderr.endswith(told)
    for options in ([], ["--json"], ["--dry-run"]):
        assert commands.run("poll", *options, status=None).stderr.startswith(told)


def test_a_wrong_folder_shows(tmp_path: Path, hub: SampleHub, fork_server: ForkServer) -> None:
    """Without a file that is the built-in default, and a database of its own."""
    done = fork_server.run(["poll"], tmp_path, environment(HF_ENDPOINT=hub.url))
    assert done.stderr.startswith(
        "configuration: the built-in default, for no file was found; "
        f"database: sqlite:///{tmp_path}/leaderboard-bot.db\n"
    )


def test_a_poll_that_goes_well_calls_the_dead_mans_switch(commands: Commands) -> None:
    """At its end; not where a board failed, nor for a dry run, and a failing call fails no poll."""
    with Receiver(Answer(200), Answer(503)) as receiver:
        commands.configure(extra=f'[health]\nping_url = "{receiver.url}/uuid"\n')
        commands.polled(START)
        commands.run("poll", "--dry-run")
        assert [one.path for one in receiver.received] == ["/uuid"]
        told = commands.run("poll").stderr
        assert "health.ping_url: the answer was HTTP 503" in told
        assert receiver.url not in told
        commands.hub.fail(BENCH, 502)
        commands.run("poll", status=1)
        assert len(receiver.received) == 2


def test_steps_that_a_threshold_withheld_add_up_over_polls(commands: Commands) -> None:
    """Each poll a process of its own; people read from where the row stood when they last heard."""
    watch = f'name = "steps"\nbenchmarks = ["{BENCH}"]\nmin_score_change = 3\n'
    watch += 'events = ["score_change"]\nnotify = ["screen"]'
    commands.configure(watch, channels=CONSOLE)
    commands.polled(board(("acme/x", 50), ("acme/y", 10)))
    for score, told in ((52, False), (53, True), (54, False), (56, True)):
        commands.hub.set(BENCH, board(("acme/x", score), ("acme/y", 10)))
        assert ("acme/x" in commands.run("poll").stdout) == told
    (first, second) = commands.json("deliveries")
    assert first["state"] == second["state"] == "sent"
    assert commands.json("events")[-1]["score"] == {"before": 54, "after": 56, "delta": 2}


def test_what_was_told_is_taken_back_though_a_threshold_would_withhold_it(
    commands: Commands,
) -> None:
    """A newcomer that is gone again is told to who heard of it, and to nobody else."""
    watch = f'name = "entries"\nbenchmarks = ["{BENCH}"]\nevents = ["new_entry"]'
    commands.configure(watch, channels=CONSOLE)
    both = board(("acme/x", 50), ("acme/y", 10))
    commands.polled(both, board(("acme/x", 50), ("acme/n", 30), ("acme/y", 10)))
    commands.hub.set(BENCH, both)
    assert "acme/n" not in commands.run("poll").stdout  # once is no removal
    assert "acme/n" in commands.run("poll").stdout


def test_a_poll_says_what_is_held_and_until_when(commands: Commands) -> None:
    """In the channel's time, also as a dry run; the digest tells it then."""
    team = '[channels.team]\ntype = "console"\ndigest = "0 9 * * *"\ntimezone = "Asia/Tokyo"\n'
    commands.configure(BOTH, channels=team)
    commands.polled(START, benchmark=BENCH)
    commands.hub.add_benchmark(BENCH, board(("qwen/alpha", 76.4), ("mini/beta", 76.0)))
    held = re.compile(r"^Held for team until \d+ \w+ \d{4}, 09:00 JST: 1\.$", re.MULTILINE)
    assert held.search(commands.run("poll", "--dry-run", status=None).stdout)
    assert held.search(commands.run("poll", status=None).stdout)
    (view,) = commands.json("deliveries", "--state", "held")
    assert (view["state"], view["held_for"], view["attempts"]) == ("held", "digest", [])
    assert "waits for the digest" in commands.run("deliveries", columns=200).stdout
