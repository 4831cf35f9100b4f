"""The W3C's update evaluation tests: what a store holds before and after a request, and the request, by HTTP.

A store that is served bare is filled by the Graph Store Protocol, changed, and read by it again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urldefrag

from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, Store, Triple, parse

from tests.w3c.comparison import same
from tests.w3c.endpoint import statements
from tests.w3c.manifest import (
    _RDF,
    _RDFS,
    MF,

    Term,
    _list,
    _objects,
    _only,
    _read,
    _text,
    path_of,
    root,
)

UT: Final = "http://www.w3.org/2009/sparql/tests/test-update#"
AUTHORITY: Final = {"Authorization": "Bearer a-word-for-tests"}
Graphs = tuple[tuple[str, tuple[str, ...]], ...]  # name ("" for the default graph), files


@dataclass(frozen=True, slots=True)
class UpdateEntry:
    """One test: the files of each graph before and after, and the request."""

    id: str
    request: str
    before: Graphs
    after: Graphs


def update_entries() -> list[UpdateEntry]:
    """Give every update evaluation test of SPARQL 1.1, in the order of the folders."""
    return [entry for path in sorted((root() / "sparql11").glob("*/manifest.ttl")) for entry in _of(path)]


def _of(path: object) -> Iterator[UpdateEntry]:
    store = _read(path)  # type: ignore[arg-type]
    for test in _list(store, _only(store, None, MF + "entries")):
        kind = _text(_only(store, test, _RDF + "type")).removeprefix(MF).removeprefix(UT)
        if kind == "UpdateEvaluationTest":
            action, result = _only(store, test, MF + "action"), _only(store, test, MF + "result")
            name = f"{path.parent.name}/{urldefrag(_text(test)).fragment}"  # type: ignore[attr-defined]
            request = _text(_only(store, action, UT + "request"))
            yield UpdateEntry(name, request, _graphs(store, action), _graphs(store, result))


def _graphs(store: Store, node: Term | None) -> Graphs:
    found: dict[str, tuple[str, ...]] = {"": tuple(_text(t) for t in _objects(store, node, UT + "data"))}
    for one in _objects(store, node, UT + "graphData"):
        label = _text(_only(store, one, _RDFS + "label"))
        file = _only(store, one, UT + "graph") or _only(store, one, UT + "data")
        found[label or _text(file)] = (_text(file),)
    return tuple(sorted(found.items()))


def run(entry: UpdateEntry, client: FlaskClient) -> str:
    """Fill the store, send the request, and say how what it holds differs from what is expected ("": not at all)."""
    cleared = client.post("/update", data="DROP ALL", content_type="application/sparql-update", headers=AUTHORITY)
    assert cleared.status_code == 200, cleared.text
    for name, files in entry.before:
        body = _document(files)
        named = {"graph": name} if name else {"default": ""}
        put = client.put("/graphs", query_string=named, data=body, content_type="application/n-triples",
                         headers=AUTHORITY)  # fmt: skip
        assert put.status_code in (200, 201), put.text
    text = f"BASE <{entry.request}>\n".encode() + path_of(entry.request).read_bytes()
    answer = client.post("/update", data=text, content_type="application/sparql-update", headers=AUTHORITY)
    if answer.status_code != 200:
        return f"{answer.status_code} {answer.json['detail']}"
    expected = {name: frozenset(_triples(files)) for name, files in entry.after if _triples(files)}
    held = _held(client)
    if set(held) != set(expected):
        return f"graphs {sorted(held)}, expected {sorted(expected)}"
    wrong = [name for name in held if not same(expected[name], held[name], by_value=True)]
    return f"graphs {wrong} differ: {[sorted(map(str, held[name])) for name in wrong]}" if wrong else ""


def _held(client: FlaskClient) -> dict[str, frozenset[Triple]]:
    names = client.post("/sparql", data="SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }",
                        content_type="application/sparql-query", headers={"Accept": "text/csv"}).text.split()[1:]  # fmt: skip
    found = {}
    for name in ("", *names):
        named = {"graph": name} if name else {"default": ""}
        text = client.get("/graphs", query_string=named, headers={"Accept": "application/n-triples"}).data
        triples = frozenset(q.triple for q in parse(text, format=RdfFormat.N_TRIPLES))
        if triples:
            found[name] = triples
    return found


def _triples(files: tuple[str, ...]) -> set[Triple]:
    return {quad.triple for file in files if file for quad in statements(file)}


def _document(files: tuple[str, ...]) -> bytes:
    return "".join(f"{s} .\n" for s in sorted(map(str, _triples(files)))).encode()


