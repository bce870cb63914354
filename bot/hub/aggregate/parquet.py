"""The file over all benchmarks as Parquet; only what is needed of it is read."""

from __future__ import annotations

import io
from typing import Any

from bot.core.errors import ParseError
from bot.hub.aggregate.table import MAX_COLUMNS, MAX_MODELS, SUFFIX, Table, digest_of, from_rows

MAX_UNPACKED = 64 * 1024 * 1024
"""The most bytes of the columns that are read."""

_OF_MODELS = ("model_id", "parameters_billions")


def from_parquet(body: bytes) -> Table:
    """Return the columns of a Parquet file.

    Raises:
        ParseError: it is none, or has more in it than a table of models has.
    """
    import pyarrow as pa  # heavy, and rarely needed
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(io.BytesIO(body))
        names = _wanted(file)
        rows = file.read(columns=names, use_threads=False).to_pylist()
    except (pa.ArrowException, OSError, ValueError, TypeError, OverflowError):
        raise ParseError("the Parquet file over all benchmarks cannot be read") from None
    return from_rows(rows, names, digest_of(body))


def _wanted(file: Any) -> list[str]:
    """Return the names of the columns to be read.

    Raises:
        ParseError: there are none, or they hold too much.
    """
    names = [n for n in file.schema_arrow.names if n.endswith(SUFFIX) or n in _OF_MODELS]
    if _OF_MODELS[0] not in names:
        raise ParseError("the Parquet file over all benchmarks has no column model_id")
    about = file.metadata
    groups = [about.row_group(number) for number in range(about.num_row_groups)]
    unpacked = sum(group.total_byte_size for group in groups)
    if about.num_rows > MAX_MODELS or len(names) > MAX_COLUMNS or unpacked > MAX_UNPACKED:
        raise ParseError("the Parquet file over all benchmarks holds more than models' scores")
    return names
