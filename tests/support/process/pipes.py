"""Pipes that nobody reads, and other places that take nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def full_pipe() -> Iterator[tuple[int, int]]:
    """Make a pipe, both ends of which are open, that takes not a byte more."""
    read, write = os.pipe()
    try:
        os.set_blocking(write, False)
        with suppress(BlockingIOError):
            while True:
                os.write(write, b"x" * 4096)
        os.set_blocking(write, True)
        yield read, write
    finally:
        os.close(read)
        os.close(write)


@contextmanager
def closed_pipe() -> Iterator[int]:
    """Make a pipe whose reader is gone, and give the end to write into."""
    read, write = os.pipe()
    os.close(read)
    try:
        yield write
    finally:
        os.close(write)


@contextmanager
def full_disk() -> Iterator[int]:
    """Open a file that has room for nothing."""
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        yield full
    finally:
        os.close(full)
