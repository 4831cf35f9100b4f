"""How long a one-statement change takes, judged and published: `python -m tests.benchmarks.writes`.

On the graphs in `--data` (copies are changed), on that of an N-Quads file of `tests.benchmarks.synthesize` (`--file`),
both judged by the project's shapes of a partner, and with `--triples` on plain made-up graphs of these sizes, judged by
a shape of their own. What a change takes may grow with the graph by no more than the checkpoint does, which is
measured beside it.
"""

import argparse
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store

from graph import index, provenance, search
from graph.bare import ensure_bare
from graph.build import publish
from graph.change.request import Request
from graph.names import ONTOLOGY, PREFIXES
from graph.snapshot import DataDirectory
from graph.store import DEFAULT, with_union
from graph.validate import Report
from server.settings import Settings
from server.writer import Writer
from tests.benchmarks import report

_CHANGES, _WRITERS, _EACH = 20, 8, 10
_UPDATE = "INSERT DATA {{ GRAPH <https://example.org/bench> {{ {0} {1} {2} }} }}"
_IS = f"?s a <{ONTOLOGY}Partner>"
_PARTNER = f"SELECT ?s {{ {{ {_IS} }} UNION {{ GRAPH ?g {{ {_IS} }} }} }} LIMIT 1"
_SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> .
<x:shape> sh:targetSubjectsOf <https://example.org/p0> ;
sh:property [ sh:path <https://example.org/p0> ; sh:minCount 1 ; sh:nodeKind sh:Literal ] ."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, nargs="*", default=[], help="data directories; copies of them are changed")
    parser.add_argument("--file", type=Path, help="N-Quads of tests.benchmarks.synthesize, not packed")
    parser.add_argument("--triples", type=int, nargs="*", default=[], help="sizes of made-up graphs")
    parser.add_argument("--write", action="store_true", help="write the page of the benchmarks")
    options = parser.parse_args(arguments)
    lines = [
        "| graph | triples | checkpoint, ms | one change, ms | slowest, ms | changes/s, 8 writers | KiB each |",
        "|---|---|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        for number, given in enumerate(options.data):
            copy = Path(shutil.copytree(given, Path(folder) / f"data-{number}"))
            _tell(lines, measured(given.name, DataDirectory(copy)))
        if options.file:
            _tell(lines, measured("synthetic", from_file(Path(folder) / "synthetic", options.file)))
        for size in options.triples:
            _tell(lines, measured("made up", made_up(Path(folder) / str(size), size)))
    if options.write:
        report.write("writes", lines)
    return 0


def _tell(lines: list[str], row: str) -> None:
    """Keep a row, and print it as soon as it is known."""
    print(row, flush=True)
    lines.append(row)


def from_file(place: Path, file: Path) -> DataDirectory:
    """Publish the statements of a file, which conform, as `partnergraph load` would publish them."""
    data = DataDirectory(place)
    with data.writer():
        staging = data.staging()
        store = Store(str(staging / "oxigraph"))
        store.bulk_load(path=str(file), format=RdfFormat.N_QUADS)
        store.bulk_extend(quad for quad in with_union(store) if quad.graph_name == DEFAULT)
        store.optimize()
        with closing(sqlite3.connect(staging / index.FILE)) as connection:
            provenance.write(connection, ())
            search.write(connection, store)
            connection.commit()
        store.flush()
        del store
        (staging / "report.ttl").write_text("", encoding="utf-8")
        publish(data, staging, Report((), ""), "load", "")
    return data


def made_up(place: Path, triples: int) -> DataDirectory:
    """Publish a bare store of so many triples."""
    place.mkdir()
    (place / "shapes.ttl").write_text(_SHAPES, encoding="utf-8")
    data = DataDirectory(place / "data")
    base = ensure_bare(data, place / "shapes.ttl")
    with data.writer():
        staging = data.staging()
        store = Store(str(staging / "oxigraph"))
        store.bulk_extend(_quads(triples))
        store.flush()
        del store
        for name in ("index.sqlite", "shapes.ttl", "report.ttl"):
            shutil.copyfile(base.path / name, staging / name)
        publish(data, staging, Report((), ""), "bare", "", mode="separate", shapes="file")
    return data


def _quads(count: int) -> Iterator[Quad]:
    properties = [NamedNode(f"https://example.org/p{n}") for n in range(10)]
    for number in range(count // 10):
        subject = NamedNode(f"https://example.org/thing/{number}")
        for place, one in enumerate(properties):
            yield Quad(subject, one, Literal(number * 10 + place))


def measured(name: str, data: DataDirectory) -> str:
    """Give the row of one graph."""
    live = data.current()
    partner = next(iter(live.store.query(_PARTNER)), None)  # type: ignore[arg-type]
    subject = str(partner["s"]) if partner else "<https://example.org/s{0}>"
    predicate = f"<{PREFIXES['skos']}altLabel>" if partner else "<https://example.org/p0>"
    writer = Writer(Settings(data_dir=data.path, timeout=60.0, keep=1000), data, lambda: None)

    def change(number: int) -> float:
        began = time.perf_counter()
        text = _UPDATE.format(subject.format(number), predicate, f'"Another Name {number}"')
        writer.submit(Request("update", text.encode(), author="bench"))
        return time.perf_counter() - began

    change(0)  # the first one starts the process
    before = _held(data)
    taken = [change(number) for number in range(1, _CHANGES + 1)]
    each = (_held(data) - before) / _CHANGES / 1024
    began = time.perf_counter()
    with ThreadPoolExecutor(_WRITERS) as threads:
        list(threads.map(change, range(1000, 1000 + _WRITERS * _EACH)))
    rate = _WRITERS * _EACH / (time.perf_counter() - began)
    writer.close()
    checkpoint = _checkpoint(data)
    return (f"| {name} | {live.manifest.triples} | {checkpoint * 1000:.0f} | {statistics.median(taken) * 1000:.0f} | "
            f"{max(taken) * 1000:.0f} | {rate:.1f} | {each:.0f} |")  # fmt: skip


def _checkpoint(data: DataDirectory) -> float:
    """Give the seconds that a checkpoint and its opening take."""
    place = data.path / "checkpoint"
    live = data.current()
    began = time.perf_counter()
    live.store.backup(str(place))
    Store(str(place)).flush()
    taken = time.perf_counter() - began
    shutil.rmtree(place)
    return taken


def _held(data: DataDirectory) -> int:
    """Give the bytes that the versions hold, each file once."""
    found = {}
    for path in data.snapshots.rglob("*"):
        if path.is_file():
            told = path.stat()
            found[told.st_ino] = told.st_blocks * 512
    return sum(found.values())


if __name__ == "__main__":
    sys.exit(main())
