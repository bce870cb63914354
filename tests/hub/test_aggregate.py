"""The file over all benchmarks: one look for all boards, read where it changed, ranked by us."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.aggregate import DATASET, Contents
from bot.core.board import BoardKey
from bot.core.errors import FetchError, NoColumnError, ParseError, QuotaError
from bot.core.secret import Secret
from bot.demo.aggregate import JSON, SampleAggregate, Scores
from bot.hub.aggregate.parquet import from_parquet
from bot.hub.aggregate.source import MAX_FILE, PARQUET, TOGETHER_S
from bot.hub.aggregate.storage import Storage
from bot.hub.aggregate.table import MAX_COLUMNS, Table, from_json
from bot.hub.answers import Fetched, NotModified
from bot.hub.client import HubClient
from bot.net.deadline import Deadline
from bot.net.endpoint import URL, Endpoint
from tests.support.hub.fake_hub import SampleHub

SCORES: Scores = {
    "Qwen/A": {"sweVerified": 76.4, "gpqa": 88.4},
    "org/B": {"sweVerified": 80.6, "gpqa": None},
    "org/C": {"sweVerified": 76.4},
}
SWE = BoardKey("aggregate:sweVerified")
GPQA = BoardKey("aggregate:gpqa")
TOKEN = Secret("hf_sesame")
PATH = f"/datasets/{DATASET}/resolve/main/{JSON}"
TWENTY = timedelta(seconds=20)


@pytest.fixture
def hub() -> Iterator[SampleHub]:
    with SampleHub() as one:
        one.aggregate.set(SCORES)
        yield one


class Clock:
    """Time that stands until it is moved."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def client(hub: SampleHub, clock: Clock | None = None) -> HubClient:
    return HubClient(hub.url, TOKEN, TWENTY, 4, clock or time.monotonic)


def fetched(asker: HubClient, board: BoardKey, etag: str | None = None) -> Fetched:
    got = asker.leaderboard(board, etag=etag)
    assert isinstance(got, Fetched)
    return got


def asked(hub: SampleHub) -> list[str]:
    return [f"{one.method} {one.path}" for one in hub.requests]


def standing(got: Fetched) -> list[tuple[int, str, Decimal]]:
    return sorted((row.rank, row.model, row.score) for row in got.answer.results)


def table(body: object) -> Table:
    return from_json(json.dumps(body).encode())


# --- what is asked --------------------------------------------------------------------------------


def test_a_column_is_ranked_from_its_best_score(hub: SampleHub) -> None:
    """Level rows share a rank, and who has no score is not on the board."""
    asker = client(hub)

    assert standing(fetched(asker, SWE)) == [
        (1, "org/B", Decimal("80.6")),
        (2, "Qwen/A", Decimal("76.4")),
        (2, "org/C", Decimal("76.4")),
    ]
    got = fetched(asker, GPQA)
    assert standing(got) == [(1, "Qwen/A", Decimal("88.4"))]
    assert got.answer.higher_is_better


def test_one_look_and_one_reading_are_for_all_boards(hub: SampleHub) -> None:
    """Whoever asks next finds what the first one found."""
    asker = client(hub)

    asker.aggregate()
    fetched(asker, SWE)
    fetched(asker, GPQA)

    assert asked(hub) == [f"HEAD {PATH}", f"GET {PATH}"]
    assert len(hub.aggregate.storage_requests) == 1


def test_what_has_not_changed_is_not_read(hub: SampleHub) -> None:
    """Its state is enough, for a process that has never read it, too."""
    etag = fetched(client(hub), SWE).etag
    before = len(hub.aggregate.storage_requests)

    assert client(hub).leaderboard(SWE, etag=etag) == NotModified(etag=etag)
    assert asked(hub)[2:] == [f"HEAD {PATH}"]
    assert len(hub.aggregate.storage_requests) == before


def test_a_board_that_asks_again_looks_again(hub: SampleHub) -> None:
    """A look is used once by each board, so that nothing new is missed."""
    asker = client(hub)
    first = fetched(asker, SWE)

    hub.aggregate.set({**SCORES, "org/D": {"sweVerified": 90.0}})

    assert standing(fetched(asker, SWE, first.etag))[0] == (1, "org/D", Decimal("90.0"))


def test_a_look_grows_old(hub: SampleHub) -> None:
    """A board that asks for the first time, but much later, looks anew."""
    clock = Clock()
    asker = client(hub, clock)
    fetched(asker, SWE)

    clock.now += TOGETHER_S
    fetched(asker, GPQA)

    assert [one for one in asked(hub) if one.startswith("HEAD")] == [f"HEAD {PATH}"] * 2


def test_another_file_with_the_same_column_changes_nothing(hub: SampleHub) -> None:
    """A commit that touches other columns is no news of this one."""
    first = fetched(client(hub), SWE)

    hub.aggregate.set({**SCORES, "org/E": {"hle": 50.0}})

    got = client(hub).leaderboard(SWE, etag=first.etag, digest=first.digest)
    assert isinstance(got, NotModified)
    assert got.whole
    assert got.etag != first.etag


def test_the_token_goes_to_the_hub_alone(hub: SampleHub) -> None:
    """The storage host, which the Hub leads to, is asked without it."""
    fetched(client(hub), SWE)

    assert {one.headers["authorization"] for one in hub.requests} == {"Bearer hf_sesame"}
    (stored,) = hub.aggregate.storage_requests
    assert "authorization" not in stored.headers
    assert "cookie" not in stored.headers


def test_the_hub_may_answer_the_file_itself(hub: SampleHub) -> None:
    """It is no LFS object then, and its commit tells its state."""
    hub.aggregate.elsewhere = False
    first = fetched(client(hub), SWE)

    assert "x-repo-commit" in (first.etag or "")
    assert client(hub).leaderboard(SWE, etag=first.etag) == NotModified(etag=first.etag)
    assert not hub.aggregate.storage_requests


def test_the_state_is_what_the_hub_first_says_it_is() -> None:
    """A file that it keeps itself is behind a redirect of its own, whose answer tells less."""
    body = json.dumps({"models": [{"id": "a/b", "benchmarks": {"gpqa": {"score": 1}}}]})

    def answer(request: httpx.Request) -> httpx.Response:
        if "resolve-cache" in request.url.path:
            return httpx.Response(200, text="" if request.method == "HEAD" else body)
        found = {"Location": "/api/resolve-cache/f", "X-Linked-Etag": '"abc"', "ETag": '"x"'}
        return httpx.Response(307, headers=found)

    hub = HubClient(
        "https://hub.example", TOKEN, TWENTY, 4, time.monotonic, httpx.MockTransport(answer)
    )

    assert fetched(hub, GPQA).etag == f'{JSON} x-linked-etag "abc"'


def test_a_column_that_is_not_there_is_said(hub: SampleHub) -> None:
    """With the state of the file that lacks it, so that it is not read again for that."""
    with pytest.raises(NoColumnError) as caught:
        client(hub).leaderboard(BoardKey("aggregate:nothing"))

    assert caught.value.etag == fetched(client(hub), SWE).etag
    assert caught.value.reason == "the file over all benchmarks has no column nothing_score"


def test_the_contents_are_the_columns(hub: SampleHub) -> None:
    """Those without any score, too; the mean of a model's scores is none."""
    hub.aggregate.set(
        {"a/b": {"gpqa": None, "aggregate": 3.0, "hle": 1}}, last_updated="2026-04-27"
    )

    got = client(hub).aggregate()

    assert isinstance(got, Contents)
    assert got.columns == ("gpqa", "hle")
    assert got.written_at == datetime(2026, 4, 27, tzinfo=UTC)
    assert client(hub).aggregate(got.etag) == NotModified(etag=got.etag)


# --- what fails -----------------------------------------------------------------------------------


def reason(hub: SampleHub) -> str:
    with pytest.raises(FetchError) as caught:
        client(hub).leaderboard(SWE)
    return caught.value.reason


def test_no_dataset_is_said(hub: SampleHub) -> None:
    """Whether it is the dataset or its files that are not there."""
    hub.aggregate.put(None)

    assert reason(hub) == f"the Hub has no dataset {DATASET}, or no leaderboard.json in it"


def test_what_is_no_json_is_said(hub: SampleHub) -> None:
    """Nothing is made of it, nor of a file whose columns left with all of its models."""
    hub.aggregate.put(b"<html>")
    assert reason(hub) == "leaderboard.json is not JSON"
    for body in (b'{"models": 3}', b'{"models": []}'):
        hub.aggregate.put(body)
        assert reason(hub) == "leaderboard.json has no list of models"


def test_a_file_that_is_too_large_is_not_fetched(hub: SampleHub) -> None:
    """The Hub tells its size beforehand."""
    hub.aggregate.put(b" " * (MAX_FILE + 1))

    assert reason(hub) == f"leaderboard.json of {DATASET} is larger than 8 MB"
    assert not hub.aggregate.storage_requests


def test_a_storage_host_that_fails_is_told_from_the_hub(hub: SampleHub) -> None:
    """All boards fail with it, after one attempt."""
    hub.aggregate.storage_status = 503
    asker = client(hub)

    for board in (SWE, GPQA):
        with pytest.raises(FetchError, match=r"^the storage that the Hub leads to answered 503$"):
            asker.leaderboard(board)
    assert len(hub.aggregate.storage_requests) == 1


def test_a_storage_host_that_is_down_is_told_from_the_hub(hub: SampleHub) -> None:
    """It refuses connections."""
    url = SampleAggregate()
    url.put(b"{}")
    reply = url.answer(PATH)
    assert reply is not None
    url.stop()
    hub.fail(DATASET, 302, headers={"Location": reply.headers["Location"]})

    assert reason(hub) == "cannot reach the storage that the Hub leads to: connection refused"


def test_the_rate_limit_is_the_hubs(hub: SampleHub) -> None:
    """A poll that it does not reach is put off."""
    hub.fail(DATASET, 429, headers={"Retry-After": "30"})

    with pytest.raises(QuotaError):
        client(hub).leaderboard(SWE)


# --- where the Hub may lead to --------------------------------------------------------------------


def led(endpoint: str, location: str, *addresses: str) -> str:
    """Return why the bot does not follow the Hub, whose host has these addresses, to a place."""
    storage = Storage(Endpoint(endpoint), time.monotonic, resolve=lambda *_: addresses)
    with pytest.raises(FetchError) as caught:
        storage.get(URL(location), Deadline(timedelta(seconds=5), time.monotonic), 100)
    return caught.value.reason


@pytest.mark.parametrize("location", ["http://storage.example/f", "ftp://storage.example/f"])
def test_the_way_stays_encrypted(location: str) -> None:
    """A Hub that is asked over TLS leads nowhere without."""
    unsafe = "the Hub leads the bot to an address that is not safe"
    assert led("https://hub.example", location, "8.8.8.8") == unsafe


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.1.2.3", "169.254.169.254"])
def test_a_public_hub_leads_to_no_private_address(inside: str) -> None:
    """What the bot's own network holds is not the Hub's to ask for."""
    place = f"http://{inside}:1/f"
    refused = "the storage that the Hub leads to has no public address"
    assert led("http://hub.example", place, "8.8.8.8") == refused


def test_storage_leads_on_a_few_times() -> None:
    """And then no more."""
    moved = httpx.Response(302, headers={"Location": "https://storage.example/again"})
    network = httpx.MockTransport(lambda _: moved)
    storage = Storage(Endpoint("https://hub.example"), time.monotonic, network)
    with pytest.raises(FetchError, match="redirects without end"):
        storage.get(URL("https://storage.example/f"), Deadline(TWENTY, time.monotonic), 100)


# --- what is read ---------------------------------------------------------------------------------


def parquet(**columns: list[object]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def test_parquet_is_read_where_there_is_no_json(hub: SampleHub) -> None:
    """Rows are known by model_id, null is absent, and only scores are columns."""
    body = parquet(
        model_id=["Qwen/A", "org/B", "org/C"],
        model_name=["same", "same", "same"],
        parameters_billions=[0.5, None, 7.0],
        sweVerified_score=[76.4, 80.6, None],
        aggregate_score=[50.0, 60.0, 70.0],
        coverage_percent=[1.0, 2.0, 3.0],
    )
    hub.aggregate.put(None)
    hub.aggregate.put(body, PARQUET)
    asker = client(hub)

    got = fetched(asker, SWE)

    assert [row[:2] for row in standing(got)] == [(1, "org/B"), (2, "Qwen/A")]
    sizes = {row.model: row.parameters for row in got.answer.results}
    assert sizes == {"Qwen/A": 500_000_000, "org/B": None}
    contents = asker.aggregate()
    assert isinstance(contents, Contents)
    assert contents.columns == ("sweVerified",)


def test_parquet_that_is_none_is_said() -> None:
    """And one without models."""
    with pytest.raises(ParseError, match="cannot be read"):
        from_parquet(b"PAR1 not really PAR1")
    with pytest.raises(ParseError, match="has no column model_id"):
        from_parquet(parquet(sweVerified_score=[1.0]))


def test_a_malformed_score_costs_itself() -> None:
    """It is counted, with its model where that can be read."""
    models = [
        {"id": "a/b", "benchmarks": {"gpqa": {"score": "high"}, "hle": {"score": 4}}},
        {"id": None, "benchmarks": {"gpqa": {"score": 5}}},
        {"id": "c/d", "benchmarks": {"gpqa": 6}},
        {"id": "e/f", "benchmarks": None},
        "nothing",
    ]
    parsed = table({"models": models}).board("gpqa")

    assert parsed is not None
    answer = parsed.answer()
    assert [row.model for row in answer.results] == ["c/d"]
    assert answer.malformed == 2
    assert answer.unread == ("a/b",)


def test_nan_is_absent() -> None:
    """Python writes it into what is no JSON then."""
    found = from_json(b'{"models": [{"id": "a/b", "benchmarks": {"gpqa": {"score": NaN}}}]}')

    assert found.columns == {}


def test_columns_are_few_and_have_plain_names() -> None:
    """Whatever else is in the file is left alone, up to a limit."""
    names = ["", "a b", "x" * 101, "ok-1.0_b", "\u202egpqa", "aggregate"]
    assert table({"benchmarks": names, "models": [{"id": "a/b"}]}).columns == {"ok-1.0_b": []}
    many = {f"c{n}": {"score": 1} for n in range(MAX_COLUMNS + 1)}
    with pytest.raises(ParseError, match="more than 200 columns"):
        table({"models": [{"id": "a/b", "benchmarks": many}]})


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=3), _nested := (
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["id", "models", "benchmarks", "score", "metadata"]), inner)
)))  # fmt: skip
def test_no_json_breaks_the_reader(body: object) -> None:
    """It is a table, or an error in words."""
    try:
        found = from_json(json.dumps(body).encode())
    except ParseError:
        return
    for column in found.columns:
        assert found.board(column) is not None


@pytest.mark.parametrize("scores", [[3, 3, 2, 2, 1], [1], [5, 4, 3]])
def test_ranks_are_those_of_a_race(scores: list[int]) -> None:
    """One more than how many are better."""
    models = [
        {"id": f"a/{n}", "benchmarks": {"x": {"score": score}}} for n, score in enumerate(scores)
    ]
    parsed = table({"models": models}).board("x")

    assert parsed is not None
    ranks = {row.model: row.rank for row in parsed.answer().results}
    assert ranks == {
        f"a/{n}": 1 + sum(other > score for other in scores) for n, score in enumerate(scores)
    }
