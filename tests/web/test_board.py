"""A board's page, as it stands and as it stood; and a model's."""

from __future__ import annotations

import csv
import io

import lxml.html
import pytest

from tests.support.page import PUBLIC
from tests.web.conftest import Visiting

SWE = "/boards/SWE-bench/SWE-bench_Verified"
QWEN = "/models/Qwen/Qwen3.5-397B-A17B"
HTTP_OK, BAD, NOT_FOUND = 200, 400, 404
HEAVY = 450


def test_board_is_as_show_has_it_and_rows_have_moved(look: Visiting) -> None:
    """The shape of ``show --json``, with the moves over one, seven and thirty days."""
    found = look(f"{SWE}?format=json").data
    assert {"board", "snapshot_at", "rows"} <= found.keys()
    first, third = found["rows"][0], found["rows"][2]
    assert (first["rank"], first["model"], first["value"]) == (
        1,
        "deepseek-ai/DeepSeek-V4-Pro",
        80.6,
    )
    assert [move["days"] for move in first["moves"]] == [1, 7, 30]
    assert third["gap"] == 1.6
    assert any(move["new"] for row in found["rows"] for move in row["moves"])
    assert any((move["places"] or 0) < 0 for row in found["rows"] for move in row["moves"])


def test_board_says_who_leads_since_when_and_who_did_before(look: Visiting) -> None:
    """By the changes of the lead that were found."""
    found = look(f"{SWE}?format=json").data
    assert (found["lead"]["model"], found["lead"]["at_least"]) == (
        "deepseek-ai/DeepSeek-V4-Pro",
        False,
    )
    assert found["led"][0]["since"] == found["lead"]["since"]
    assert "Leads for 3 days" in look(SWE).text
    first = found["led"][-1]
    assert (first["model"], first["at_least"], first["event"]) == (
        "Qwen/Qwen3.5-397B-A17B",
        True,
        None,
    )
    assert "first seen leading on" in look(SWE).text
    event = found["led"][0]["event"]
    assert f'<a href="/events/{event}">{found["led"][0]["why"]}</a>' in look(SWE).text


def test_why_a_row_leads_is_said_by_scores_of_which_lower_ones_are_better(look: Visiting) -> None:
    """As alerts say it."""
    found = look("/boards/hf-audio/open-asr-leaderboard?format=json").data
    assert "takes the lead from nvidia/canary-qwen-2.5b (4.76)" in found["led"][0]["why"]


@pytest.mark.parametrize("at", ["2026-04-01", "2026-04-01T23:00:00Z", "26d"])
def test_past_day_is_the_last_snapshot_by_then(look: Visiting, at: str) -> None:
    """A date is its end in UTC."""
    found = look(f"{SWE}?format=json&at={at}").data
    assert (found["rows"][0]["model"], found["rows"][0]["value"]) == ("zai-org/GLM-5", 77.8)
    assert found["snapshot_at"] <= "2026-04-01T23:59:59Z"
    assert "as it was on" in look(f"{SWE}?at={at}").text


def test_board_is_a_table_in_csv(look: Visiting) -> None:
    """A line a row, with its source."""
    rows = list(csv.DictReader(io.StringIO(look(f"{SWE}?format=csv").text)))
    assert (rows[0]["rank"], rows[0]["model"]) == ("1", "deepseek-ai/DeepSeek-V4-Pro")
    assert rows[0]["source_url"].startswith("http")


def entries(feed: str) -> str:
    """Return what follows the head of a feed, which names the address that was asked for."""
    return feed.partition("<entry>")[2]


def test_a_name_in_any_case_is_the_same_model(look: Visiting) -> None:
    """As on the Hub, and as the names of boards are."""
    assert look(f"{QWEN.lower()}?format=json").text == look(f"{QWEN}?format=json").text
    assert entries(look(f"/feeds{QWEN.lower()}").text) == entries(look(f"/feeds{QWEN}").text)


def test_model_is_on_all_its_boards_with_what_it_takes_to_be_first(look: Visiting) -> None:
    """The best ranks first; the leader's score is what must be passed."""
    items = look(f"{QWEN}?format=json").data["items"]
    assert [one["rank"] for one in items] == sorted(one["rank"] for one in items)
    swe = next(one for one in items if one["board"]["benchmark"].startswith("SWE"))
    assert (swe["rank"], swe["rows"], swe["value"], swe["gap"]) == (7, 22, 76.4, 4.2)
    leads = [one for one in items if one["rank"] == 1]
    assert leads[0]["gap"] is None
    assert "above <b>80.6</b>" in look(QWEN).text


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/boards/SWE-bench/SWE-bench_Verifed", NOT_FOUND, "did you mean"),
        ("/boards/nobody/nothing", NOT_FOUND, "no watch looks at this benchmark"),
        ("/boards/SWE-bench%2FSWE-bench_Verified", HTTP_OK, "SWE-bench Verified"),
        ("/boards/../../etc/passwd", NOT_FOUND, ""),
        ("/boards/%2e%2e%2fetc%2fpasswd", NOT_FOUND, ""),
        (f"{SWE}?task=nonsense", NOT_FOUND, "no such task"),
        (f"{SWE}?derived=yes", BAD, "derived: must be true or false"),
        (f"{SWE}?derived=true", NOT_FOUND, "no watch has include_derived"),
        (f"{SWE}?at=yesterday", BAD, "at: "),
        (f"{SWE}?at=2999-01-01", BAD, "is still to come"),
        (f"{SWE}?at=2026-01-01", NOT_FOUND, "the first snapshot is of 2026-03-09"),
        ("/models/Qwen/Qwen3.5-397B-A17", NOT_FOUND, "did you mean"),
        ("/models/%00", NOT_FOUND, "There is no such page."),
    ],
)
def test_what_is_not_there_is_said_with_what_is_like_it(
    look: Visiting, path: str, status: int, said: str
) -> None:
    """Unknown names, tasks and times each have a clear answer."""
    found = look(path)
    assert (found.status, said in found.text) == (status, True), found.text


@pytest.mark.parametrize("path", ["/boards/nobody/nothing", "/models/Qwen/Qwen3.5-397B-A17"])
def test_strangers_are_not_told_what_is_like_an_unknown_name(look: Visiting, path: str) -> None:
    """What they may not see is not named to them either."""
    found = look(path, PUBLIC)
    assert (found.status, "did you mean" in found.text) == (NOT_FOUND, False)
    assert "There is nothing here to see." in found.text


def test_strangers_see_official_boards_of_a_public_page(look: Visiting) -> None:
    """Boards and models need no token there."""
    assert look(SWE, PUBLIC).status == HTTP_OK
    assert look(QWEN, PUBLIC).status == HTTP_OK


def test_model_page_draws_its_ranks_over_time(look: Visiting) -> None:
    """Of each board that the visitor may see, told in words, too."""
    text = look(QWEN).text
    assert "Qwen/Qwen3.5-397B-A17B: ranks from" in text
    assert "7. SWE-bench Verified" in text


def test_a_model_s_drawing_names_boards_as_people_do(look: Visiting) -> None:
    """With the task where there are several, and never by their ids alone."""
    text = look(QWEN).text
    drawn = text[text.index("<svg") :]
    assert "ParseBench chart" in drawn
    assert "aime_2026#" not in drawn
    assert "AIME 2026" in drawn


def test_what_a_model_lacks_to_be_first_is_said(look: Visiting) -> None:
    """The score to pass, how much that is, and whose it is; of a leader, for how long it leads."""
    text = look(QWEN).text
    assert "a score above <b>80.6</b>" in text
    assert "(4.2 more), past" in text
    assert "leads since it was first seen," in text
    lower = look("/models/nvidia/canary-qwen-2.5b").text
    assert "a score below <b>4.58</b>" in lower
    assert "(0.18 less), past" in lower


def test_a_row_of_a_board_is_light(look: Visiting) -> None:
    """There may be a thousand, which are sent to phones, too."""
    table = lxml.html.fromstring(look(SWE).text).find_class("ranks")[0]
    rows = [lxml.html.tostring(row, encoding="unicode") for row in table.iter("tr")][1:]
    assert len(rows) == 22
    assert sum(map(len, rows)) / len(rows) < HEAVY
