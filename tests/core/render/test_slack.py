"""Messages as Slack's Block Kit."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace
from slack_sdk.models.blocks import Block

from bot.core.alerts.message import FAILING, RECOVERED, REPORT, TEST, BoardInfo, Health, Message
from bot.core.board import Source
from bot.core.events import Cause, Event, RowName, Shifted
from bot.core.kinds import Kind
from bot.core.render import slack
from bot.core.render.slack import SlackPayload
from tests.support.golden import assert_golden
from tests.support.hostile import HOSTILE, hostile_lists
from tests.support.messages import HUB, NOW, SAMPLE_FACTS, changed, event, sample_message
from tests.support.slack import slack_rules

BIDI = set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def rendered(message: Message) -> SlackPayload:
    """Return the message as it is posted."""
    return slack.render(message, SAMPLE_FACTS, HUB, "msg_1")


def elements(payload: SlackPayload) -> list[dict[str, Any]]:
    """Return the innermost elements of all blocks, in order."""
    found: list[dict[str, Any]] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict) and "elements" not in value:
            found.append(value)
        elif isinstance(value, dict):
            assert value["elements"], "Slack refuses empty blocks"
        for part in value.get("elements", ()) if isinstance(value, dict) else value:
            walk(part)

    walk(list(payload.blocks))
    return found


def read(payload: SlackPayload) -> str:
    """Return what people read, links and emoji named."""
    return "".join(
        f":{part['name']}:" if part["type"] == "emoji" else part.get("text") or part["fallback"]
        for part in elements(payload)
    )


@pytest.mark.parametrize("kind", [*Kind, "alert", TEST, FAILING, RECOVERED, REPORT])
def test_a_kind_s_blocks_are_as_the_golden_file_has_them(kind: str) -> None:
    """A change of the look is a change of a file that people review."""
    payload = rendered(sample_message(kind))
    assert_golden(f"slack.{kind}.json", {"text": payload.text, "blocks": payload.blocks})


@pytest.mark.parametrize("kind", [*Kind, "alert", TEST, FAILING, RECOVERED, REPORT])
def test_slack_s_own_library_knows_the_blocks(kind: str) -> None:
    """The blocks parse into models of slack_sdk, and come back as they were."""
    blocks = rendered(sample_message(kind)).blocks
    assert [block.to_dict() for block in Block.parse_all(list(blocks))] == list(blocks)


def test_a_move_has_an_arrow_and_both_ranks() -> None:
    """Up and down are told apart at a glance."""
    up = event("rank_change", rank=(5, 2), score=("76.4", "80.6"))
    down = event("rank_change", rank=(2, 5), score=("80.6", "76.4"))
    assert "▲ 5 → 2 zai-org/GLM-5 with 80.6 (+4.2)" in read(rendered(changed(up)))
    assert "▼ 2 → 5 zai-org/GLM-5 with 76.4 (\N{MINUS SIGN}4.2)" in read(rendered(changed(down)))


def test_the_board_the_model_the_file_and_the_pull_request_are_links() -> None:
    """Each leads to its page under the endpoint."""
    urls = {part.get("url") for part in elements(rendered(sample_message("new_entry")))}
    assert urls >= {
        f"{HUB}/datasets/SWE-bench/SWE-bench_Verified",
        f"{HUB}/OrionLLM/GRM-2.6-Plus",
        f"{HUB}/OrionLLM/GRM-2.6-Plus/discussions/3",
        "https://example.org/grm-2.6",
    }
    urls = {part.get("url") for part in elements(rendered(sample_message("score_change")))}
    assert (
        f"{HUB}/stepfun-ai/Step-3.5-Flash/blob/main/.eval_results/swe_bench_verified.yaml" in urls
    )


def test_the_file_of_an_open_pull_request_is_linked_where_it_is() -> None:
    """On its own branch: the main one does not have it yet."""
    open_one = event("new_entry", "a/m", filename=".eval_results/x.yaml", pull_request=7)
    urls = {part.get("url") for part in elements(rendered(changed(open_one)))}
    assert f"{HUB}/a/m/blob/refs%2Fpr%2F7/.eval_results/x.yaml" in urls


def test_a_leader_has_a_trophy_and_an_entry_a_badge() -> None:
    """The emoji are elements of their own, not text that strangers could write."""
    assert ":trophy:" in read(rendered(sample_message("new_leader")))
    assert ":new:" in read(rendered(sample_message("new_entry")))


def test_ten_events_are_shown_and_the_rest_is_counted_with_a_link() -> None:
    """A poll that finds much stays a screenful."""
    events = [event("new_entry", f"a/m{i}", rank=(None, i), score=(None, 9)) for i in range(1, 18)]
    payload = rendered(changed(*events, shifted=Shifted(12, 1)))
    assert "and 7 more, all new" in read(payload)
    assert "12 moved down, 1 up · " in read(payload)
    assert payload.text.endswith(" 16 more changes.")


def test_the_delivery_can_be_found_again_by_its_metadata() -> None:
    """The id is opaque, the event type is as Slack wants it."""
    assert rendered(sample_message("alert")).metadata == {
        "event_type": "leaderboard_changed",
        "event_payload": {"delivery_id": "msg_1"},
    }


def test_the_text_is_a_sentence_with_what_slack_reads_as_markup_escaped() -> None:
    """Phones show it, and no name can mention a channel there."""
    payload = rendered(changed(event("verified", "a/<!channel>&", rank=(1, 1), score=(1, 2))))
    assert payload.text == (
        "SWE-bench/SWE-bench_Verified: a/&lt;!channel&gt;&amp; is now verified: 2 (+1) at #1."
    )
    assert "<" not in payload.plain


def test_strangers_are_inert_in_the_text_that_others_read_as_markdown() -> None:
    """Mattermost and Rocket.Chat look at nothing else; our own link stays whole."""
    notes = "@channel [x](https://evil.example/p.png) *b* `c` ~town #general"
    new = event("new_entry", "a/@here", rank=(None, 5), score=(None, 77.7), notes=notes)
    payload = rendered(changed(new))
    for text in (payload.text, payload.plain):
        assert not set(text) & set("@[]*`~")
        assert "https://evil" not in text
        assert "#general" not in text
    assert "a/\N{FULLWIDTH COMMERCIAL AT}here enters at #5" in payload.text
    assert payload.plain.endswith(f"\n{HUB}/datasets/SWE-bench/SWE-bench_Verified")


def test_long_texts_are_cut_to_the_limit_after_escaping() -> None:
    """Escaping makes texts longer: the cut comes before, the limit after."""
    for text in ("x" * 10_000, "&" * 10_000, "x&" * 3_000, "&" * 900 + "x" * 3_000):
        assert len(slack.escape(text, 4_000)) <= 4_000
        assert slack.escape(text, 4_000).endswith("…")


def test_lines_that_would_be_too_many_characters_are_counted() -> None:
    """Ten events of the worst kind are more than Slack takes."""
    rows = tuple(RowName("m" * 200, "v" * 200) for _ in range(3))
    cause = Cause(overtook=rows, overtaken_by=rows)
    events = [event("rank_change", f"a/m{i}", rank=(9, i), cause=cause) for i in range(1, 11)]
    payload = rendered(changed(*events))
    assert " more, all moved" in read(payload)
    assert slack.size(payload.blocks) <= slack.MAX_CHARS


def test_what_is_counted_is_what_is_sent() -> None:
    """Of blocks, braces and links are the most; 300 newcomers with long names fit."""
    events = [
        event(
            "new_entry",
            f"a/{'m' * 66}{number:03}",
            rank=(None, number),
            score=(None, 9),
            gap=Decimal(number),
            pushed_down=300,
            source=Source("Model card", f"https://example.org/{'s' * 200}"),
            filename=f".eval_results/{'f' * 100}.yaml",
            notes="n" * 120,
        )
        for number in range(1, 301)
    ]
    payload = rendered(changed(*events))
    assert len(json.dumps(payload.blocks)) < 12_000
    assert "293 more, all new" in read(payload)


def test_a_link_that_is_too_long_is_text() -> None:
    """Slack refuses the message otherwise."""
    long = event("new_entry", "é/" * 400)
    assert all(
        "url" not in part or len(part["url"]) <= slack.MAX_LINK
        for part in elements(rendered(changed(long)))
    )


def test_a_time_is_the_reader_s_own_and_the_channel_s_where_that_cannot_be() -> None:
    """Slack makes dates of its own of what blocks hold; a notification has a text."""
    when, stamp = "27 Apr 2026, 12:00 CEST", int(NOW.timestamp())
    alert = sample_message("alert")
    payload = slack.render(alert, SAMPLE_FACTS, HUB, "msg_1", ZoneInfo("Europe/Paris"))
    assert elements(payload)[-1] == {
        "type": "mrkdwn",
        "text": f"<!date^{stamp}^{{date_short_pretty}} at {{time}}|{when}>",
    }
    assert when in payload.plain
    notice = slack.render(sample_message(FAILING), {}, HUB, "msg_1", ZoneInfo("Europe/Paris"))
    assert {
        "type": "date",
        "timestamp": stamp - 45 * 60,
        "format": "{date_short_pretty} at {time}",
        "fallback": "27 Apr 2026, 11:15 CEST",
    } in elements(notice)
    assert "since 27 Apr 2026, 11:15 CEST." in notice.text


def test_a_test_alert_says_so_first() -> None:
    """On a phone, too."""
    assert rendered(sample_message(TEST)).text.startswith("Test alert. ")


def assert_within_limits(payload: SlackPayload) -> None:
    """Fail where Slack would refuse the message, or our own, lower limits are passed."""
    posted = {"blocks": list(payload.blocks), "metadata": payload.metadata}
    slack_rules.check({**posted, "text": payload.text})
    slack_rules.check({"text": payload.plain})
    assert slack.size(payload.blocks) <= slack.MAX_CHARS
    for part in elements(payload):
        assert part["type"] in ("text", "link", "emoji", "date", "plain_text", "mrkdwn")
        assert len(part.get("url", "")) <= slack.MAX_LINK
    assert not BIDI & set(payload.text + payload.plain + read(payload))
    assert not set(payload.text + payload.plain) & set("<>")


@given(hostile_lists(14), HOSTILE, st.none() | HOSTILE, st.lists(HOSTILE))
@example([], "é/" * 5_000, "é/" * 5_000, ["x" * 10_000] * 5)
def test_no_text_exceeds_a_limit_or_becomes_markup(
    events: list[Event], benchmark: str, task: str | None, watches: list[str]
) -> None:
    """Whatever strangers write, Slack takes the message and shows the text as text."""
    board = BoardInfo(benchmark=benchmark, task=task, rows=10**9, url=None)
    assert_within_limits(rendered(changed(*events, board=board, watches=tuple(watches))))


@given(st.lists(HOSTILE), HOSTILE, HOSTILE)
def test_no_notice_exceeds_a_limit(boards: list[str], channel: str, error: str) -> None:
    """Errors hold strangers' text as well."""
    health = Health(
        subject="board",
        boards=tuple(BoardInfo(benchmark=board) for board in boards),
        channel=channel,
        delivery=channel,
        error=error,
        since=NOW,
    )
    for subject in ("board", "channel", "hub", "delivery"):
        data = replace(health, subject=subject)
        assert_within_limits(rendered(Message(type=FAILING, timestamp=NOW, data=data)))
