"""Secrets are taken out of texts in whatever shape, and nothing else is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.masking import Mask

TOKEN = "xoxb-1234567890-s3cr3tS3CR3T"
UNSEEN = (
    "\u200b",
    "\xad",
    "\u200d",
    "\u2060",
    "\x1b[31m",
    "\x9b1m",
    "\x1b]0;t\x07",
    "\x08",
    "\u0336",
)


def masked(text: str, *secrets: str) -> str:
    """Return a text without the token, or without these secrets."""
    return Mask(secrets or (TOKEN,), "***")(text)


@pytest.mark.parametrize("between", UNSEEN)
def test_what_nobody_sees_hides_no_secret(between: str) -> None:
    """Wherever it stands, also written out as JSON and Python do."""
    for token in (between.join(TOKEN), TOKEN[:9] + between + TOKEN[9:]):
        assert masked(f"a {token} b") == "a *** b"
        assert masked(json.dumps(f"a {token} b")) == '"a *** b"'
        assert masked(ascii(f"a {token} b")) == "'a *** b'"


def test_an_escape_takes_no_letter_of_a_secret_along() -> None:
    """A terminal would swallow the first; the rest is the secret all the same."""
    assert masked(f"a \x1b{TOKEN} b") == "a \x1b*** b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("webhook-id", "webhook-id"),
        ("no hook here", "no *** here"),
        ("hook.example is no hook.", "hook.example is no ***."),
        ("not valid for 'hook.example'", "not valid for 'hook.example'"),
        ("key=hook&x", "key=***&x"),
    ],
)
def test_a_secret_of_few_letters_is_masked_as_a_word(text: str, expected: str) -> None:
    """Masked everywhere it would tell of itself by the holes that it leaves."""
    assert masked(text, "hook") == expected


@pytest.mark.parametrize("length", range(4, len(TOKEN)))
def test_the_start_of_a_secret_at_a_cut_is_masked(length: int) -> None:
    """Where a text was cut, the rest of the secret is not there to be known by."""
    mask = Mask([TOKEN], "***")
    assert mask.start(f"said {TOKEN[:length]}") == "said ***"
    assert mask.start("said \u200b" + "\u200b".join(TOKEN[:length])) == "said \u200b***"
    assert mask.start(f"said {TOKEN[:length]} indeed") == f"said {TOKEN[:length]} indeed"


def test_longer_secrets_go_first_and_masks_stay() -> None:
    """A secret within another, or within the mask, leaves nothing half masked."""
    assert Mask(["secret", "a secret of length", ""], "[secret]")("x a secret of length x") == (
        "x [secret] x"
    )


@given(st.text(), st.text())
def test_no_text_brings_a_secret_through(before: str, after: str) -> None:
    """Whatever stands around it."""
    assert TOKEN not in masked(f"{before}{TOKEN}{after}")
    assert "***" in masked(f"{before}{TOKEN}{after}")


def test_a_mask_tells_nothing_of_what_it_masks() -> None:
    """It may stand in a repr."""
    assert repr(Mask([TOKEN], "***")) == "Mask()"
