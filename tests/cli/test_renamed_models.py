"""Models that the Hub calls otherwise: their rows, histories and watches go on."""

from __future__ import annotations

import pytest

from tests.support.commands import BENCH, Commands
from tests.support.hub.fake_hub import board

OLD, NEW = "acme/old", "new-org/new"
BEFORE = board((OLD, 80), ("acme/b", 70))
AFTER = board((NEW, 80), ("acme/b", 70))
MINE = f'name = "mine"\nbenchmarks = ["{BENCH}"]\nmodels = ["ACME/*ld"]\n'
NOT_MINE = f'name = "others"\nbenchmarks = ["{BENCH}"]\nexclude_models = ["{OLD}"]\n'


@pytest.fixture
def renamed(commands: Commands) -> Commands:
    """Rename a model between two polls of a board that two watches look at."""
    commands.hub.models[OLD] = {}
    commands.configure(MINE, NOT_MINE)
    commands.polled(BEFORE)
    commands.hub.rename(OLD, NEW)
    commands.hub.set(BENCH, AFTER)
    return commands


def told(commands: Commands) -> list[tuple[str, str, list[str]]]:
    return [(one["kind"], one["model"], one["watches"]) for one in commands.json("events")]


def test_a_renamed_model_is_one_piece_of_news(renamed: Commands) -> None:
    """Told with both names, to whoever watches the old one by any pattern."""
    done = renamed.run("poll")
    assert f"{NEW} is the new name of {OLD}: 80 at #1" in done.stdout
    (event,) = renamed.json("events")
    assert (event["kind"], event["model"], event["previous_model"]) == ("renamed", NEW, OLD)
    assert event["watches"] == ["mine"]
    assert renamed.run("poll").stdout.startswith("1 board polled: 1 unchanged")


def test_watches_and_commands_go_on_by_the_old_id(renamed: Commands) -> None:
    """Later news, history and events are of either name."""
    renamed.run("poll")
    renamed.polled(board((NEW, 85), ("acme/b", 70)))
    assert told(renamed)[-1] == ("score_change", NEW, ["mine"])
    for name in (OLD, NEW, "acme/o*"):
        assert [one["kind"] for one in renamed.json("events", "--model", name)] == [
            "renamed",
            "score_change",
        ]
        points = renamed.json("history", name)
        assert [(one["model"], one["score"]) for one in points] == [(NEW, 80), (NEW, 85)]
    (row, _) = renamed.json("show", BENCH)["rows"]
    assert (row["model"], row["former"]) == (NEW, [OLD])
    assert f"formerly {OLD}" in renamed.run("show", BENCH, columns=200).stdout
    assert "no model that was seen" not in renamed.run("validate", "--offline").stderr
    assert renamed.json("events", "--model", OLD, "--kind", "removed") == []


def test_validate_knows_a_watched_model_by_its_former_id(renamed: Commands) -> None:
    """It stands on the board."""
    renamed.run("poll")
    assert "stands on none" not in renamed.run("validate").stderr


def test_an_old_id_that_another_model_takes_is_that_ones(renamed: Commands) -> None:
    """From its first row on the old name means the newcomer alone."""
    renamed.run("poll")
    renamed.polled(board((OLD, 90), (NEW, 80), ("acme/b", 70)))
    assert told(renamed)[1:3] == [("new_leader", OLD, ["mine"]), ("rank_shift", NEW, [])]
    renamed.polled(board((OLD, 90), (NEW, 81), ("acme/b", 70)))
    assert told(renamed)[-1] == ("score_change", NEW, ["others"])
    assert {one["model"] for one in renamed.json("history", OLD)} == {OLD}


def test_a_model_that_is_renamed_again_is_known_by_all_its_ids(renamed: Commands) -> None:
    """And by the first again where it goes back."""
    renamed.run("poll")
    renamed.hub.rename(NEW, "last/name")
    renamed.polled(board(("last/name", 80), ("acme/b", 70)))
    assert told(renamed)[-1] == ("renamed", "last/name", ["mine"])
    assert renamed.json("show", BENCH)["rows"][0]["former"] == [OLD, NEW]
    renamed.hub.rename("last/name", OLD)
    renamed.polled(BEFORE)
    assert told(renamed)[-1] == ("renamed", OLD, ["mine"])
    assert renamed.json("show", BENCH)["rows"][0]["former"] == ["last/name", NEW]


def test_the_hub_is_asked_again_until_it_says(renamed: Commands) -> None:
    """Nothing is told meanwhile; the row is shown as it was."""
    renamed.hub.fail(OLD, 500)
    assert "1 unchanged" in renamed.run("poll").stdout
    assert renamed.json("show", BENCH)["rows"][0]["model"] == OLD
    renamed.hub.recover()
    renamed.run("poll")
    assert told(renamed) == [("renamed", NEW, ["mine"])]


def test_a_model_that_is_gone_is_not_renamed(renamed: Commands) -> None:
    """A Hub that knows no redirect says so at once."""
    renamed.hub.redirect(OLD, "nobody/here")
    renamed.run("poll")
    assert [kind for kind, *_ in told(renamed)] == ["new_entry"]
