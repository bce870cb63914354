"""The dashboard and the alert rules ask for what a scrape returns, and for nothing else."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.store import open_existing
from tests.support.scrape import Scrape, filled, scraped

FOLDER = Path(__file__).parents[2] / "docs" / "grafana"
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "leaderboard-bot.json").read_text("utf-8"))
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((FOLDER / "alerts.yml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
ADDED = {"job", "instance"}
"""The labels that Prometheus adds to whatever it scrapes."""

NAME = re.compile(r"\b(?:leaderboard_bot_\w+|up)\b")
MATCHED = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"")
GROUPED = re.compile(r"\b(?:by|without)\s*\(([^)]*)\)")


@pytest.fixture
def scrape(sqlite_url: str, tmp_path: Path) -> Iterator[Scrape]:
    """Scrape a page about a store in which a little of everything has happened."""
    with closing(open_existing(sqlite_url)) as store:
        yield scraped(filled(store, tmp_path))


def labels_of(scrape: Scrape) -> dict[str, set[str]]:
    """Return the labels that each sample's name comes with."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for metric in scrape.metrics.values():
        for sample in metric.samples:
            found[sample.name] |= ADDED | sample.labels.keys()
    return {"up": ADDED, **found}


def queries() -> Iterator[tuple[str, set[str]]]:
    """Yield each query, with the labels that are shown beside what it gives."""
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield target["expr"], set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
    for rule in RULES:
        yield rule["expr"], set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"])))
    for variable in DASHBOARD["templating"]["list"]:
        if found := re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]):
            yield found[1], {found[2]}


def test_every_query_names_what_a_scrape_returned(scrape: Scrape) -> None:
    """Each metric was there, and each label that it is chosen, grouped or shown by."""
    known = labels_of(scrape)
    for query, shown in queries():
        bare = re.sub(r'"[^"]*"', '""', query)
        names = NAME.findall(bare)
        assert names, query
        assert set(names) <= known.keys(), query
        grouped = {one.strip() for some in GROUPED.findall(bare) for one in some.split(",")}
        labels = grouped | set(MATCHED.findall(bare)) | shown
        assert labels <= set().union(*(known[name] for name in names)), query


def test_the_operators_page_explains_every_metric(scrape: Scrape) -> None:
    """By the name and the labels that it has, and none that is not there."""
    page = (FOLDER.parent / "operations.md").read_text("utf-8")
    table = page.partition("| metric | says |")[2].partition("\n\n")[0]
    told = dict(re.findall(r"`(\w+)(?:{([\w,]+)})?`[^|]*?(?=[,|])", "\n".join(
        line.split("|")[1] + "|" for line in table.splitlines() if line.startswith("| `")
    )))  # fmt: skip
    expected = {}
    for name, metric in scrape.metrics.items():
        labels = {label for sample in metric.samples for label in sample.labels} - {"le"}
        total = "_total" if metric.type == "counter" else ""
        expected[name.removeprefix("leaderboard_bot_") + total] = labels
    assert {name: set(filter(None, labels.split(","))) for name, labels in told.items()} == expected


def test_every_metric_is_to_be_seen(scrape: Scrape) -> None:
    """Whatever is measured stands somewhere on the dashboard."""
    asked = {name for panel in DASHBOARD["panels"] for target in panel["targets"]
             for name in NAME.findall(target["expr"])}  # fmt: skip
    for metric in scrape.metrics.values():
        assert any(sample.name in asked for sample in metric.samples), metric.name


@pytest.mark.parametrize("query", [query for query, _ in queries()])
def test_a_query_is_well_formed_as_far_as_it_can_be_told_here(query: str) -> None:
    """Its brackets match, and a range stands only where a function takes one."""
    bare = re.sub(r'"[^"]*"', "", query)
    for opening, closing_ in ("()", "{}", "[]"):
        assert bare.count(opening) == bare.count(closing_)
    ranges = re.findall(r"(\w+)\((?:\w+)(?:{[^}]*})?\[", bare)
    assert len(ranges) == bare.count("[")
    assert set(ranges) <= {"rate", "increase"}


def test_counters_are_never_shown_as_they_stand() -> None:
    """They begin anew with each start: only how fast they rise says anything."""
    for query, _ in queries():
        for name in re.findall(r"\w+_(?:total|bucket|sum|count)\b", query):
            before = query[: query.index(name)]
            assert before.endswith(("rate(", "increase(")), query


def test_an_alert_says_what_is_wrong_and_how_bad_it_is() -> None:
    """By a name of its own, in words, and not for a moment's sake."""
    names = [rule["alert"] for rule in RULES]
    assert len(set(names)) == len(names) >= 6
    for rule in RULES:
        assert re.fullmatch(r"\d+[mh]", rule["for"])
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert rule["annotations"].keys() == {"summary", "description"}


def test_panels_have_places_of_their_own() -> None:
    """None covers another, and each has a number and a title of its own."""
    taken: set[tuple[int, int]] = set()
    panels = DASHBOARD["panels"]
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"])
                 for y in range(at["y"], at["y"] + at["h"])}  # fmt: skip
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert len({panel["title"] for panel in panels}) == len(panels)
