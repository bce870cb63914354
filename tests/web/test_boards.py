"""The page of all boards."""

from __future__ import annotations

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
    assert ">for at least" in text  # a leader that led when the board was first seen
