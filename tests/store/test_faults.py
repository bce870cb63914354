"""The SQLite file, where the machine fails it."""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot.core.errors import StoreError
from bot.store import backup, check, open_existing, open_store
from bot.store.database.sqlite.file import path_of
from tests.support.store import reads
from tests.support.store.stored import START, at, commit, delivery, row, snapshot, watch
from tests.support.store.units import due_boards, enqueue, load_board

BOARD = snapshot(row("a", 80, 1), row("b", 70, 2))


@pytest.fixture
def path(sqlite_url: str) -> Path:
    found = path_of(sqlite_url)
    assert found is not None
    with closing(open_store(sqlite_url)) as store:
        watch(store)
        commit(store, BOARD, deliveries=[delivery("d")])
    return found


# --- one daemon, one file ----------------------------------------------------------------------


def test_a_link_to_the_file_is_the_same_file(path: Path, sqlite_url: str, tmp_path: Path) -> None:
    """A second daemon is refused, whatever name it comes by."""
    (tmp_path / "other").mkdir()
    link = tmp_path / "other" / "link.db"
    link.symlink_to(path)
    with (
        closing(open_existing(sqlite_url)) as first,
        closing(open_existing(f"sqlite:///{link}")) as second,
    ):
        first.acquire_daemon_lock("host:1")
        with pytest.raises(StoreError, match=r"run` \(process 1 on host\) uses this database"):
            second.acquire_daemon_lock("host:2")


# --- what is damaged ---------------------------------------------------------------------------


def random_pages(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "random bytes": (random_pages, "damaged. Restore a copy"),
    "cut short": (lambda p: os.truncate(p, 10_000), "damaged. Restore a copy"),
    "no database": (lambda p: p.write_bytes(b"hello " * 9000), r"not an SQLite database. Check"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_told_with_its_remedy(path: Path, sqlite_url: str, damage: str) -> None:
    """Whether it is to be written, only read, or checked."""
    do, told = DAMAGE[damage]
    do(path)
    for use in (open_store, open_existing):
        with pytest.raises(StoreError, match=told), closing(use(sqlite_url)) as store:
            load_board(store, next(iter(due_boards(store, at(99)))))
    try:
        found = check(sqlite_url)
    except StoreError as error:
        found = [str(error)]
    assert found


def test_an_emptied_file_is_like_a_new_one(path: Path, sqlite_url: str) -> None:
    """A look says there is none; what is made anew is whole."""
    os.truncate(path, 0)
    with pytest.raises(StoreError, match="no database yet"):
        open_existing(sqlite_url)
    with closing(open_store(sqlite_url)) as store:
        assert reads.boards(store) == ()


def test_every_flipped_page_of_rows_is_found_by_check(path: Path, sqlite_url: str) -> None:
    """A page's head is overwritten, one page at a time; free space is no damage."""
    whole = path.read_bytes()
    missed = []
    for page in range(1, len(whole) // 4096):
        start = page * 4096
        path.write_bytes(whole[:start] + b"\xff" * 64 + whole[start + 64 :])
        try:
            found = check(sqlite_url)
        except StoreError as error:
            found = [str(error)]
        if not found:
            missed.append(page)
    assert missed == []


def test_a_row_that_stands_twice_is_refused_by_the_schema(path: Path) -> None:
    """``check`` need not look for what cannot be stored."""
    with closing(sqlite3.connect(path)) as raw, pytest.raises(sqlite3.IntegrityError):
        raw.execute(
            "INSERT INTO rows (board_id, public_id, model_id, missing, removed, rank, score,"
            " verified) SELECT board_id, public_id, model_id, missing, removed, rank, score,"
            " verified FROM rows"
        )


def test_a_row_that_stands_no_more_is_found(path: Path, sqlite_url: str) -> None:
    """Its board counts another number of rows than it has."""
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE rows SET since = NULL WHERE public_id = 'b'")
    assert any("count other rows than they have" in found for found in check(sqlite_url))


# --- copies under load, and who may read them --------------------------------------------------


def view(url: str) -> tuple[object, ...]:
    with closing(open_existing(url)) as store:
        return (
            reads.boards(store),
            reads.events(store),
            reads.deliveries(store),
            reads.history(store),
        )


def test_copies_made_while_polls_commit_are_each_of_one_moment(
    path: Path, sqlite_url: str, tmp_path: Path
) -> None:
    """A poll's row and its delivery are in a copy together or not at all, and the last is all."""
    stop = threading.Event()

    def polls() -> None:
        number = 1
        with closing(open_existing(sqlite_url)) as store:
            while not stop.is_set() and number < 400:
                after = snapshot(row("a", 80 + number, 1), row("b", 70, 2))
                commit(store, after, at(number), deliveries=[delivery(f"d{number}")])
                number += 1

    writer = threading.Thread(target=polls)
    writer.start()
    copies = [tmp_path / f"copy{number}.db" for number in range(5)]
    for copy in copies:
        backup(sqlite_url, copy)
    stop.set()
    writer.join()
    counts = []
    for copy in copies:
        url = f"sqlite:///{copy}"
        assert check(url) == []
        with closing(open_existing(url)) as store:
            versions = [point for point in reads.history(store) if point.row_id == "a"]
            assert len(versions) == len(reads.deliveries(store))
            counts.append(len(versions))
    assert counts == sorted(counts)
    backup(sqlite_url, tmp_path / "last.db")
    assert view(f"sqlite:///{tmp_path / 'last.db'}") == view(sqlite_url)


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own, which must go well."""
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


MODES = """
import json, os, stat, sys
from pathlib import Path
os.umask(0)
from bot.store import backup, open_store
folder = Path(sys.argv[1])
url = f"sqlite:///{folder / 'bot.db'}"
store = open_store(url)
store.acquire_daemon_lock("me")
with store._database.write() as connection:
    connection.exec_driver_sql("INSERT INTO models (name) VALUES ('a')")
    seen = {p.name: stat.S_IMODE(p.stat().st_mode) for p in folder.iterdir()}
backup(url, folder / "copy.db")
seen |= {p.name: stat.S_IMODE(p.stat().st_mode) for p in folder.iterdir()}
print(json.dumps(seen))
"""


def test_nobody_else_may_read_any_of_the_files(tmp_path: Path) -> None:
    """Database, journal, lock and copy, even where the umask would let everybody."""
    done = run(MODES, str(tmp_path))
    modes: dict[str, int] = json.loads(done.stdout)
    assert len(modes) >= 4
    assert {oct(mode) for mode in modes.values()} == {"0o600"}, modes
    assert any(name.startswith("bot.db-") for name in modes)


# --- out of files, out of room -----------------------------------------------------------------


@contextmanager
def limited(which: int, soft: int) -> Iterator[None]:
    before = resource.getrlimit(which)
    resource.setrlimit(which, (soft, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(which, before)


FILES = """
import resource, sys
from contextlib import closing
from bot.core.errors import StoreError
from bot.store import open_existing, open_store
from tests.support.store import reads
open_store(sys.argv[1]).close()
store = open_existing(sys.argv[1])
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (3, most))
for use in (lambda: open_store(sys.argv[1]), lambda: reads.boards(store)):
    try:
        use()
    except StoreError as error:
        print(error)
"""


def test_a_process_without_files_left_is_told_so(path: Path, sqlite_url: str) -> None:
    """SQLite itself says only that it cannot open the file. Afterwards all is well."""
    done = run(FILES, sqlite_url)
    assert done.stdout.count("Raise its limit of open files") == 2, done.stdout
    assert "Traceback" not in done.stderr
    assert check(sqlite_url) == []


def test_a_file_that_may_not_grow_loses_nothing(path: Path, sqlite_url: str) -> None:
    """The transaction that did not fit is undone; once there is room, it goes through."""
    big = [delivery(f"x{number}") for number in range(2000)]
    with closing(open_existing(sqlite_url)) as store:
        with (
            limited(resource.RLIMIT_FSIZE, path.stat().st_size + 4096),
            pytest.raises(StoreError, match="Check its health and room"),
        ):
            enqueue(store, big, START)
        assert [d.id for d in reads.deliveries(store)] == ["d"]
        enqueue(store, big, START)
        assert sum(reads.pending(store).values()) == 2001
    assert check(sqlite_url) == []
