"""Columns: the snapshot's second copy, dictionary-encoded in DuckDB, for scans, joins, aggregation and ordering."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pyoxigraph import Store

    from graph.manifest import Mode

FILE: Final = "columns.duckdb"  # in the folder of a version
FEWEST: Final = 100_000  # statements; below, the row engine answers everything in milliseconds


# Statements of a large version: what walks over all of them for one page takes longer than a reader waits.
LARGE: Final = 300_000


def pay(store: "Store", mode: "Mode") -> bool:
    """Whether `store` holds enough for columns to pay; in `union` mode most triples lie in it twice."""
    return pays(len(store), mode)


def pays(statements: int, mode: "Mode") -> bool:
    """Whether columns pay for so many statements in the row store."""
    return statements >= FEWEST * (2 if mode == "union" else 1)


def beside(store: "Store", folder: Path, mode: "Mode") -> bool:
    """Write the columns of `store` into `folder`, where it holds enough for them to pay; give whether it did.

    A snapshot is whole without them: where they cannot be built, a line says so.
    """
    if (folder / FILE).is_file():
        return True  # made before, to judge by
    if not pay(store, mode):
        return False
    from graph.columns.build import ColumnsError, build

    try:
        build(store, folder, mode)
    except ColumnsError as error:
        sys.stderr.write(f"{error}; queries will be slower\n")
        return False
    return True
