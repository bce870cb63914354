"""Alerts lead to the bot's own page, where the configuration says where that is."""

from __future__ import annotations

import json

import pytest

from bot.core.alerts.message import Message
from bot.core.render import slack, text
from bot.core.render.forms import HTML, MARKDOWN, TEXT, Form
from bot.core.render.page import page
from tests.support.messages import HUB, changed, event

FIRST, SECOND = (f"https://boards.example.org/events/{number}" for number in (1, 2))


def alert() -> Message:
    return changed(
        event("new_leader", "acme/b", rank=(None, 1), score=(None, 2), page=FIRST),
        event("removed", "acme/a", rank=(4, None), score=(1, None), page=SECOND),
    )


def test_each_line_of_slack_links_to_its_event() -> None:
    """Whoever asks why clicks on the word."""
    blocks = json.dumps(slack.render(alert(), {}, HUB, "msg").blocks)
    links = [json.dumps({"type": "link", "url": url, "text": "why"}) for url in (FIRST, SECOND)]
    assert [blocks.count(link) for link in links] == [1, 1]


def test_each_line_of_a_mail_links_to_its_event() -> None:
    """As in Slack; its address is not written out below."""
    body = text.render(page(alert(), {}, HUB), form=HTML).body
    assert [body.count(f'<a href="{url}">why</a>') for url in (FIRST, SECOND)] == [1, 1]
    assert "Why: " not in body


@pytest.mark.parametrize(
    ("form", "ends"),
    [
        (TEXT, f"Why: {FIRST}"),
        (MARKDOWN, f"Why: [boards.example.org/events/1]({FIRST})"),
    ],
)
def test_text_without_links_ends_with_the_page_of_what_it_tells_first(
    form: Form, ends: str
) -> None:
    """A word that leads nowhere would only stand in the way."""
    body = text.render(page(alert(), {}, HUB), form=form).body
    assert body.endswith(ends)
    assert SECOND not in body


def test_without_a_page_nothing_leads_there() -> None:
    """Messages stay as they were."""
    told = changed(event("removed", "acme/a", rank=(4, None), score=(1, None)))
    assert "hy" not in text.render(page(told, {}, HUB)).body
    assert page(told, {}, HUB).why is None
