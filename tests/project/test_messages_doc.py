"""``docs/messages.md`` and its pictures show messages as they are now."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import struct
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.core.alerts.message import (
    DIGEST,
    FAILING,
    RECOVERED,
    REPORT,
    TEST,
    BoardChange,
    Message,
)
from bot.core.kinds import Kind
from bot.core.render import slack, text
from bot.core.render.forms import HTML
from bot.core.render.page import page
from bot.core.render.slack import SlackPayload
from tests.support.golden import assert_file, assert_golden
from tests.support.messages import HUB, SAMPLE_FACTS, bodies, sample_message
from tests.support.slack.slack_preview import (
    PHONE,
    WIDTH,
    chromium,
    document,
    mail,
    phone,
    picture,
    sheet,
)

DOCS = Path(__file__).parents[2] / "docs"
KINDS = [kind.value for kind in Kind]
PICTURES = ["alert.png", "digest.png", "events.png", "mail.png", "phone.png"]


def alert() -> Message:
    """Return a whole message, of a benchmark with a name of its own."""
    message = sample_message("alert")
    assert isinstance(message.data, BoardChange)
    board = replace(message.data.board, name="SWE-bench Verified")
    return replace(message, data=replace(message.data, board=board))


def shown(message: Message) -> str:
    """Return the text that a console shows."""
    told = text.render(page(message, SAMPLE_FACTS, HUB))
    return f"```text\n{told.title}\n{told.body}\n```\n"


def body() -> str:
    """Return a webhook's body, indented for reading."""
    (sent,) = bodies(sample_message(Kind.NEW_LEADER))
    return f"```json\n{json.dumps(json.loads(sent), indent=2, ensure_ascii=False)}\n```\n"


def doc() -> str:
    """Return the whole document."""
    kinds = "\n".join(
        f"### `{kind.value}`\n\n{kind.meaning}\n\n{shown(sample_message(kind.value))}"
        for kind in Kind
    )
    return f"""\
<!-- Made by tests/project/test_messages_doc.py with UPDATE_DOCS=1: change it there. -->
# Messages

One message tells what one poll found on one board: what is of no row, then leaders, then by rank.
The figures below are samples. `make pictures` writes this page and draws its pictures anew.

## In Slack

![An alert in Slack](images/alert.png)

The board, models, sources, result files and pull requests are links. What a model passed is in its
own line; rows that only moved because others did are counted in the last line, unless the place of
one arrival says how many.
Models that a watch names and that one cause moved are one line, the best first. At most ten lines
are shown, then "and 7 more: 5 new, 2 gone" leads to the board. Times are each reader's
own. Names, notes and sources come from strangers: they are shown as text, never read as markup or
mentions.

Where `[web]` has a `public_url`, the line of an event ends with the link "why": to the
event on the bot's own page. Digests have no room for it.

On a phone, the notification says the most important thing in a sentence:

![The notification and the alert on a phone](images/phone.png)

Each kind of event:

![Every kind of event in Slack](images/events.png)

## As text

The `console` channel writes this, and Apprise's services get the first line as the title and the
rest as the text, shortened to what they take: as text, Markdown or HTML, whichever they read. What
strangers wrote is markup in none of them: `@`, brackets and their like become look-alikes, and an
address in a note is no link. With `public_url`, text that has no links in its lines ends with the
address of its first event's page.

{shown(alert())}
A mail says what happened in its subject:

![An alert as a mail](images/mail.png)

{kinds}
## Digests

What a channel with `digest` or `quiet_hours` collected is one message over all boards, by what
happened; [noise.md](noise.md#digests-and-quiet-hours) says when. A model that came to several
boards is one paragraph, and names leave out whose a model is where no other has that name.

![A digest on a phone](images/digest.png)

{shown(sample_message(DIGEST))}
## Tests

`leaderboard-bot test-channel NAME` sends an alert that says that it is made up:

{shown(sample_message(TEST))}
## Health

What fails is told once, and once when it works again, to the channels of `[health]`:

{shown(sample_message(FAILING))}
{shown(sample_message(RECOVERED))}
With `[health] report` a sign of life comes at set times:

{shown(sample_message(REPORT))}
## To webhooks

A webhook gets every event, as JSON ([webhook.schema.json](webhook.schema.json) describes all of
it). What exceeds 20 kB comes in parts: `part` counts them, and every event is in exactly one.
Where very many rows pass each other, the lists of `cause` name only the nearest ones then, down to
one, so that a part holds some twenty events.

{body()}
The headers are those of [Standard Webhooks](https://www.standardwebhooks.com): `webhook-id` is the
same on every attempt, so a receiver can tell a repetition; `webhook-timestamp` is this attempt's;
`webhook-signature` has one signature a configured secret.

```python
from standardwebhooks import Webhook

message = Webhook("whsec_…").verify(request.body, request.headers)
```

| answer | means |
|---|---|
| any 2xx | delivered |
| 410 | failed; the channel is paused, and asked once an hour |
| any other, redirects included | tried again, after `Retry-After` where it asks for longer |
| none within 15 s | tried again, with the same `webhook-id` |
"""


def test_the_document_shows_messages_as_they_are() -> None:
    """Run with UPDATE_DOCS=1 to write it anew."""
    assert_file(DOCS / "messages.md", doc())


def pages() -> dict[str, str]:
    """Return the HTML of each picture."""
    kinds = {kind: posted(sample_message(kind)) for kind in KINDS}
    told = page(alert(), SAMPLE_FACTS, HUB)
    sent = text.as_mail(told, text.render(told, form=HTML), HTML)
    return {
        "alert.png": document(posted(alert()), "leaderboards"),
        "digest.png": phone(posted(sample_message(DIGEST)), "leaderboards"),
        "events.png": sheet(kinds),
        "mail.png": mail(sent.title, sent.body),
        "phone.png": phone(posted(alert()), "leaderboards"),
    }


def posted(message: Message) -> SlackPayload:
    """Return a message as Slack gets it."""
    return slack.render(message, SAMPLE_FACTS, HUB, "msg_1")


def test_the_pictures_are_of_messages_as_they_are() -> None:
    """What they were drawn from is remembered by its hash."""
    drawn = {
        name: hashlib.sha256(html.encode()).hexdigest() for name, html in sorted(pages().items())
    }
    assert_golden("images.json", drawn)


EVERY_KIND = "events.png"
"""The picture that has the most in it; to draw each takes a second."""


@pytest.mark.browser
@pytest.mark.parametrize(
    "name",
    [EVERY_KIND, *(pytest.param(n, marks=pytest.mark.long) for n in PICTURES if n != EVERY_KIND)],
)
def test_a_browser_can_draw_the_pictures(name: str, tmp_path: Path) -> None:
    """With UPDATE_DOCS=1 they replace those in the documentation."""
    chromium()
    width = PHONE if name in ("phone.png", "digest.png") else WIDTH
    png = picture(pages()[name], tmp_path, width)
    size = struct.unpack(">II", png.read_bytes()[16:24])
    assert size[0] == width
    assert size[1] > 150
    if os.environ.get("UPDATE_DOCS") == "1":
        shutil.copy(png, DOCS / "images" / name)


@pytest.mark.parametrize("name", PICTURES)
def test_the_pictures_are_small(name: str) -> None:
    """A page that shows them loads quickly."""
    assert 1_000 < (DOCS / "images" / name).stat().st_size < 200_000
