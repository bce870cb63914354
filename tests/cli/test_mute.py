"""``mute``: what channels are not told for a time (the sixth rule of noise control)."""

from __future__ import annotations

import pytest

from tests.support.commands import BENCH, LATER, START, Commands
from tests.support.hub.fake_hub import board

TWO = '[channels.one]\ntype = "console"\n[channels.two]\ntype = "console"\n'
AFTER = board(("zai/delta", 77.8), ("qwen/alpha", 77.0), ("mini/beta", 75.9), ("step/gamma", 74.4))


@pytest.fixture
def polled(commands: Commands) -> Commands:
    """Give a board with a baseline, and two channels."""
    commands.configure(channels=TWO)
    commands.polled(START)
    return commands


def told(commands: Commands) -> list[str]:
    """Return the kinds of event that each delivery tells, with its channel, in order."""
    kinds = {event["id"]: event["kind"] for event in commands.json("events")}
    return [
        f"{one['channel']}: {', '.join(kinds[event] for event in one['events'])}"
        for one in commands.json("deliveries")
    ]


def test_a_mute_holds_back_what_it_names(polled: Commands) -> None:
    """It stays in events, other channels hear of it, and the next message says how many."""
    done = polled.run("mute", "add", "--model", "ZAI/*", "--channel", "one", "--reason", "known")
    assert done.stdout.startswith("Muted until ")
    assert done.stdout.endswith(" UTC: all of ZAI/* for one (mute 1).\n")
    assert "zai/*: no model that was seen" in done.stderr.casefold()
    polled.polled(LATER)
    assert sorted(told(polled)) == ["one: score_change", "two: new_leader, score_change"]
    (mute,) = polled.json("mute", "list")
    assert list(mute) == [
        "id", "benchmark", "model", "channel", "kind", "reason", "created_at", "expires_at",
        "held",
    ]  # fmt: skip
    assert [mute[name] for name in ("id", "model", "channel", "reason", "held")] == [
        "1", "ZAI/*", "one", "known", 1,
    ]  # fmt: skip
    assert [mute["benchmark"], mute["kind"]] == [None, None]


def test_a_message_says_how_many_events_were_muted(polled: Commands) -> None:
    """Since the channel's last one, however many polls ago; ending a mute sends nothing old."""
    polled.run("mute", "add", "--kind", "new_leader")
    polled.run("mute", "add", "--kind", "score_change")
    polled.polled(LATER)
    assert told(polled) == []
    assert "it held back 2 events: score_change" in polled.run("mute", "remove", "2").stdout
    polled.hub.add_benchmark(BENCH, AFTER)
    done = polled.run("poll", status=None)
    assert sorted(told(polled)) == ["one: score_change", "two: score_change"]
    assert "2 more muted" in done.stdout
    polled.hub.add_benchmark(BENCH, LATER)
    assert "muted" not in polled.run("poll", status=None).stdout


def test_a_dry_run_knows_of_mutes(polled: Commands) -> None:
    """What would be sent is without what is muted."""
    polled.run("mute", "add", "--kind", "new_leader")
    polled.hub.add_benchmark(BENCH, LATER)
    shown = polled.run("poll", "--dry-run", status=None).stdout
    assert "1 more muted" in shown
    assert "leads" not in shown
    assert polled.json("mute", "list")[0]["held"] == 0


def test_the_list_fits_a_terminal(polled: Commands) -> None:
    """Each mute with what it holds back, its end, what it held, and why."""
    assert polled.run("mute", "list").stderr == "nothing is muted\n"
    polled.run(
        "mute", "add", "--benchmark", BENCH, "--kind", "new_entry", "--for", "12h", "--reason",
        "newcomers are watched by somebody else until the end of the week",
    )  # fmt: skip
    shown = polled.run("mute", "list").stdout
    assert "new_entry on acme/bench" in shown
    assert "in 11 h" in shown
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        ((), "say what to mute: --benchmark, --model, --channel or --kind"),
        (("--for", "7d"), "say what to mute"),
        (("--channel", "tow"), "tow: no such channel; did you mean two?"),
        (("--kind", "new_leadr"), 'did you mean "new_leader"?'),
        (("--kind", "removed,returned"), "name one kind; add a mute for each"),
        (("--kind", "removed", "--for", "never"), "'never' is no duration"),
        (("--benchmark", "bench"), "bench: can stand for no benchmark; did you mean acme/bench?"),
        (("--benchmark", "official"), "here * stands for every benchmark"),
        (("--model", "alpha"), "alpha: can stand for no model; did you mean qwen/alpha?"),
        (("--model", "GLM 5"), "can stand for no model"),
        (("--model", "https://example.org/a/b"), "is no page of a model"),
    ],
)
def test_a_mute_that_cannot_be_meant_is_refused(
    polled: Commands, arguments: tuple[str, ...], advice: str
) -> None:
    """With what is wrong and what to write, and nothing is muted."""
    assert advice in polled.run("mute", "add", *arguments, status=2).stderr
    assert polled.json("mute", "list") == []


def test_a_mute_that_matches_nothing_says_so(polled: Commands) -> None:
    """When it is added, and in ``validate``: what it names may still come, or may be gone."""
    page = f"{polled.hub.url}/datasets/acme/bensh"
    done = polled.run("mute", "add", "--benchmark", page, "--channel", "two")
    sentence = "acme/bensh: no board that is watched or was seen; did you mean acme/bench?\n"
    assert done.stderr == f"warning: {sentence}"
    polled.configure(channels='[channels.one]\ntype = "console"\n')
    shown = polled.run("validate", "--offline").stderr
    assert f"hint: mute 1 matches nothing: {sentence}" in shown
    assert "hint: mute 1 matches nothing: two: no such channel; there is one\n" in shown


def test_a_mute_is_ended_by_its_id(polled: Commands) -> None:
    """One that is unknown, or over, is an error that names those that last."""
    polled.run("mute", "add", "--kind", "removed")
    assert "9: no such mute lasts; there is 1" in polled.run("mute", "remove", "9", status=2).stderr
    assert polled.json("status")["mutes"] == 1
    assert "1 mute lasts" in polled.run("status").stdout
    polled.run("mute", "remove", "1")
    assert polled.json("mute", "list") == []
    assert "1: no mute lasts\n" in polled.run("mute", "remove", "1", status=2).stderr
    assert polled.json("status")["mutes"] == 0


def test_test_alerts_and_health_are_never_muted(polled: Commands) -> None:
    """Mutes hold back events alone."""
    polled.run("mute", "add", "--channel", "one")
    assert "one: sent" in polled.run("test-channel", "one").stdout
