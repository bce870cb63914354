"""What people probably meant."""

from __future__ import annotations

import pytest

from bot.core.names.suggest import advice, choose, hint, like, nearest, same

MODELS = ["Qwen/Qwen3-8B", "Qwen/Qwen3.5-27B", "Qwen/Qwen3.5-397B", "zai-org/GLM-5"]


def test_the_name_most_like_it_is_meant_whatever_the_case() -> None:
    """People mistype letters, and take no care of capitals."""
    assert nearest("qwen/QWEN-8B", ["Qwen/Qwen3-8B", "zai-org/GLM-5"]) == "Qwen/Qwen3-8B"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("GLM-5", ["zai-org/GLM-5"]),
        ("glm 5", ["zai-org/GLM-5"]),
        ("GLM*", ["zai-org/GLM-5"]),
        ("zai-org", ["zai-org/GLM-5"]),
        ("zai-org/GLM5", ["zai-org/GLM-5"]),
        ("GML-5", ["zai-org/GLM-5"]),
        ("Qwen3.5", ["Qwen/Qwen3.5-27B", "Qwen/Qwen3.5-397B"]),
        ("8B", []),
        ("gpt-5", []),
    ],
)
def test_a_part_of_a_name_stands_for_those_that_have_it(name: str, meant: list[str]) -> None:
    """A whole part, or some letters; what is in many names, or like none, stands for nothing."""
    assert like(name, MODELS) == meant


def test_three_names_are_suggested_at_most_the_likeliest_first() -> None:
    """More would be no help."""
    assert hint("m", ["m/ab", "m/abc", "m/a", "m/abcd"]) == "; did you mean m/a, m/ab or m/abc?"


def test_the_same_name_is_found_before_any_that_is_written_otherwise() -> None:
    """Two names may differ in their case alone."""
    assert same("a_b", ["A-B", "a_b"]) == "a_b"
    assert same("NEW leader", ["new_leader"]) == "new_leader"
    assert same("leader", ["new_leader"]) is None


def test_few_names_are_all_told_where_none_is_near() -> None:
    """Many would not be read."""
    assert advice("xyz", ["b", "a"]) == "; there are a, b"
    assert advice("xyz", ["a"]) == "; there is a"
    assert advice("xyz", list("abcdefghi")) == ""
    assert advice("xyz", []) == ""


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
