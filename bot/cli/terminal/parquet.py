"""History as Parquet, in pieces as the records come."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

Record = dict[str, object]


def parquet(fields: Sequence[str], pages: Iterable[list[Record]]) -> Iterator[bytes]:
    """Return the pieces of a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    moment = pa.timestamp("us", tz="UTC")
    types = {
        "at": moment,
        "until": moment,
        "include_derived": pa.bool_(),
        "rank": pa.int64(),
        "score": pa.float64(),
        "removed": pa.bool_(),
        "verified": pa.bool_(),
        "pull_request": pa.int64(),
    }
    schema = pa.schema([(name, types.get(name, pa.string())) for name in fields])
    sink = _Written()
    with pq.ParquetWriter(sink, schema) as writer:
        for page in pages:
            writer.write_table(pa.Table.from_pylist(list(map(_plain, page)), schema))
            yield sink.take()
    yield sink.take()


class _Written(io.RawIOBase):
    """Takes what is written until it is taken from here."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._at = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._at += len(part)
        return len(part)

    def tell(self) -> int:
        return self._at

    def take(self) -> bytes:
        """Return what was written since the last time."""
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def _plain(row: Record) -> Record:
    return {key: float(v) if isinstance(v, Decimal) else v for key, v in row.items()}
