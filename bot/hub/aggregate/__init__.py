"""The file over all benchmarks: looked at by its head, read where it changed, a board a column.

``source`` is asked for boards and for what there is; ``storage`` fetches what the Hub keeps
elsewhere; ``table`` makes columns of the file, ``parquet`` where there is no JSON.
"""
