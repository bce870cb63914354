"""The scripts that the bot replaces: two loops over the same boards, as short as they can be.

python -m benchmarks.loops bare|requests FOLDER URL BOARDS
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks.sample import name

THREADS = 8


def bare(state: dict[str, Any], urls: list[str]) -> int:
    """Ask with eight threads and one client, compare by ETag and hash; return what changed."""
    import httpx

    def changed(url: str) -> bool:
        etag, known = state.get(url, (None, None))
        answer = client.get(url, headers={"If-None-Match": etag} if etag else {})
        if answer.status_code == httpx.codes.NOT_MODIFIED:
            return False
        answer.raise_for_status()
        digest = sha256(answer.content).hexdigest()
        state[url] = answer.headers.get("etag"), digest
        return digest != str(known)

    with httpx.Client(trust_env=False) as client, ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(changed, urls))


def plain(state: dict[str, Any], urls: list[str]) -> int:
    """Ask for one board after another and compare the scores of models; return what changed."""
    import requests

    count = 0
    for url in urls:
        answer = requests.get(url, timeout=20)
        answer.raise_for_status()
        entries = answer.json()
        scores = {entry["modelId"]: entry["value"] for entry in entries}
        before = {entry["modelId"]: entry["value"] for entry in state.get(url, [])}
        count += scores != before
        state[url] = entries
    return count


LOOPS = {"bare": bare, "requests": plain}


def main() -> None:
    """Run one loop once; its state is a file of JSON."""
    loop, folder, hub, boards = sys.argv[1:]
    file = Path(folder, "state.json")
    state = json.loads(file.read_text()) if file.exists() else {}
    urls = [f"{hub}/api/datasets/{name(number)}/leaderboard" for number in range(int(boards))]
    print(LOOPS[loop](state, urls), "changed")
    file.write_text(json.dumps(state))


if __name__ == "__main__":
    main()
