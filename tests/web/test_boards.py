"""The page of all boards."""

from __future__ import annotations

import csv

from tests.web.conftest import Visiting


def test_boards_are_seen_at_a_glance(look: Visiting) -> None:
    """Who leads, who follows, when it was polled, whether it fails."""
    items = {one["board"]["benchmark"]: one for one in look("/?format=json").data["items"]}
    swe = items["SWE-bench/SWE-bench_Verified"]
    assert swe["leader"]["model"] == "deepseek-ai/DeepSeek-V4-Pro"
    assert (swe["leader"]["score"], swe["second"]["score"]) == (80.6, 80.2)
    assert (swe["led"][0]["model"], swe["led"][0]["since"]) == (
        "deepseek-ai/DeepSeek-V4-Pro",
        swe["led_since"],
    )
    assert (swe["failing"], swe["snapshot_at"]) == (False, "2026-04-27T10:00:00Z")


def test_each_board_links_to_its_page(look: Visiting) -> None:
    """With its task, whatever characters that has."""
    text = look("/").text
    assert '/boards/SWE-bench/SWE-bench_Verified?task=swe_bench_%25_resolved"' in text
    assert "Humanity&#39;s Last Exam" in text


def test_boards_are_in_the_order_of_the_names_that_are_shown(look: Visiting) -> None:
    """Not in that of their ids."""
    names = [one["board"]["name"] for one in look("/?format=json").data["items"]]
    assert names == sorted(names, key=str.casefold)
    assert names[0] == "AIME 2026"


def test_the_last_change_of_a_board_is_said_and_leads_to_its_event(look: Visiting) -> None:
    """The most telling of the poll that found it."""
    items = {one["board"]["benchmark"]: one for one in look("/?format=json").data["items"]}
    last = items["SWE-bench/SWE-bench_Verified"]["last"]
    assert (last["kind"], last["at"]) == ("score_change", "2026-04-27T10:00:00Z")
    assert f'<a href="/events/{last["event"]}">• Qwen/Qwen3.5-27B now scores' in look("/").text
    assert items["Idavidrein/gpqa"]["last"]["kind"] == "recomputed"


def test_scores_of_a_board_have_the_decimals_that_it_has_elsewhere(look: Visiting) -> None:
    """A 79 beside 80.6 is a 79.0, on every page."""
    for path in (
        "/",
        "/boards/SWE-bench/SWE-bench_Verified",
        "/models/deepseek-ai/DeepSeek-V4-Flash",
    ):
        assert ">79.0<" in look(path).text, path


def test_how_long_a_leader_stands_is_said_of_each(look: Visiting) -> None:
    """Of one that led when the board was first seen, too, by what is known."""
    text = look("/").text
    assert "leads since it was first seen, <a" in text
    assert "leads for <a" in text


def test_boards_are_there_as_csv(look: Visiting) -> None:
    """A record a board."""
    names, *records = csv.reader(look("/?format=csv").text.splitlines())
    (swe,) = (one for one in records if one[0] == "SWE-bench/SWE-bench_Verified")
    assert swe[names.index("leader_model")] == "deepseek-ai/DeepSeek-V4-Pro"
    assert swe[names.index("second_score")] == "80.2"
