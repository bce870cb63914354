"""Slack as strict as it can be: what it refuses, what it loses, what it says too late."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import slackblocks
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slackblocks.errors import InvalidUsageError

from bot.channels.slack.channel import SlackChannel
from bot.core.alerts.message import DIGEST, FAILING, RECOVERED, REPORT, TEST
from bot.core.delivery import Delivered, InDoubt, Outcome, Rejected, RetryLater, Scope
from bot.core.kinds import Kind
from bot.core.render import slack
from bot.core.secret import Secret
from bot.demo.server import Reply
from tests.support.messages import HUB, NOW, SAMPLE_FACTS, delivery, sample_message
from tests.support.slack import fake_slack, slack_rules
from tests.support.slack.fake_slack import CHANNEL, TOKEN, FakeSlack, Fault, Post
from tests.support.slack.slack_rules import RefusedError

KINDS = [*Kind, "alert", DIGEST, TEST, FAILING, RECOVERED, REPORT]
Way = Callable[..., SlackChannel]


@pytest.fixture
def strict() -> Iterator[FakeSlack]:
    """Run a strict Slack, whose clock stands where messages are made."""
    with FakeSlack(clock=NOW.timestamp) as running:
        yield running


def api(strict: FakeSlack, **fields: Any) -> SlackChannel:
    """Return a channel with a bot token."""
    usual: dict[str, Any] = {"token": Secret(TOKEN), "channel": CHANNEL}
    return SlackChannel("research", endpoint=HUB, api_url=strict.api_url, **usual | fields)


def hook(strict: FakeSlack, **fields: Any) -> SlackChannel:
    """Return a channel with an incoming webhook."""
    fields.setdefault("webhook_url", Secret(strict.webhook_url))
    return SlackChannel("simple", endpoint=HUB, **fields)


# --- the fake is no softer than others who know Slack ----------------------------------------


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def button(**fields: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": "a", "text": plain("Go")} | fields


def actions(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(buttons)}


def rich(*elements: dict[str, Any]) -> dict[str, Any]:
    section = {"type": "rich_text_section", "elements": list(elements)}
    return {"type": "rich_text", "elements": [section]}


CELL = {"type": "raw_text", "text": "1"}
GOOD = {
    "header": {"type": "header", "text": plain("x" * 150)},
    "section": {"type": "section", "text": {"type": "mrkdwn", "text": "&lt;a&gt; *b*"}},
    "long section": {"type": "section", "text": plain("x" * 3_000)},
    "fields": {"type": "section", "fields": [plain("x" * 200)] * 10},
    "context": {"type": "context", "elements": [plain("x")] * 10},
    "divider": {"type": "divider"},
    "actions": actions(*[button(action_id=f"a{number}", value="x" * 80) for number in range(25)]),
    "table": {"type": "table", "rows": [[CELL] * 20] * 100},
    "rich text": rich(
        {"type": "emoji", "name": "trophy"},
        {"type": "text", "text": "a ", "style": {"bold": True}},
        {"type": "link", "url": "https://a.b/c", "text": "d"},
    ),
}
BOTH, SLACKBLOCKS, SLACK_SDK, NEITHER = "both", "slackblocks", "slack_sdk", "neither"
BAD = {
    "unknown type": ({"type": "nonsense"}, SLACKBLOCKS),
    "no type": ({"text": plain("x")}, SLACKBLOCKS),
    "long header": ({"type": "header", "text": plain("x" * 151)}, BOTH),
    "header without text": ({"type": "header"}, BOTH),
    "markup in a header": ({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}, NEITHER),
    "empty section": ({"type": "section"}, BOTH),
    "long section": ({"type": "section", "text": plain("x" * 3_001)}, BOTH),
    "eleven fields": ({"type": "section", "fields": [plain("x")] * 11}, BOTH),
    "long field": ({"type": "section", "fields": [plain("x" * 2_001)]}, SLACKBLOCKS),
    "eleven in a context": ({"type": "context", "elements": [plain("x")] * 11}, BOTH),
    "long context": ({"type": "context", "elements": [plain("x" * 3_001)]}, SLACKBLOCKS),
    "empty context": ({"type": "context", "elements": []}, NEITHER),
    "26 buttons": (actions(*[button()] * 26), SLACK_SDK),
    "long button": (actions(button(text=plain("x" * 76))), SLACK_SDK),
    "long value": (actions(button(value="x" * 2_001)), SLACK_SDK),
    "101 rows": ({"type": "table", "rows": [[CELL]] * 101}, NEITHER),
    "21 cells": ({"type": "table", "rows": [[CELL] * 21]}, NEITHER),
    "link without address": (rich({"type": "link", "text": "x"}), SLACK_SDK),
    "link to a script": (rich({"type": "link", "url": "javascript:alert(1)"}), NEITHER),
    "unknown element": (rich({"type": "nonsense"}), NEITHER),
    "empty text": (rich({"type": "text", "text": ""}), NEITHER),
    "empty rich text": ({"type": "rich_text", "elements": []}, NEITHER),
    "raw markup": ({"type": "section", "text": {"type": "mrkdwn", "text": "<!channel>"}}, NEITHER),
    "a control character": (rich({"type": "text", "text": "\x1b[31m"}), NEITHER),
}


def sdk_takes(block: dict[str, Any]) -> bool:
    """Tell whether slack_sdk's models know the block and find nothing wrong with it."""
    try:
        parsed = Block.parse(block)
        return parsed is None or bool(parsed.to_dict())
    except (SlackObjectFormationError, TypeError):
        return False


def slackblocks_takes(block: dict[str, Any]) -> bool:
    """Tell whether slackblocks finds nothing wrong with the block, or does not look at it."""
    try:
        slackblocks.Block.from_dict(block)
    except InvalidUsageError:
        return False
    except NotImplementedError:
        return True
    return True


@pytest.mark.parametrize("block", GOOD.values(), ids=GOOD)
def test_what_the_fake_takes_others_take(block: dict[str, Any]) -> None:
    """The libraries slackblocks and slack_sdk are second opinions on its limits."""
    slack_rules.check_blocks([block])
    assert sdk_takes(block)
    assert slackblocks_takes(block)


@pytest.mark.parametrize(("block", "refused_by"), BAD.values(), ids=BAD)
def test_what_others_refuse_the_fake_refuses(block: dict[str, Any], refused_by: str) -> None:
    """It knows more than they do; the table says of whom we know it."""
    with pytest.raises(RefusedError, match="invalid_blocks: "):
        slack_rules.check_blocks([block])
    assert sdk_takes(block) is (refused_by in (SLACKBLOCKS, NEITHER))
    assert slackblocks_takes(block) is (refused_by in (SLACK_SDK, NEITHER))


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({}, "no_text"),
        ({"text": " "}, "no_text"),
        ({"text": "x" * 4_001}, "msg_too_long"),
        ({"text": "a < b"}, "invalid_arguments"),
        ({"text": "R&D"}, "invalid_arguments"),
        ({"text": "\x1b[2J"}, "invalid_arguments"),
        ({"text": "\ud800"}, "invalid_arguments"),
        ({"text": "x", "blocks": "x"}, "invalid_blocks_format"),
        ({"text": "x", "blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ({"text": "x", "blocks": [GOOD["table"]] * 2}, "invalid_blocks"),
        ({"text": "x", "blocks": [GOOD["long section"]] * 5}, "msg_blocks_too_long"),
        ({"text": "x", "metadata": {"event_type": "x"}}, "invalid_metadata_format"),
        (
            {"text": "x", "metadata": {"event_type": "a b", "event_payload": {}}},
            "invalid_metadata_format",
        ),
        (
            {"text": "x", "metadata": {"event_type": "a", "event_payload": {"b": {}}}},
            "invalid_metadata_schema",
        ),
        (
            {"text": "x", "metadata": {"event_type": "a", "event_payload": {"b": "x" * 8_000}}},
            "metadata_too_large",
        ),
    ],
)
def test_the_fake_refuses_what_slack_refuses_in_a_message(
    message: dict[str, Any], code: str
) -> None:
    """By Slack's own codes."""
    with pytest.raises(RefusedError) as refused:
        slack_rules.check(message)
    assert refused.value.code == code


@pytest.mark.parametrize("kind", KINDS)
def test_slackblocks_builds_the_same_blocks(kind: str) -> None:
    """Each of ours, put together with its classes, comes out as it was."""
    blocks = slack.render(sample_message(kind), SAMPLE_FACTS, HUB, "msg_1").blocks
    slack_rules.check_blocks(list(blocks))
    message = slackblocks.Message(channel=CHANNEL, blocks=[built(block) for block in blocks])
    made = message.to_dict()["blocks"]
    assert [without_id(block) for block in made] == [normal(block) for block in blocks]


def built(block: dict[str, Any]) -> slackblocks.Block:
    """Return the block as slackblocks has it."""
    if block["type"] != "rich_text":
        return slackblocks.Block.from_dict(block)
    (section,) = block["elements"]
    parts = [part_of(element) for element in section["elements"]]
    return slackblocks.RichTextBlock(slackblocks.RichTextSection(parts))


class Date(slackblocks.RichText):
    """A time in rich text, which slackblocks does not know."""

    def __init__(self, element: dict[str, Any]) -> None:
        super().__init__(element["fallback"])
        self._element = element

    def _resolve(self) -> dict[str, Any]:
        return self._element


def part_of(element: dict[str, Any]) -> Any:
    bold = element.get("style", {}).get("bold")
    match element["type"]:
        case "emoji":
            return slackblocks.RichTextEmoji(element["name"])
        case "link":
            return slackblocks.RichTextLink(element["url"], text=element["text"], bold=bold)
        case "date":
            return Date(element)
        case _:
            return slackblocks.RichText(element["text"], bold=bold)


def without_id(block: dict[str, Any]) -> Any:
    return normal({key: value for key, value in block.items() if key != "block_id"})


def normal(value: Any) -> Any:
    """Return JSON as Slack reads it: ``emoji: false`` is what is meant without it, too."""
    if isinstance(value, dict):
        return {k: normal(v) for k, v in value.items() if not (k == "emoji" and v is False)}
    return [normal(part) for part in value] if isinstance(value, list) else value


# --- what is posted --------------------------------------------------------------------------


@pytest.mark.parametrize("way", [api, hook])
def test_every_kind_of_message_is_taken(way: Way, strict: FakeSlack) -> None:
    """With its blocks, at the first try, whichever the way."""
    for kind in KINDS:
        assert way(strict).send(delivery(sample_message(kind))) == Delivered(), kind
    assert strict.refusals == []
    assert len(strict.posts) == len(KINDS)
    assert all(post.blocks for post in strict.posts)
    assert "zai-org/GLM-5" in strict.posts[3].read


@pytest.mark.parametrize("way", [api, hook])
@pytest.mark.parametrize("code", ["invalid_blocks", "msg_blocks_too_long"])
def test_refused_blocks_become_a_text_once(way: Way, code: str, strict: FakeSlack) -> None:
    """The text alone passes all the same rules, and carries the delivery's id."""
    if way is api:
        strict.faults.append(fake_slack.refuses(code))
    else:
        strict.faults.append(lambda _: Reply(400, code.encode()))
    assert way(strict).send(delivery(id="msg_1")) == Delivered()
    (post,) = strict.posts
    assert (post.blocks, strict.refusals) == (None, [])
    assert "GLM-5" in post.read
    assert post.delivery == ("msg_1" if way is api else None)


# --- outcomes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "expected", "posted"),
    [
        (fake_slack.busy(30), RetryLater("HTTP 429: ratelimited", timedelta(seconds=30)), 0),
        (fake_slack.refuses("service_unavailable"), RetryLater("service_unavailable"), 0),
        (fake_slack.refuses("fatal_error"), InDoubt("fatal_error"), 0),
        (
            fake_slack.page(),
            InDoubt("HTTP 200, but not Slack's answer: a page instead of an answer"),
            0,
        ),
        (fake_slack.page(502), InDoubt("HTTP 502: a page instead of an answer"), 0),
        (fake_slack.lost_before, InDoubt, 0),
        (fake_slack.lost_after, InDoubt, 1),
        (fake_slack.told_wrongly, InDoubt("HTTP 500: a page instead of an answer"), 1),
        (fake_slack.refuses("msg_too_long"), Rejected("msg_too_long"), 0),
    ],
)
def test_a_bad_day_has_its_outcome_and_is_asked_once(
    fault: Fault, expected: Outcome | type, posted: int, strict: FakeSlack
) -> None:
    """The outbox is the only retry."""
    strict.faults.append(fault)
    outcome = api(strict).send(delivery())
    assert isinstance(outcome, expected) if isinstance(expected, type) else outcome == expected
    assert strict.calls == ["chat.postMessage"]
    assert len(strict.posts) == posted


@pytest.mark.parametrize("way", [api, hook])
def test_an_answer_that_comes_too_late_leaves_doubt(way: Way, strict: FakeSlack) -> None:
    """The message is there."""
    strict.faults.append(strict.late)
    outcome = way(strict, timeout=timedelta(seconds=1)).send(delivery())
    assert isinstance(outcome, InDoubt)
    assert len(strict.posts) == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"token": Secret("xoxb-other")}, "invalid_auth"),
        ({"channel": "C0000000000"}, "channel_not_found"),
    ],
)
def test_a_wrong_token_or_channel_breaks_the_channel(
    fields: dict[str, Any], code: str, strict: FakeSlack
) -> None:
    """A check says the same as a send."""
    outcome = api(strict, **fields).send(delivery())
    assert isinstance(outcome, Rejected)
    assert (outcome.scope, outcome.error.split(":")[0]) == (Scope.CHANNEL, code)
    assert api(strict, **fields).check() == outcome.error


@pytest.mark.parametrize("way", [api, hook])
@pytest.mark.parametrize("state", ["not_in_channel", "is_archived", "channel_not_found"])
def test_a_channel_that_is_shut_breaks_both_ways(way: Way, state: str, strict: FakeSlack) -> None:
    """By the code that each of them gives."""
    strict.rooms[CHANNEL] = state
    outcome = way(strict).send(delivery())
    assert isinstance(outcome, Rejected)
    assert outcome.scope is Scope.CHANNEL
    assert strict.posts == []


def test_a_webhook_that_slack_does_not_know_breaks_the_channel(strict: FakeSlack) -> None:
    """The address is the credential, and is not told."""
    url = f"{strict.url}/services/T/B/0ld-s3cr3t"
    outcome = hook(strict, webhook_url=Secret(url)).send(delivery())
    assert isinstance(outcome, Rejected)
    assert outcome.scope is Scope.CHANNEL
    assert "0ld" not in outcome.error


# --- in doubt --------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [fake_slack.lost_after, fake_slack.told_wrongly])
def test_a_post_in_doubt_is_looked_up_before_it_is_repeated(
    fault: Fault, strict: FakeSlack
) -> None:
    """It is there, so it is not posted again; pages of others lie above it."""
    strict.faults.append(fault)
    strict.page_size = 2
    assert isinstance(api(strict).send(delivery(id="msg_1")), InDoubt)
    for number in range(4):
        api(strict).send(delivery(id=f"msg_other{number}"))
    assert api(strict).send(delivery(id="msg_1", in_doubt=True, attempt=2)) == Delivered()
    assert [post.delivery for post in strict.posts].count("msg_1") == 1
    assert strict.calls.count("conversations.history") == 3


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("busy", ["before", "after"])
def test_a_post_is_found_in_a_busy_channel_whatever_the_order(
    busy: str, strict: FakeSlack, *, newest_first: bool
) -> None:
    """A thousand messages of the same day lie around it; those of its own minutes are read."""
    strict.newest_first = newest_first
    strict.page_size = 10
    away = timedelta(hours=3) if busy == "after" else -timedelta(hours=3)

    def others() -> None:
        for number in range(500):
            at = f"{(NOW + away + timedelta(seconds=number)).timestamp():.6f}"
            strict.posts.append(Post(at, CHANNEL, "x", "x", None, None))

    if busy == "before":
        others()
    strict.faults.append(fake_slack.lost_after)
    api(strict).send(delivery(id="msg_1"))
    if busy == "after":
        others()
    again = delivery(id="msg_1", in_doubt=True, attempt=2, doubts=(NOW,))
    assert api(strict).send(again) == Delivered()
    assert [post.delivery for post in strict.posts].count("msg_1") == 1


def test_a_post_that_did_not_arrive_is_repeated(strict: FakeSlack) -> None:
    """The history does not have it."""
    strict.faults.append(fake_slack.lost_before)
    assert isinstance(api(strict).send(delivery(id="msg_1")), InDoubt)
    assert api(strict).send(delivery(id="msg_1", in_doubt=True, attempt=2)) == Delivered()
    assert [post.delivery for post in strict.posts] == ["msg_1"]


def test_without_the_scope_to_look_a_second_post_is_better_than_none(strict: FakeSlack) -> None:
    """It carries the same id."""
    strict.scopes = ("chat:write",)
    strict.faults.append(fake_slack.lost_after)
    api(strict).send(delivery(id="msg_1"))
    assert api(strict).send(delivery(id="msg_1", in_doubt=True, attempt=2)) == Delivered()
    assert [post.delivery for post in strict.posts] == ["msg_1", "msg_1"]


# --- checks ----------------------------------------------------------------------------------


def test_a_check_posts_nothing(strict: FakeSlack) -> None:
    """It asks whose the token is, what it may, and whether the channel is there."""
    assert api(strict).check() is None
    assert hook(strict).check() is None
    strict.scopes = ("channels:history",)
    assert str(api(strict).check()).startswith("missing_scope: ")
    assert strict.posts == []
    assert json.dumps(strict.calls).count("auth.test") == 2
