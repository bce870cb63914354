"""The sample Hub speaks the Hub's API as its own client library expects it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import httpx
import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

from bot.demo.weeks import models
from tests.support.hub.asking import get, plain_client
from tests.support.hub.fake_hub import EVERYTHING, LISTING, SampleHub, board, entry

SWE = "SWE-bench/SWE-bench_Verified"
HLE = "cais/hle"


def api(hub: SampleHub, token: str | None = None) -> HfApi:
    return HfApi(endpoint=hub.url, token=token or False)


def leaderboard(hub: SampleHub, benchmark: str = SWE, **headers: str) -> httpx.Response:
    address = f"{hub.url}/api/datasets/{benchmark}/leaderboard"
    return get(address, headers=headers)


def test_the_client_library_lists_official_benchmarks_only(hub: SampleHub) -> None:
    """A board that is merely set answers but is not an official benchmark."""
    hub.add_benchmark(SWE)
    hub.add_benchmark(HLE)
    hub.set("someone/else", [])
    hub.gate(HLE, "hf_a")

    listed = {dataset.id: dataset.gated for dataset in api(hub).list_datasets(benchmark=True)}

    assert listed == {SWE: False, HLE: "auto"}
    assert hub.requests[0].path == "/api/datasets?filter=benchmark%3Aofficial"


def test_a_list_of_several_pages_is_followed_to_its_end() -> None:
    """Pages are linked by the Link header, filter included."""
    names = [f"org/bench-{number}" for number in range(5)]
    with SampleHub(dict.fromkeys(names, ()), page_size=2) as hub:
        hub.set("org/other", [])
        assert [dataset.id for dataset in api(hub).list_datasets(benchmark=True)] == names
        assert len(hub.requests) == 3


def test_a_benchmark_can_join_and_leave(hub: SampleHub) -> None:
    """What is removed is neither listed nor answered."""
    hub.add_benchmark(SWE, board(("a/b", 1.0)))
    assert leaderboard(hub).status_code == 200
    hub.remove_benchmark(SWE)
    assert hub.benchmarks == ()
    assert leaderboard(hub).headers["X-Error-Code"] == "RepoNotFound"


def test_a_benchmark_that_is_no_longer_official_can_still_answer(hub: SampleHub) -> None:
    """Leaving the list and being deleted are different things."""
    hub.add_benchmark(SWE)
    hub.remove_benchmark(SWE, delete=False)
    assert hub.benchmarks == ()
    assert leaderboard(hub).status_code == 200


def test_the_client_library_reads_a_leaderboard(hub: SampleHub) -> None:
    """Rows that tell their flag carry every key that the library asks for."""
    small = entry("me/small", 9, 2, notes="With tools", verified=True)
    hub.set(SWE, [*board(("org/big", 76.4), verified=True), small])
    rows = api(hub).get_dataset_leaderboard(SWE)
    assert [(row.rank, row.model_id, row.value, row.notes) for row in rows] == [
        (1, "org/big", 76.4, None),
        (2, "me/small", 9, "With tools"),
    ]


def test_derived_models_are_answered_on_request_only(hub: SampleHub) -> None:
    """``base_model=false`` has rows of its own where some are given."""
    hub.set(SWE, board(("org/base", 2.0), verified=True))
    hub.derived[SWE] = board(("org/base", 2.0), ("me/tuned", 3.0), verified=True)
    plain = api(hub).get_dataset_leaderboard(SWE)
    derived = api(hub).get_dataset_leaderboard(SWE, base_model_only=False)
    assert [row.model_id for row in plain] == ["org/base"]
    assert [row.model_id for row in derived] == ["me/tuned", "org/base"]


def test_an_unchanged_board_answers_304_to_its_etag(hub: SampleHub) -> None:
    """A changed board answers whole again."""
    hub.set(SWE, board(("a/b", 1.0)))
    etag = leaderboard(hub).headers["ETag"]
    same = leaderboard(hub, **{"If-None-Match": etag})
    hub.set(SWE, board(("a/b", 2.0)))
    changed = leaderboard(hub, **{"If-None-Match": etag})
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", etag)
    assert (changed.status_code, changed.json()[0]["value"]) == (200, 2.0)


def test_a_hub_without_etags_always_answers_whole(hub: SampleHub) -> None:
    """The Hub promises no ETag for its API."""
    hub.set(SWE, [])
    etag = leaderboard(hub).headers["ETag"]
    hub.etags = False
    answer = leaderboard(hub, **{"If-None-Match": etag})
    assert answer.status_code == 200
    assert "ETag" not in answer.headers


@pytest.mark.parametrize(("token", "status"), [(None, 401), ("hf_wrong", 403)])
def test_a_gated_board_refuses_who_has_no_access(
    hub: SampleHub, token: str | None, status: int
) -> None:
    """Without a token it is 401, with another one 403."""
    hub.set(HLE, [])
    hub.gate(HLE, "hf_right")
    with pytest.raises(GatedRepoError) as refused:
        api(hub, token).get_dataset_leaderboard(HLE)
    assert refused.value.response.status_code == status
    assert api(hub, "hf_right").get_dataset_leaderboard(HLE) == []


def test_what_is_unknown_is_not_found(hub: SampleHub) -> None:
    """The client library tells unknown datasets and models by the error code."""
    with pytest.raises(RepositoryNotFoundError):
        api(hub).get_dataset_leaderboard("no/such")
    with pytest.raises(RepositoryNotFoundError):
        api(hub).model_info("no/such")
    assert get(f"{hub.url}/api/else").status_code == 404


def test_the_client_library_reads_model_facts(hub: SampleHub) -> None:
    """Parameters, day of creation and licence are where the library looks for them."""
    hub.models |= models()
    info = api(hub).model_info("zai-org/GLM-5")
    assert info.created_at == datetime(2026, 3, 10, tzinfo=UTC)
    assert info.safetensors is not None
    assert info.safetensors.total == 753_900_000_000
    assert info.card_data is not None
    assert info.card_data.license == "mit"


def test_the_client_library_reads_a_benchmarks_own_record(hub: SampleHub) -> None:
    """It says whether a benchmark is gated."""
    hub.add_benchmark(HLE)
    assert api(hub).dataset_info(HLE).gated is False
    hub.gate(HLE, "hf_a")
    assert api(hub).dataset_info(HLE).gated == "auto"


def test_a_failure_lasts_until_recovery(hub: SampleHub) -> None:
    """One board's failure leaves the others alone."""
    hub.set(SWE, [])
    hub.set(HLE, [])
    hub.fail(SWE, 503, headers={"Retry-After": "7"}, body=b"busy")
    failed = leaderboard(hub)
    assert (failed.status_code, failed.headers["Retry-After"], failed.text) == (503, "7", "busy")
    assert leaderboard(hub, HLE).status_code == 200
    hub.recover(SWE)
    assert leaderboard(hub).status_code == 200


def test_the_whole_hub_can_fail(hub: SampleHub) -> None:
    """Recovery without a name ends every failure."""
    hub.add_benchmark(SWE)
    hub.fail(EVERYTHING, 502)
    hub.fail(LISTING, 500)
    listing = f"{hub.url}/{LISTING}"
    assert leaderboard(hub).status_code == 502
    assert get(listing).status_code == 502
    hub.recover(EVERYTHING)
    assert leaderboard(hub).status_code == 200
    assert get(listing).status_code == 500
    hub.recover()
    assert get(listing).status_code == 200


def test_every_api_answer_says_what_is_left_of_the_rate_limit(hub: SampleHub) -> None:
    """The headers are the Hub's, failures included."""
    hub.remaining = 12
    for answer in (leaderboard(hub), get(f"{hub.url}/{LISTING}")):
        assert answer.headers["RateLimit"] == '"api";r=12;t=300'
        assert answer.headers["RateLimit-Policy"] == '"fixed window";"api";q=500;w=300'


def test_files_are_counted_in_a_bucket_of_their_own(hub: SampleHub) -> None:
    """They leave the API's limit alone, and pages have none."""
    hub.set_tasks(SWE, {"t": []})
    hub.remaining, hub.resolver_remaining = 12, 34
    address = f"{hub.url}/datasets/{SWE}/resolve/main/eval.yaml"
    first = get(address)
    last = get(address, follow_redirects=True)
    for answer in (first, last):
        assert answer.headers["RateLimit"] == '"resolvers";r=34;t=300'
        assert answer.headers["RateLimit-Policy"] == '"fixed window";"resolvers";q=3000;w=300'
    assert "RateLimit" not in get(f"{hub.url}/datasets/{SWE}").headers


@pytest.mark.parametrize(
    "path",
    [
        f"api/datasets/{SWE}/leaderboard",
        f"api/datasets/{SWE}",
        LISTING,
        "api/models/zai-org/GLM-5",
        f"datasets/{SWE}/resolve/main/eval.yaml",
    ],
)
def test_a_token_that_the_hub_does_not_know_is_refused_everywhere(
    hub: SampleHub, path: str
) -> None:
    """On public things, too, which are answered without one and with a good one."""
    hub.add_benchmark(SWE, {"t": []})
    hub.models |= models()

    def status(**headers: str) -> int:
        answer = get(f"{hub.url}/{path}", headers=headers, follow_redirects=True)
        if answer.status_code == 401:
            assert answer.json() == {"error": "Invalid credentials in Authorization header"}
        return answer.status_code

    assert status(Authorization="Bearer hf_any") == 200
    hub.good_tokens = {"hf_good"}
    assert status(Authorization="Bearer hf_good") == 200
    assert status() == 200
    for wrong in ("Bearer hf_any", "hf_good", "Basic aGZfZ29vZA==", ""):
        assert status(Authorization=wrong) == 401


def test_a_renamed_benchmark_redirects_to_its_new_id(hub: SampleHub) -> None:
    """Within the Hub, the query kept, and everything of it is at the new one."""
    hub.add_benchmark("org/old", {"a": board(("a/b", 1.0)), "b": []})
    hub.derived["org/old#b"] = board(("a/tuned", 2.0))
    hub.rename("org/old", "org/new")
    hub.rename("org/new", "org/newest")
    with plain_client(base_url=hub.url) as client:
        moved = client.get("/api/datasets/org/old/leaderboard?task_id=b&base_model=false")
        assert moved.status_code == 307
        assert (
            moved.headers["Location"]
            == "/api/datasets/org/new/leaderboard?task_id=b&base_model=false"
        )
        (row,) = client.get(moved.url.path.replace("old", "newest"), params=moved.url.params).json()
        assert row["modelId"] == "a/tuned"
        for path in ("api/datasets/org/old", "datasets/org/old/resolve/main/eval.yaml"):
            assert client.get(f"/{path}", follow_redirects=True).status_code == 200
    assert hub.benchmarks == ("org/newest",)


def test_a_renamed_model_redirects_to_its_new_id(hub: SampleHub) -> None:
    """Whoever follows is told the new id; another model may take the old one."""
    hub.models["org/old"] = {"tags": ["license:mit"]}
    hub.rename("org/old", "org/new")
    with plain_client(base_url=hub.url) as client:
        moved = client.get("/api/models/org/old")
        assert (moved.status_code, moved.headers["Location"]) == (307, "/api/models/org/new")
        assert client.get(moved.headers["Location"]).json()["id"] == "org/new"
        hub.models["org/old"] = {}
        assert client.get("/api/models/org/old").json()["id"] == "org/old"


def test_requests_are_recorded_with_their_headers(hub: SampleHub) -> None:
    """Names are in lower case, queries are part of the path."""
    leaderboard(hub, Authorization="Bearer hf_x")
    (seen,) = hub.requests
    assert (seen.method, seen.path) == ("GET", f"/api/datasets/{SWE}/leaderboard")
    assert seen.headers["authorization"] == "Bearer hf_x"


def test_rows_are_copied_when_they_are_set(hub: SampleHub) -> None:
    """Later changes to the given list do not reach the board."""
    rows = board(("a/b", 1.0))
    hub.set(SWE, rows)
    rows[0]["value"] = 2.0
    assert leaderboard(hub).json()[0]["value"] == 1.0


def test_links_to_pages_lead_to_a_page_that_says_sample(hub: SampleHub) -> None:
    """Who follows an alert's link is told that nothing there is real."""
    page = get(f"{hub.url}/datasets/{SWE}")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "Sample data" in page.text


def test_one_connection_serves_many_requests(hub: SampleHub) -> None:
    """A client may keep its connection, and several may ask at once."""
    hub.set(SWE, board(("a/b", 1.0)))
    failures: list[int] = []

    def ask() -> None:
        with plain_client() as client:
            for _ in range(20):
                status = client.get(f"{hub.url}/api/datasets/{SWE}/leaderboard").status_code
                failures.extend([status] * (status != 200))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(hub.requests) == 80


def test_a_stopped_hub_hangs_up_on_kept_connections() -> None:
    """A client that kept its connection sees that the server is gone."""
    hub = SampleHub({SWE: []}).start()
    address = f"{hub.url}/api/datasets/{SWE}/leaderboard"
    with plain_client() as client:
        assert client.get(address).status_code == 200
        hub.stop()
        with pytest.raises(httpx.TransportError):
            client.get(address)


def test_what_the_builder_is_told_to_leave_out_is_absent() -> None:
    """None removes a key, any other value replaces it, unknown keys are added."""
    row = entry("a/b", 1.5, rank=3, source=None, verified=None, pullRequest=7, odd=True)
    assert row.keys().isdisjoint({"source", "verified"})
    assert (row["rank"], row["pullRequest"], row["odd"]) == (3, 7, True)


def test_rows_that_are_not_verified_say_so_or_leave_it_open() -> None:
    """Both are there, by model; what is verified always says so."""
    names = [f"org/m{number}" for number in range(9)]
    assert {entry(name, 1).get("verified") for name in names} == {None, False}
    assert all(entry(name, 1) == entry(name, 1, verified=False) for name in names)
    assert all(entry(name, 1, verified=True)["verified"] for name in names)


def test_boards_are_ranked_best_first() -> None:
    """The direction can be turned, as for error rates; then every row says it."""
    pairs = [("a/low", 1.0), ("a/high", 2.0)]
    assert [(r["rank"], r["modelId"]) for r in board(*pairs)] == [(1, "a/high"), (2, "a/low")]
    turned = board(*pairs, lower_is_better=True)
    assert [(r["rank"], r["modelId"]) for r in turned] == [(1, "a/low"), (2, "a/high")]
    assert [r["lower_is_better"] for r in turned] == [True, True]
    assert not any("lower_is_better" in r for r in board(*pairs))
