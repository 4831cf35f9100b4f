"""A real service over one dataset at a time: each becomes a published snapshot, the queries go in by HTTP."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from flask.testing import FlaskClient
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse
from werkzeug.test import TestResponse

from graph import provenance, search
from graph.build import publish
from graph.snapshot import DataDirectory, Snapshot
from graph.validate import Report
from server.app import create_app
from server.service import open_service
from server.settings import Settings
from tests.w3c.manifest import path_of

QUERY = "application/sparql-query"
_FORMATS = {".ttl": RdfFormat.TURTLE, ".rdf": RdfFormat.RDF_XML, ".nt": RdfFormat.N_TRIPLES}


@dataclass(frozen=True, slots=True)
class Dataset:
    """Files by their IRIs: those of the default graph, those that are a named graph each, and empty named graphs."""

    data: tuple[str, ...] = ()
    graphs: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()


class Endpoint:
    """A service whose snapshot is the dataset last asked; `client` speaks to it, `close()` ends its workers."""

    def __init__(self, folder: Path) -> None:
        """Start a service over an empty dataset, with its data directory in `folder`."""
        self._directory = DataDirectory(folder)
        self._dataset = Dataset()
        make_snapshot(self._directory, self._dataset)
        self._service = open_service(Settings(data_dir=folder, workers=1, timeout=30.0))
        self.client: FlaskClient = create_app(self._service).test_client()

    def ask(self, dataset: Dataset, query: bytes, accept: str) -> TestResponse:
        """POST `query` to the service over `dataset`."""
        self.turn_to(dataset)
        return self.client.post("/sparql", data=query, content_type=QUERY, headers={"Accept": accept})

    def read(self, dataset: Dataset, graph: str | None, accept: str) -> TestResponse:
        """GET a graph of `dataset` from the Graph Store, None for the default one."""
        self.turn_to(dataset)
        named = {"default": ""} if graph is None else {"graph": graph}
        return self.client.get("/graphs", query_string=named, headers={"Accept": accept})

    def turn_to(self, dataset: Dataset) -> None:
        """Publish `dataset`, unless it is the live one."""
        if dataset != self._dataset:
            make_snapshot(self._directory, dataset)
            self._dataset = dataset
            self._service._looked = 0.0  # a publish is otherwise seen half a second later: minutes over the suite

    def close(self) -> None:
        """End the service."""
        self._service.pool.close()


def make_snapshot(directory: DataDirectory, dataset: Dataset) -> Snapshot:
    """Publish `dataset` as `partnergraph load` would in separate mode, but for the shapes, which are not the W3C's."""
    with directory.writer():
        staging = directory.staging()
        store = Store(str(staging / "oxigraph"))
        store.extend(quads_of(dataset))
        for name in (*dataset.graphs, *dataset.empty):  # a named graph may be empty, and is there all the same
            store.add_graph(NamedNode(name))
        with closing(sqlite3.connect(staging / "index.sqlite")) as connection:
            provenance.write(connection, ())
            search.write(connection, store)
            connection.commit()
        (staging / "report.ttl").write_text("", encoding="utf-8")
        store.flush()
        del store
        return publish(directory, staging, Report((), ""), "load", "", mode="separate")


def quads_of(dataset: Dataset) -> Sequence[Quad]:
    """Give the statements of a dataset, each file's in its graph."""
    quads = [quad for iri in dataset.data for quad in statements(iri)]
    for iri in dataset.graphs:
        quads += [Quad(q.subject, q.predicate, q.object, NamedNode(iri)) for q in statements(iri)]
    return quads


def statements(iri: str) -> list[Quad]:
    """Give what a file of the W3C says, in the default graph, its blank nodes under names of their own."""
    path = path_of(iri)
    return list(parse(path=str(path), format=_FORMATS[path.suffix], base_iri=iri, rename_blank_nodes=True))
