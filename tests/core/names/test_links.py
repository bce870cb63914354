"""Links to the Hub's pages."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.board import BoardKey
from bot.core.names import links

HUB = "https://huggingface.co"
SWE = BoardKey("SWE-bench/SWE-bench_Verified")
GPQA = BoardKey("Idavidrein/gpqa", "gpqa_diamond")


@pytest.mark.parametrize("endpoint", [HUB, HUB + "/", "http://127.0.0.1:8000/hub"])
def test_a_board_is_its_dataset_page_under_the_endpoint(endpoint: str) -> None:
    """A trailing slash or a path in the endpoint changes nothing else."""
    expected = endpoint.rstrip("/") + "/datasets/SWE-bench/SWE-bench_Verified"
    assert links.board_url(endpoint, SWE) == expected


def test_a_task_opens_its_own_leaderboard() -> None:
    """The task goes into the query as the page knows it."""
    assert links.board_url(HUB, GPQA) == (
        f"{HUB}/datasets/Idavidrein/gpqa?leaderboard_task_id=gpqa_diamond"
    )


def test_a_row_is_highlighted_by_its_model() -> None:
    """The model goes into the query readably, before the task."""
    assert links.row_url(HUB, GPQA, "zai-org/GLM-5") == (
        f"{HUB}/datasets/Idavidrein/gpqa?eval_result=zai-org/GLM-5&leaderboard_task_id=gpqa_diamond"
    )


def test_a_model_its_file_and_its_discussion_have_pages() -> None:
    """The three pages of a model's repository follow the Hub's paths."""
    assert links.model_url(HUB, "zai-org/GLM-5") == f"{HUB}/zai-org/GLM-5"
    assert links.file_url(HUB, "zai-org/GLM-5", ".eval_results/hle #1.yaml") == (
        f"{HUB}/zai-org/GLM-5/blob/main/.eval_results/hle%20%231.yaml"
    )
    assert links.discussion_url(HUB, "zai-org/GLM-5", 7) == f"{HUB}/zai-org/GLM-5/discussions/7"


def test_a_file_of_an_open_pull_request_is_on_its_branch() -> None:
    """The main branch does not have it yet."""
    assert links.file_url(HUB, "zai-org/GLM-5", ".eval_results/hle.yaml", 7) == (
        f"{HUB}/zai-org/GLM-5/blob/refs%2Fpr%2F7/.eval_results/hle.yaml"
    )


@settings(deadline=None)
@given(st.text())
def test_no_text_breaks_out_of_a_link(text: str) -> None:
    """Whatever a stranger calls a model, a link stays one ASCII word on the endpoint's host."""
    made = (
        links.model_url(HUB, text),
        links.file_url(HUB, text, text),
        links.row_url(HUB, BoardKey(text, text), text),
    )
    for link in made:
        parts = urlsplit(link)
        assert parts.netloc == "huggingface.co"
        assert not parts.fragment
        assert link.isascii()
        assert not set(link) & set(" <>\"|\\^`{}\n\r\t'")
    asked = parse_qs(urlsplit(made[2]).query, keep_blank_values=True)
    assert asked["eval_result"] == [text.encode(errors="replace").decode()]
