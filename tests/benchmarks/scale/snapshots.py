"""A made-up graph as the product holds it: rows and, where it is large enough, columns; kept and used again."""

import json
import resource
import shutil
import sys
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
from pyoxigraph import RdfFormat, Store

from graph.bulk import unite
from graph.columns import FILE, schema
from graph.columns.build import build
from tests.benchmarks import synthesize, virtuoso

SEED = 1
QUADS = "synthetic.nq"


@dataclass(frozen=True)
class Built:
    """What building took: statements, seconds and bytes of each copy, and the most memory in MiB so far."""

    statements: int
    rows_seconds: float
    columns_seconds: float
    rows_bytes: int
    columns_bytes: int
    memory: int


def main() -> None:
    """Make the graphs of the sizes named, so that a run has only to ask: `... snapshots FOLDER PARTNERS ...`."""
    for partners in map(int, sys.argv[2:]):
        place, _ = snapshot(Path(sys.argv[1]), partners)
        if virtuoso.installed():
            with virtuoso.served(place / "virtuoso", place / QUADS):
                print(partners, flush=True)


def snapshot(folder: Path, partners: int) -> tuple[Path, Built]:
    """Give the folder of the graph with so many partners, made where it is not there, and what making it took."""
    place, note = folder / str(partners), folder / str(partners) / "built.json"
    if note.is_file() and _form(place) == schema.VERSION:
        return place, Built(**json.loads(note.read_text()))
    shutil.rmtree(place / "oxigraph", ignore_errors=True)  # what was begun and not ended, or is of another release
    (place / FILE).unlink(missing_ok=True)
    place.mkdir(parents=True, exist_ok=True)
    file = place / QUADS
    if not file.is_file():
        synthesize.write(file, partners, SEED)
    began = time.perf_counter()
    store = Store(str(place / "oxigraph"))
    store.bulk_load(path=str(file), format=RdfFormat.N_QUADS)
    loaded, statements = time.perf_counter(), len(store)
    build(store, place, "union")
    built = time.perf_counter()
    unite(store, place)
    store.optimize()
    store.flush()
    united = time.perf_counter() - built
    del store
    columns = (place / FILE).stat().st_size if (place / FILE).is_file() else 0
    size = sum(path.stat().st_size for path in (place / "oxigraph").iterdir())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    found = Built(statements, loaded - began + united, built - loaded, size, columns, memory)
    note.write_text(json.dumps(asdict(found)))
    return place, found



def _form(place: Path) -> str | None:
    """Give the form of the columns in `place`; None where it has none."""
    if not (place / FILE).is_file():
        return None
    with closing(duckdb.connect(str(place / FILE), read_only=True)) as connection:
        found = connection.execute("SELECT value FROM facts WHERE name = 'version'").fetchone()
    return None if found is None else str(found[0])


if __name__ == "__main__":
    main()
