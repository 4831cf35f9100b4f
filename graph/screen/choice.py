"""Which way a store is judged: whole by pySHACL, or screened first, where it is as large as to have columns."""

from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import rdflib
from pyoxigraph import Store, Triple

from graph import columns
from graph.columns.build import ColumnsError, build
from graph.manifest import Mode
from graph.progress import Progress, silent
from graph.screen.judge import judge_at_size
from graph.store import graph_names, name_of, union
from graph.validate import Report, validate


def judge_store(
    store: Store,
    mode: Mode,
    folder: Path | None = None,
    beside: Iterable[Triple] = (),
    shapes: rdflib.Graph | None = None,
    *,
    progress: Progress = silent,
    ready: Callable[[], None] = lambda: None,
) -> Report:
    """Judge what `store` holds by `shapes`, the project's by default; `beside` are triples that shapes may read too.

    Where `folder` holds its columns they screen it; where it has none and the store is large, they are made for that.
    Findings are about what `store` holds; `ready` waits until it holds all. Raises ValidationFailed.
    """
    more = list(beside)
    if folder is not None and (folder / columns.FILE).is_file():
        return judge_at_size(store, folder, mode, more, shapes, progress=progress, ready=ready)
    ready()
    if columns.pay(store, mode):
        with TemporaryDirectory(prefix="judge-") as made:
            try:
                build(store, Path(made), mode, progress)
            except ColumnsError:
                pass  # what columns cannot hold, pySHACL says in its own words
            else:
                return judge_at_size(store, Path(made), mode, more, shapes, progress=progress)
    progress("validate", 0, 1)
    loaded = union(store) if mode == "union" else (quad.triple for quad in store)
    report = validate(loaded, shapes, map(name_of, graph_names(store)), more)
    progress("validate", 1, 1)
    return report
