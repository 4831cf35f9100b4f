"""Building the columns of a snapshot: the engine's own N-Quads, read and encoded by DuckDB in one pass, out of core.

What the engine stores is what is read: numbers and dates have the forms that it gave them.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from pyoxigraph import RdfFormat, Store, serialize

from graph.columns import FILE, schema
from graph.errors import Foreseen
from graph.manifest import Mode
from graph.progress import Progress, silent
from graph.store import DEFAULT, named_quads

MEMORY = 2048  # MiB that the building may hold before it turns to the disk
_MOST_FILES = 500  # graphs that are written to a file each
_STEPS = ("read", "terms", "encode", "sort", "count")


class ColumnsError(Foreseen):
    """The columns could not be built; the snapshot is whole without them."""


def build(store: Store, folder: Path, mode: Mode, progress: Progress = silent, memory: int = MEMORY) -> Path:
    """Write the columns of what `store` holds into `folder` and give the file. `memory` is in MiB.

    In `union` mode the default graph is made of the named ones, whether `store` holds it already or not.
    Raises ColumnsError where the store holds what columns cannot (a triple as a term), or DuckDB fails.
    """
    path = folder / FILE
    with TemporaryDirectory(dir=folder, prefix=".columns-") as place:
        progress("columns: read", 0, len(_STEPS))
        try:
            with opened_new(path, Path(place), memory) as connection:
                _read(connection, _dumped(store, Path(place), mode))
                connection.execute(schema.TEXTS)
                fill(connection, mode, progress)
        except duckdb.Error as error:
            path.unlink(missing_ok=True)
            raise ColumnsError(f"the columns could not be built: {error}") from error
    return path


def _dumped(store: Store, folder: Path, mode: Mode) -> Iterator[tuple[Path, str]]:
    """Write what is read, by the engine itself; give each file with the graph that its triples are of, "" for quads.

    A union that the store holds already is left out: it is made anew from the named graphs.
    """
    whole = folder / "all.nq"
    if mode == "separate" or next(store.quads_for_pattern(None, None, None, DEFAULT), None) is None:
        store.dump(str(whole), format=RdfFormat.N_QUADS)
        yield whole, ""
        return
    names = list(store.named_graphs())
    if len(names) > _MOST_FILES:
        with whole.open("wb") as out:
            serialize(named_quads(store), out, format=RdfFormat.N_QUADS)
        yield whole, ""
        return
    for number, name in enumerate(names):
        file = folder / f"{number}.nt"
        store.dump(str(file), format=RdfFormat.N_TRIPLES, from_graph=name)
        yield file, str(name)


@contextmanager
def opened_new(path: Path, place: Path, memory: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a new file of columns at `path`; what does not fit into `memory` MiB goes to the folder `place`."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{memory}MiB",
        "temp_directory": str(place / "spill"),
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
    }
    with closing(duckdb.connect(str(path), config=settings)) as connection:
        connection.execute("SET enable_progress_bar = false")
        yield connection


def _read(connection: duckdb.DuckDBPyConnection, files: Iterator[tuple[Path, str]]) -> None:
    connection.execute("CREATE TEMP TABLE raw (s VARCHAR, p VARCHAR, o VARCHAR, g VARCHAR)")
    for file, graph in files:
        connection.execute(f"INSERT INTO raw {schema.read(str(file), graph)}")
        file.unlink()


def fill(connection: duckdb.DuckDBPyConnection, mode: Mode, progress: Progress, united: Path | None = None) -> None:
    """Make the columns of the statements in `raw`, whose terms are in `texts`, and let go of both.

    `united` is a file to write the triples of the default graph into, as N-Triples.
    """
    run = connection.execute
    if run("SELECT count(*) FROM raw WHERE o[:3] = '<<('").fetchone() != (0,):
        raise ColumnsError("a triple stands as a term (RDF 1.2); columns hold none")
    progress("columns: terms", 1, len(_STEPS))
    run(schema.TERMS)
    run("DROP TABLE texts")
    progress("columns: encode", 2, len(_STEPS))
    run(schema.ENCODED)
    run(schema.GRAPHS)
    run("DROP TABLE raw")
    progress("columns: sort", 3, len(_STEPS))
    run(schema.QUADS)
    run(schema.UNION if mode == "union" else schema.DEFAULT)
    run("DROP TABLE encoded")
    if united is not None:
        run(schema.written(str(united)))
    run(schema.KEEP_TERMS)
    run("DROP TABLE all_terms")
    progress("columns: count", 4, len(_STEPS))
    tables = "triples" if mode == "union" else "(SELECT p, s, o FROM triples UNION ALL SELECT p, s, o FROM quads)"
    run(schema.PREDICATES.format(table=tables))
    run(schema.POPULAR.format(table=tables))
    run("CREATE TABLE facts (name VARCHAR, value VARCHAR)")
    run("INSERT INTO facts VALUES ('version', ?), ('mode', ?)", [schema.VERSION, mode])
    run("CHECKPOINT")
    progress("columns: count", 5, len(_STEPS))
