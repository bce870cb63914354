"""The page of a race: a still of any day, which a script may play, and its data."""

from __future__ import annotations

import csv
import io
import json

import pytest
from lxml import html

from tests.support.page import PUBLIC
from tests.web.conftest import Visiting

RACE = "/race/SWE-bench/SWE-bench_Verified"
NOT_FOUND = 404


def test_a_race_is_seen_without_a_script(look: Visiting) -> None:
    """Who leads and for how long, drawings, and a table whose names lead to models' pages."""
    page = html.document_fromstring(look(RACE).text)
    (lead,) = page.xpath("//*[@data-part='lead']/text()")
    assert lead == "deepseek-ai/DeepSeek-V4-Pro leads, for 3 days"
    (why,) = page.xpath("//*[@data-part='why']/a")
    assert why.text.startswith("★ deepseek-ai/DeepSeek-V4-Pro takes the lead from moonshotai/Kimi")
    assert why.text in html.document_fromstring(look(why.get("href")).text).text_content()
    assert len(page.xpath("//svg[@role='img']")) == 4
    first = page.xpath("//table[@class='race-table']//tbody/tr")[0]
    assert first.xpath("*//text() | */text()") == ["1", "deepseek-ai/DeepSeek-V4-Pro", "80.6"]
    assert first.xpath(".//a/@href") == ["/models/deepseek-ai/DeepSeek-V4-Pro"]


def test_a_still_of_a_day_has_its_own_address(look: Visiting) -> None:
    """It is what stood at the day's end; the script begins there, and the data ends there."""
    page = html.document_fromstring(look(f"{RACE}?at=2026-04-01").text)
    (lead,) = page.xpath("//*[@data-part='lead']/text()")
    assert lead.startswith("zai-org/GLM-5 leads, for")
    seen = page.xpath("//*[@data-part='leads']/tr[not(@hidden)]/th/a")
    assert [one.text for one in seen] == ["31 Mar 2026", "30 Mar 2026", "11 Mar 2026", "9 Mar 2026"]
    assert "30 Mar 2026, 18:00 UTC" in look(seen[1].get("href")).text
    data = json.loads(page.xpath("//script[@type='application/json']")[0].text)
    assert 0 < data["at"] < len(data["moments"]) - 1
    assert max(one["at"] for one in look(f"{RACE}?at=2026-04-01&format=json").data) < "2026-04-02"


def test_a_day_is_chosen_without_a_script(look: Visiting) -> None:
    """By a form that leads to the still of that day, of the same task."""
    page = html.document_fromstring(look(f"{RACE}?at=2026-04-01").text)
    (form,) = page.forms
    assert (form.method, form.action, dict(form.fields)) == (
        "GET",
        None,
        {"task": "swe_bench_%_resolved", "at": "2026-04-01"},
    )
    field = form.inputs["at"]
    assert (field.get("min"), field.get("max")) == ("2026-03-09", "2026-04-27")


def test_data_are_in_the_shape_of_history(look: Visiting) -> None:
    """As JSON and as CSV: where each row that was ever among the first stood from when on."""
    found = look(f"{RACE}?format=json").data
    assert list(found[0]) == [
        "at", "benchmark", "model", "variant", "rank", "score", "task", "include_derived",
    ]  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(look(f"{RACE}?format=csv").text)))
    assert [row["model"] for row in rows] == [one["model"] for one in found]
    removed = [one for one in found if one["model"] == "sample-lab/tiny-coder-9b"]
    assert [one["rank"] for one in removed][:2] == [1, None]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{RACE}?at=2020-01-01", 404),
        (f"{RACE}?at=never", 400),
        (f"{RACE}?task=none", 404),
        (f"{RACE}?speed=2", 400),
        ("/race/acme/nothing", 404),
        ("/race/", 404),
        ("/race/..%2f..%2fetc", 404),
    ],
)
def test_what_is_not_there_is_said(look: Visiting, path: str, status: int) -> None:
    """Each in words."""
    found = look(path)
    assert found.status == status
    assert "Traceback" not in found.text


def test_strangers_see_races_of_official_benchmarks_alone(look: Visiting, token: str) -> None:
    """Where the page is public; what is not there for them is named to nobody."""
    assert look(RACE, PUBLIC).status == 200
    assert look("/race/acme/nothing", PUBLIC).text.count("acme") == 0


def test_scripts_come_from_the_page_itself(look: Visiting) -> None:
    """D3 and what moves it are files; no script stands in the page."""
    page = html.document_fromstring(look(RACE).text)
    scripts = page.xpath("//script[not(@type)]")
    assert [one.text for one in scripts] == [None] * len(scripts)
    sources = page.xpath("//script/@src | //link[@rel='stylesheet']/@href")
    assert len(sources) == 18
    assert all(look(source).status == 200 for source in sources)
    assert look("/static/drawing/vendor/README.md").status == NOT_FOUND


def test_a_board_leads_to_its_race(look: Visiting) -> None:
    """With its task."""
    text = look("/boards/SWE-bench/SWE-bench_Verified").text
    assert f'href="{RACE}?task=swe_bench_%25_resolved"' in text
