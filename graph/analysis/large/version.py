"""The networks of a large version, measured side by side in processes of their own, over the columns."""

import gc
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from graph.analysis.large.arrays import NotDrawn, draw
from graph.analysis.large.measured import Measured, measured
from graph.analysis.networks import describe, names
from graph.analysis.size import TooLarge
from graph.columns.opened import Columns, opened
from graph.progress import Progress, silent

SIDE_BY_SIDE: Final = 2
MEMORY: Final = 768  # MiB of each process for the columns
HEAVIEST: Final = "all-sources"  # begun first, so that nobody waits for it alone


@contextmanager
def columns_of(folder: Path) -> Iterator[Columns]:
    """Open the columns of the version in `folder`; TooLarge where they are of another release."""
    with TemporaryDirectory(prefix="partnergraph-spool-") as spill:
        columns = opened(folder, Path(spill), memory=MEMORY)
        if columns is None:
            raise TooLarge(f"{folder}: its networks are too large to be drawn without columns of this release")
        with closing(columns):
            yield columns


def every(
    folder: Path, tables: Path | None = None, progress: Progress = silent
) -> tuple[list[Measured], dict[str, str]]:
    """Give the networks of the version in `folder` that have ties, by name, and why others could not be drawn.

    The values of all nodes go into the folder `tables`, a file a network. ProjectionError as in `project`.
    """
    first = sorted(names(), key=lambda name: (name != HEAVIEST, name))
    found: dict[str, Measured | str | None] = {}
    progress("analyse", 0, len(first))
    if multiprocessing.current_process().daemon:  # it may have no children
        for done, name in enumerate(first, start=1):
            found[name] = one(folder, name, tables)
            progress("analyse", done, len(first))
    else:
        gc.collect()  # the pool's thread may not let go of what the engine gave this one
        with ProcessPoolExecutor(SIDE_BY_SIDE, multiprocessing.get_context("spawn")) as pool:
            waiting = {pool.submit(one, folder, name, tables): name for name in first}
            for done, future in enumerate(as_completed(waiting), start=1):
                found[waiting[future]] = future.result()
                progress("analyse", done, len(first))
    return ([own for _, own in sorted(found.items()) if isinstance(own, Measured)],
            {name: own for name, own in sorted(found.items()) if isinstance(own, str)})  # fmt: skip


def one(folder: Path, name: str, tables: Path | None = None) -> Measured | str | None:
    """Measure the network called `name`: None where it has no tie, the reason where it cannot be drawn."""
    network = describe(name)
    with columns_of(folder) as columns:
        try:
            found = draw(columns, network)
        except NotDrawn as reason:
            return str(reason)
        if not found.ties:
            return None
        return measured(columns, network, found, tables and tables / f"analysis-{name}.parquet")


def left_out(reasons: dict[str, str]) -> str:
    """Say which networks could not be drawn, and why; "" where all could."""
    return f"Not measured: {'; '.join(reasons.values())}." if reasons else ""
