"""Badges: a model's place on a board, as a picture and for shields.io."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from lxml import etree

from bot.core.alerts.message import BoardInfo
from bot.drawing.svg import inline
from bot.views.seen.leads import MOST, Lead, held_since
from bot.views.seen.standing import ModelStanding
from bot.web.elsewhere import badges
from bot.web.elsewhere.badges import Badge, badge, drawn, shields
from tests.support.hostile import HOSTILE
from tests.support.page import BEARER, CLOSED, PUBLIC
from tests.web.conftest import Visiting

NOW = datetime(2026, 4, 27, 10, tzinfo=UTC)
LEADS = "benchmark=SWE-bench/SWE-bench_Verified&model=deepseek-ai/DeepSeek-V4-Pro"
BEHIND = "benchmark=SWE-bench/SWE-bench_Verified&model=zai-org/GLM-5"
HTTP_OK, BAD, UNAUTHORIZED, NOT_FOUND = 200, 400, 401, 404
SVG = "{http://www.w3.org/2000/svg}"


def led(model: str, days: float, *, at_least: bool = False) -> Lead:
    since = NOW - timedelta(days=days)
    return Lead(model=model, variant=None, score=Decimal(1), since=since, at_least=at_least)


def standing(rank: int = 1, lead: Lead | None = None, **board: Any) -> ModelStanding:
    return ModelStanding(
        board=BoardInfo(benchmark="acme/bench", **board),
        model="acme/a",
        rank=rank,
        lead=lead,
    )


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (standing(3), "bench: rank 3"),
        (standing(1), "bench: rank 1"),
        (standing(1200, name="GPQA"), "GPQA: rank 1,200"),
        (standing(1, led("acme/a", 23.9)), "bench: first for 23 days"),
        (standing(1, led("acme/a", 0.1)), "bench: first for 1 day"),
        (standing(1, led("acme/a", 40, at_least=True)), "bench: first for at least 40 days"),
        (standing(2, task="hard", task_count=2), "bench hard: rank 2"),
        (standing(2, task="hard", task_count=1), "bench: rank 2"),
    ],
)
def test_badge_says_the_rank_or_how_long_the_model_leads(found: ModelStanding, says: str) -> None:
    """In whole days; of what was before nothing is claimed that is not known."""
    assert badge(found, NOW).title == says


@pytest.mark.parametrize(
    ("found", "since"),
    [
        ([led("acme/a", 3), led("acme/b", 9)], 3),
        ([led("acme/a", 3), led("acme/a", 5), led("acme/b", 9)], 5),
        ([led("acme/b", 3), led("acme/a", 5)], None),
        ([], None),
    ],
)
def test_a_model_leads_since_its_first_row_in_a_row_came_to_lead(
    found: list[Lead], since: float | None
) -> None:
    """Whichever of them leads now; no lead is claimed that another has taken since."""
    lead = held_since(tuple(found), "acme/a")
    assert (lead and lead.since) == (None if since is None else NOW - timedelta(days=since))
    assert not (lead and lead.at_least)


def test_a_lead_that_is_older_than_what_is_looked_back_at_is_at_least_that_old() -> None:
    """Rows of one model may take the lead from each other for ever."""
    found = tuple(led("acme/a", days) for days in range(MOST))
    assert held_since(found, "acme/a") == led("acme/a", MOST - 1, at_least=True)


@pytest.mark.parametrize(
    "colour",
    [badges.LABEL_COLOUR, badges.FIRST, badges.AMONG_THREE, badges.PLACED, badges.UNKNOWN],
)
def test_what_is_written_stands_out(colour: str) -> None:
    """White on each colour has a contrast of 4.5 to 1 at the least."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    luminance = sum(x * y for x, y in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))
    assert 1.05 / (luminance + 0.05) >= 4.5


@settings(max_examples=60, deadline=None)
@given(HOSTILE)
def test_a_hostile_name_is_only_written(name: str) -> None:
    """The picture stays one of two boxes and two texts, whatever a benchmark calls itself."""
    told = badge(standing(2, name=name), NOW)
    root = etree.fromstring(inline(drawn(told)).encode())
    tags = [str(one.tag).removeprefix(SVG) for one in root]
    assert tags == ["title", "rect", "text", "rect", "text"]
    assert 0 < float(root.get("width") or 0) < 700
    assert root.findtext(f"{SVG}title") == root.get("aria-label") == told.title


def test_shields_draws_the_same() -> None:
    """In the form that its endpoint asks for."""
    told = Badge(label="GPQA", message="rank 3", colour="#13693a")
    assert shields(told) == {
        "schemaVersion": 1,
        "label": "GPQA",
        "message": "rank 3",
        "color": "#13693a",
        "labelColor": badges.LABEL_COLOUR,
    }


def test_badge_is_a_picture_and_data_of_the_same(look: Visiting) -> None:
    """Its words are read out."""
    seen = look(f"/badge.svg?{LEADS}")
    root = etree.fromstring(seen.text.encode())
    assert seen.headers["content-type"] == "image/svg+xml"
    assert root.findtext(f"{SVG}title") == "SWE-bench Verified: first for 3 days"
    assert look(f"/badge.json?{LEADS}").data["message"] == "first for 3 days"
    assert look(f"/badge.json?{BEHIND}").data["message"] == "rank 4"
    same = look(f"/badge.svg?{LEADS}", if_none_match=seen.headers["etag"])
    assert same.status == 304


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("benchmark=acme/nothing&model=a/b", NOT_FOUND, "unknown"),
        ("benchmark=cais/hle&model=a/b", NOT_FOUND, "unknown"),
        ("benchmark=cais/hle&model=a/b&task=none", NOT_FOUND, "unknown"),
        (f"{LEADS}&derived=true", NOT_FOUND, "unknown"),
        (f"{LEADS}&derived=yes", BAD, "derived: must be true or false"),
        ("benchmark=cais/hle", BAD, "give ?benchmark= and &model="),
        (f"{LEADS}&style=flat", BAD, "style: no parameter of this page"),
    ],
)
def test_badge_of_what_is_unknown_says_so(
    look: Visiting, query: str, status: int, said: str
) -> None:
    """As a picture too, for nobody looks at the status of one."""
    seen = look(f"/badge.svg?{query}")
    title = etree.fromstring(seen.text.encode()).findtext(f"{SVG}title")
    assert (seen.status, said in str(title)) == (status, True)
    data = look(f"/badge.json?{query}")
    assert (data.status, list(data.data)) == (status, ["error"])


@pytest.mark.parametrize(
    ("web", "authorization", "status"),
    [(CLOSED, "", UNAUTHORIZED), (CLOSED, BEARER, HTTP_OK), (PUBLIC, "", HTTP_OK)],
)
def test_badges_are_open_as_boards_are(
    look: Visiting, web: str, authorization: str, status: int
) -> None:
    """Other pages show them where the page is public."""
    headers = {"authorization": authorization} if authorization else {}
    assert look(f"/badge.svg?{LEADS}", web, **headers).status == status
