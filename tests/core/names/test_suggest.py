"""What people probably meant."""

from __future__ import annotations

from bot.core.names.suggest import choose, hint, nearest


def test_the_name_most_like_it_is_meant_whatever_the_case() -> None:
    """People mistype letters, and take no care of capitals."""
    assert nearest("qwen/QWEN-8B", ["Qwen/Qwen3-8B", "zai-org/GLM-5"]) == "Qwen/Qwen3-8B"


def test_nothing_is_meant_by_what_is_like_no_name_or_no_text() -> None:
    """A guess that is far off would mislead."""
    assert nearest("hubert", ["slack", "webhook"]) is None
    assert nearest(3, ["slack", "webhook"]) is None


def test_all_that_is_allowed_is_told_where_no_name_is_near() -> None:
    """So that people can choose."""
    assert choose("slak", ["slack", "webhook"]) == 'did you mean "slack"?'
    assert choose("x", ["slack", "webhook"]) == "allowed: slack, webhook"


def test_a_hint_follows_a_sentence_and_shows_strangers_names_harmless() -> None:
    """A name comes from the Hub and goes to a terminal."""
    assert hint("a/model", ["a/mo\x1b[31mdel"]) == "; did you mean a/model?"
    assert hint("a/model", []) == ""
